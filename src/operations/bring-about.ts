import { BotError } from '../domain/error.ts';
import type { CallResult, Clock, Fleet, HostCall, Ran } from './ports.ts';
import type { Seen, Step, Undo, Wait } from './step.ts';

/** What came of a step or its undo. `unknown`: the host did not say, for as long as we were willing to ask. */
export type Outcome =
  | { readonly outcome: 'done'; readonly output: unknown; readonly ran: readonly Ran[] }
  | {
      readonly outcome: 'failed';
      readonly error: BotError;
      readonly ran: readonly Ran[];
      /** The host was never reached: there is nothing to take back, and nobody has to wait for it. */
      readonly untouched?: true;
    }
  | { readonly outcome: 'unknown'; readonly error: BotError; readonly ran: readonly Ran[] };

export interface BringAboutDeps {
  readonly fleet: Fleet;
  readonly clock: Clock;
  /** How long a silent host is asked before the outcome stays unknown. Milliseconds. */
  readonly unknownMs: number;
  /** The bot is stopping: the step stays open in the journal, and the next start looks. */
  readonly stopping: AbortSignal;
  /** Somebody asked to cancel: waits end early. */
  readonly cancelled: () => boolean;
}

/** Thrown through a saga when the bot stops: nothing is written, the journal tells the next start. */
export class Stopping extends Error {
  override readonly name = 'Stopping';
}

const ATTEMPTS = 3;
/** Pause between looks at a host that doesn't answer. */
const SILENT_EVERY_MS = 2_000;

/**
 * Brings the step's state about. `resumed` says that an earlier try may have acted already: then the host is looked at first.
 * `given` is what came of its act, where that went to the host together with others'.
 */
export async function bringAbout(
  step: Step,
  resumed: boolean,
  deps: BringAboutDeps,
  given?: CallResult<unknown>,
): Promise<Outcome> {
  if (step.act === null)
    return waitUntil({ host: step.host, look: step.look, wait: step.wait ?? NO_WAIT, call: null }, [], deps);
  if (resumed && given === undefined) {
    const seen = await lookUntilAnswered(step.host, step.look, deps);
    if (seen.outcome !== 'done') return seen;
    if (seen.value.state === 'done') return { outcome: 'done', output: seen.value.output, ran: [] };
    if (seen.value.state === 'foreign') return foreign(seen.value.what, []);
    if (seen.value.state === 'under-way' && step.wait !== undefined)
      return waitUntil({ host: step.host, look: step.look, wait: step.wait, call: step.act }, [], deps);
  }
  const again = step.undo === 'no-way-back';
  return act(
    {
      host: step.host,
      call: resumed && given === undefined ? (step.anew ?? step.act) : step.act,
      anew: step.anew ?? step.act,
      look: step.look,
      wait: step.wait,
      again,
      first: !resumed || given !== undefined,
      given,
    },
    deps,
  );
}

/** Takes the step back. What isn't there, or isn't ours, counts as taken back. */
export async function takeBack(step: Step, undo: Undo, deps: BringAboutDeps): Promise<Outcome> {
  const gone: HostCall<Seen> = {
    ...undo.look,
    parse: (ran) => {
      const seen = undo.look.parse(ran);
      return seen.state === 'done' || seen.state === 'under-way' ? { state: 'absent' } : { state: 'done' };
    },
  };
  const { mayStillCome } = undo;
  if (mayStillCome !== undefined) {
    const wait: Wait = { ...mayStillCome, late: 'go-on' };
    await waitUntil({ host: step.host, look: mayStillCome.look, wait, call: null }, [], {
      ...deps,
      cancelled: () => false,
    });
  }
  let last: Outcome = { outcome: 'failed', error: new BotError('bug', 'An undo was never tried'), ran: [] };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    last = await act(
      { host: step.host, call: undo.act, anew: undo.act, look: gone, wait: undo.wait, again: false, first: false },
      { ...deps, cancelled: () => false },
    );
    if (last.outcome !== 'failed') return last;
    if (last.error.code === 'host_unreachable') {
      const seen = await lookUntilAnswered(step.host, gone, deps);
      if (seen.outcome !== 'done') return { ...seen, ran: last.ran };
      if (seen.value.state === 'done') return { outcome: 'done', output: undefined, ran: last.ran };
    }
    if (attempt < ATTEMPTS) await pause(SILENT_EVERY_MS / 4, deps);
  }
  return last;
}

const NO_WAIT: Wait = { forMs: 0, everyMs: 1000, late: 'go-on' };

interface Act {
  readonly host: string;
  readonly call: HostCall<unknown>;
  /** What is given after the first try, which may have done a part. */
  readonly anew: HostCall<unknown>;
  readonly look: HostCall<Seen>;
  readonly wait: Wait | undefined;
  /** Try again when the host refuses: there is no way back, so a passing fault should not leave it stuck. */
  readonly again: boolean;
  /** Nobody has tried it before. */
  readonly first: boolean;
  /** What came of the first try, where it was made already. */
  readonly given?: CallResult<unknown> | undefined;
}

