import { messageContent } from '../api/message-content.ts';
import { SlackError } from '../api/method.ts';
import { asText, type Json } from '../json.ts';
import type { World } from '../world.ts';
import type { ResponseTarget } from './response-urls.ts';

const TEXT_CHARS = 40_000;

const isTrue = (value: unknown): boolean => value === true || value === 'true';

/** Does what an answer to a response_url, or in the ack of a command, says. Throws SlackError on bad content. */
export const applyResponse = (world: World, target: ResponseTarget, answer: Json): void => {
  const { original } = target;
  if (isTrue(answer.delete_original)) {
    if (original) world.messages.remove(original);
    return;
  }
  const content = messageContent(world, answer, { textLimit: TEXT_CHARS, limitTotal: false });
  // what a command showed can't be replaced through its own response_url: there is no original (bolt-python#1268)
  if (isTrue(answer.replace_original) && original) {
    world.messages.edit(original, { ...content, files: original.files });
    return;
  }
  const threadTs = asText(answer.thread_ts) ?? (original?.ephemeralTo ? original.threadTs : undefined);
  world.messages.post({
    ...content,
    channel: target.channel,
    user: world.app.botUserId,
    fromApp: true,
    ...(answer.response_type === 'in_channel' ? {} : { ephemeralTo: target.user }),
    ...(threadTs === undefined ? {} : { threadTs }),
  });
};

/** One POST to a response_url: HTTP status and body as Slack gives them. */
export const answerResponseUrl = (world: World, path: string, answer: Json): { status: number; body: string } => {
  const use = world.responseUrls.use(path);
  if (!use.ok) return { status: 404, body: use.error };
  try {
    applyResponse(world, use.target, answer);
    return { status: 200, body: 'ok' };
  } catch (cause) {
    if (cause instanceof SlackError) return { status: 400, body: cause.code };
    throw cause;
  }
};
