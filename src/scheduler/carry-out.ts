import type { BotError } from '../domain/error.ts';
import type { RunningService } from '../operations/serve.ts';
import { SCHEDULE } from './actor.ts';

interface Due {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What stands as the command, and as the reason. */
  readonly why: readonly [command: string, reason: string];
  /** The same again is the same request. */
  readonly dedupe: string;
  /** Where its card stands; where left out or null it has none, unless it is stuck. */
  readonly channel?: string | null;
}

/** Asks for a change and gives its plan the word, as the schedule. Answers with why it was refused; null when it is on its way, or waits for approval. */
export async function carryOut(
  service: RunningService,
  { name, input, why, dedupe, channel = null }: Due,
): Promise<BotError | null> {
  const [command, reason] = why;
  const asked = await service.request({
    name,
    input,
    actor: SCHEDULE,
    channelTeam: null,
    origin: { via: 'schedule', channel, command },
    options: { reason },
    dedupe,
  });
  if (asked.kind === 'refused') return asked.error;
  if (asked.kind === 'operation' && asked.row.state === 'planned')
    await service.press({ press: { do: 'wait', op: asked.row.id, digest: asked.row.digest }, actor: SCHEDULE });
  return null;
}
