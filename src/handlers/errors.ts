import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import { asBotError } from '../domain/error.ts';
import { refusal } from '../operations/card.ts';
import type { HandlerDeps } from './deps.ts';
import { whisper } from './whisper.ts';

/** What Bolt tells an extended error handler, as far as it's needed here. */
interface Failed {
  readonly error: Error;
  readonly body: unknown;
}

const Body = z.looseObject({
  event: z.looseObject({ user: z.string().optional() }).optional(),
  user_id: z.string().optional(),
  user: z.union([z.string(), z.looseObject({ id: z.string() })]).optional(),
  channel_id: z.string().optional(),
  channel: z.looseObject({ id: z.string() }).optional(),
  response_url: z.string().optional(),
});

/** The one catch at the edge: what went wrong is in the log, and the one who asked is told, with what to do. */
export function onError(client: webApi.WebClient, deps: HandlerDeps): (args: Failed) => Promise<void> {
  return async ({ error, body }) => {
    const original: unknown = 'original' in error && error.original !== undefined ? error.original : error;
    const told = asBotError(original);
    const id = deps.faultId();
    if (told.code === 'bug') {
      deps.log.error('a handler failed', {
        fault: id,
        cause: original instanceof Error ? (original.stack ?? original.message) : String(original),
      });
    }
    const seen = Body.safeParse(body);
    if (!seen.success) return;
    const { user_id: userId, user, event, channel_id: channelId, channel, response_url: responseUrl } = seen.data;
    const who = userId ?? (typeof user === 'string' ? user : user?.id) ?? event?.user;
    if (who === undefined) return;
    const notice = refusal(told);
    const asker = {
      user: who,
      channel: channelId ?? channel?.id ?? null,
      channelName: undefined,
      client,
      responseUrl: responseUrl ?? null,
      triggerId: null,
    };
    await whisper(asker, told.code === 'bug' ? { ...notice, footer: `bug · ${id}` } : notice, deps);
  };
}
