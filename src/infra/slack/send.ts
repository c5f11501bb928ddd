import type { types, webApi } from '@slack/bolt';
import { type CallFailure, callFailure } from './call-error.ts';

/** What to say, in blocks and in words. */
export interface Saying {
  readonly text: string;
  readonly blocks: readonly types.KnownBlock[];
}

/** Where it stands now, or why not. */
export type Sent =
  | { readonly ok: true; readonly channel: string; readonly ts: string }
  | { readonly ok: false; readonly failure: CallFailure };

/** Slack doesn't like the blocks: then the words alone must do. */
const BAD_BLOCKS = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long', 'block_mismatch'];

/** Posts a message, or a reply under `threadTs`; in words where Slack refuses its blocks, in the channel where the thread is gone. */
export async function postMessage(
  client: webApi.WebClient,
  channel: string,
  saying: Saying,
  threadTs: string | null,
): Promise<Sent> {
  const post = (blocks: readonly types.KnownBlock[], thread: string | null): Promise<Sent> =>
    attempt(() =>
      client.chat.postMessage({
        channel,
        text: saying.text,
        unfurl_links: false,
        unfurl_media: false,
        ...(blocks.length === 0 ? {} : { blocks: [...blocks] }),
        ...(thread === null ? {} : { thread_ts: thread }),
      }),
    );
  let sent = await post(saying.blocks, threadTs);
  if (refused(sent, ['thread_not_found', 'message_not_found'])) sent = await post(saying.blocks, null);
  if (refused(sent, BAD_BLOCKS)) sent = await post([], threadTs);
  return sent;
}

/** Edits a message; in words where Slack refuses its blocks. */
export async function updateMessage(
  client: webApi.WebClient,
  channel: string,
  ts: string,
  saying: Saying,
): Promise<Sent> {
  const update = (blocks: readonly types.KnownBlock[]): Promise<Sent> =>
    attempt(() => client.chat.update({ channel, ts, text: saying.text, blocks: [...blocks] }));
  const sent = await update(saying.blocks);
  return refused(sent, BAD_BLOCKS) ? await update([]) : sent;
}

async function attempt(call: () => Promise<{ channel?: string; ts?: string }>): Promise<Sent> {
  try {
    const { channel, ts } = await call();
    if (channel === undefined || ts === undefined) throw new Error('Slack’s answer names no message');
    return { ok: true, channel, ts };
  } catch (cause) {
    return { ok: false, failure: callFailure(cause) };
  }
}

function refused(sent: Sent, codes: readonly string[]): boolean {
  return !sent.ok && sent.failure.kind === 'refused' && codes.includes(sent.failure.code);
}