async function act({ host, call, anew, look, wait, again, first, given }: Act, deps: BringAboutDeps): Promise<Outcome> {
  let ran: readonly Ran[] = [];
  let last = new BotError('outcome_unknown', `${call.title}: the host did not say how it ended`);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const now = attempt === 1 ? call : anew;
    const result = attempt === 1 && given !== undefined ? given : await deps.fleet.run(host, now, { lane: 'change' });
    ran = [...ran, ...result.ran];
    if (deps.stopping.aborted && result.outcome === 'unknown') throw new Stopping();
    if (result.outcome === 'done') {
      if (wait !== undefined) return waitUntil({ host, look, wait, call }, ran, deps);
      return { outcome: 'done', output: result.value, ran };
    }
    last = result.error;
    if (result.outcome === 'failed' && result.error.code === 'host_unreachable')
      return { outcome: 'failed', error: last, ran, ...(first && attempt === 1 ? { untouched: true } : {}) };
    const seen = await lookUntilAnswered(host, look, deps);
    if (seen.outcome !== 'done') return { outcome: 'unknown', error: last, ran };
    if (seen.value.state === 'done') return { outcome: 'done', output: seen.value.output, ran };
    if (seen.value.state === 'foreign') return foreign(seen.value.what, ran);
    if (seen.value.state === 'under-way' && wait !== undefined) return waitUntil({ host, look, wait, call }, ran, deps);
    if (result.outcome === 'failed' && !again) return { outcome: 'failed', error: last, ran };
    if (result.outcome === 'failed' && attempt < ATTEMPTS) await pause(SILENT_EVERY_MS, deps);
    // Unknown, and nothing of it is there: the call may be given again, for acts bear it.
  }
  return { outcome: 'failed', error: last, ran };
}

interface Waiting {
  readonly host: string;
  readonly look: HostCall<Seen>;
  readonly wait: Wait;
  /** What is given again where the wait says so; null where there is nothing to give. */
  readonly call: HostCall<unknown> | null;
}

async function waitUntil(
  { host, look, wait, call }: Waiting,
  before: readonly Ran[],
  deps: BringAboutDeps,
): Promise<Outcome> {
  let ran = before;
  let asked = deps.clock.now();
  const until = deps.clock.now() + wait.forMs;
  for (;;) {
    const result = await deps.fleet.run(host, look, { lane: 'read' });
    if (result.outcome === 'done') {
      if (result.value.state === 'done') return { outcome: 'done', output: result.value.output, ran };
      if (result.value.state === 'foreign') return foreign(result.value.what, ran);
      if (result.value.state === 'failed')
        return { outcome: 'failed', error: new BotError('host_fault', result.value.what), ran };
    }
    if (deps.stopping.aborted) throw new Stopping();
    if (deps.cancelled())
      return { outcome: 'failed', error: new BotError('cancelled', 'It was cancelled while waiting'), ran };
    if (deps.clock.now() >= until) {
      if (result.outcome !== 'done') return { outcome: 'unknown', error: result.error, ran };
      if (wait.late === 'go-on') return { outcome: 'done', output: null, ran };
      return {
        outcome: 'failed',
        error: new BotError('wrong_state', lateMessage(wait.late.message, result.value), { hint: wait.late.hint }),
        ran,
      };
    }
    await pause(wait.everyMs, deps);
    if (call === null || wait.askAgainMs === undefined || deps.clock.now() - asked < wait.askAgainMs) continue;
    // Its own answer tells nothing: the look does.
    const again = await deps.fleet.run(host, call, { lane: 'change' });
    ran = [...ran, ...again.ran];
    asked = deps.clock.now();
  }
}

function lateMessage(message: string, seen: Seen): string {
  return seen.state === 'absent' && seen.why !== undefined ? `${message}: ${seen.why}` : message;
}

/** Looks until the host answers, or for as long as the config allows. */
async function lookUntilAnswered(
  host: string,
  look: HostCall<Seen>,
  deps: BringAboutDeps,
): Promise<Extract<CallResult<Seen>, { outcome: 'done' }> | Extract<Outcome, { outcome: 'unknown' | 'failed' }>> {
  const until = deps.clock.now() + deps.unknownMs;
  for (;;) {
    const result = await deps.fleet.run(host, look, { lane: 'read' });
    if (result.outcome === 'done') return result;
    if (deps.stopping.aborted) throw new Stopping();
    if (deps.clock.now() >= until) return { outcome: 'unknown', error: result.error, ran: [] };
    await pause(SILENT_EVERY_MS, deps);
  }
}

function foreign(what: string, ran: readonly Ran[]): Outcome {
  return {
    outcome: 'failed',
    error: new BotError('already_exists', `${what} is there already, and this operation did not make it`, {
      hint: 'Nothing of it was touched. Have an admin look at the host, or take another name.',
    }),
    ran,
  };
}

async function pause(ms: number, deps: BringAboutDeps): Promise<void> {
  await deps.clock.sleep(ms, deps.stopping);
  if (deps.stopping.aborted) throw new Stopping();
}
