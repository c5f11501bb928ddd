import type { types, webApi } from '@slack/bolt';
import type { Notice } from '../domain/notice.ts';
import type { Asker, HandlerDeps } from './deps.ts';

/** Says it to the asker alone: by the response_url, else in the channel, else as a direct message. Never rejects. */
export async function whisper(asker: Asker, notice: Notice, deps: HandlerDeps): Promise<void> {
  const { blocks, text } = deps.draw(notice);
  const { client, user, channel, responseUrl } = asker;
  // The looks are given up before the place: what Slack refuses in one place it refuses there again.
  const here = (shown: types.KnownBlock[]) => [
    ...(responseUrl === null ? [] : [() => respond(responseUrl, text, shown)]),
    ...(channel === null ? [] : [() => client.chat.postEphemeral({ channel, user, text, ...withBlocks(shown) })]),
  ];
  const ways: (() => Promise<unknown>)[] = [
    ...here(blocks),
    ...here([]),
    () => direct(client, user, text, blocks),
    () => direct(client, user, text, []),
  ];
  for (const way of ways) {
    try {
      await way();
      return;
    } catch (cause) {
      deps.log.debug('an answer took another way', { cause: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  deps.log.warn('an answer could not be given', { user, channel });
}

async function respond(url: string, text: string, blocks: types.KnownBlock[]): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({
      response_type: 'ephemeral',
      replace_original: false,
      text,
      ...withBlocks(blocks),
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`response_url: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
}

async function direct(client: webApi.WebClient, user: string, text: string, blocks: types.KnownBlock[]): Promise<void> {
  const { channel } = await client.conversations.open({ users: user });
  if (channel?.id === undefined) throw new Error('conversations.open gave no channel');
  await client.chat.postMessage({ channel: channel.id, text, ...withBlocks(blocks) });
}

function withBlocks(blocks: types.KnownBlock[]): { blocks?: types.KnownBlock[] } {
  return blocks.length === 0 ? {} : { blocks };
}
