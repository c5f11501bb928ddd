/** From how a script ended to the three results of a call: done, failed, unknown. */
import { BotError, type CommandFailure } from '../../domain/error.ts';
import type { CallResult, HostCall, Ran } from '../../operations/ports.ts';
import type { Lane } from './channels.ts';
import { diagnose, lastLines, wasTimedOut } from './diagnose.ts';
import type { Executed } from './exec.ts';

export interface Asked<T> {
  readonly host: string;
  readonly call: HostCall<T>;
  readonly lane: Lane;
  /** Bytes that it might answer. */
  readonly outputLimit: number;
}

/** The same for calls that went in one script: a result for each, up to and with the first that isn't done. */
export function callResults(
  asked: Omit<Asked<unknown>, 'call'>,
  calls: readonly HostCall<unknown>[],
  { end, answer }: Executed,
): CallResult<unknown>[] {
  const results: CallResult<unknown>[] = [];
  let from = 0;
  for (const [index, call] of calls.entries()) {
    const ran = answer.ran.slice(from, from + call.commands.length);
    from += call.commands.length;
    // What became of the script behind a call that came to its end tells nothing of that call.
    const over = index < calls.length - 1 && ran.length === call.commands.length && ran.at(-1)?.exit !== null;
    const part: Executed = over
      ? { end: { kind: 'ended', exit: 0 }, answer: { ran, complete: true } }
      : { end, answer: { ...answer, ran } };
    const result = callResult({ ...asked, call }, part);
    results.push(result);
    if (result.outcome !== 'done') break;
  }
  return results;
}

const LOOK_FIRST = 'It may have happened, wholly or in part: Hostler looks at the host before it goes on.';

/** The result. Never throws: what `parse` throws is `host_fault`. */
export function callResult<T>(asked: Asked<T>, { end, answer }: Executed): CallResult<T> {
  const { host, call } = asked;
  const { ran } = answer;
  const unknown = (why: string): CallResult<T> => ({
    outcome: 'unknown',
    error: new BotError('outcome_unknown', `${call.title}: ${why}`, {
      hint: LOOK_FIRST,
      command: failureOf(host, ran.at(-1)),
    }),
    ran,
  });
  switch (end.kind) {
    case 'not-started':
      return failed(
        new BotError('host_unreachable', `Host ${host} opened no channel: ${end.why}`, { hint: channelHint(end.why) }),
      );
    case 'cut':
      return unknown(`the link to ${host} was cut before the answer was whole`);
    case 'deadline':
      return unknown(`no answer came from ${host} in time`);
    case 'aborted':
      return unknown(`given up while it ran on ${host}`);
    case 'output': {
      const why = `${host} answered more than the ${mebibytes(asked.outputLimit)} that a call may`;
      return asked.lane === 'change'
        ? unknown(why)
        : failed(new BotError('host_fault', `${call.title} failed: ${why}`), ran);
    }
    case 'ended':
      if (!answer.complete) {
        return ran.length === 0 ? failed(noShell(host, end.exit)) : unknown(`the shell on ${host} ended early`);
      }
  }
  const last = ran.at(-1);
  const stopped = last !== undefined && last.exit !== 0 && call.commands[ran.length - 1]?.onFailure !== 'go-on';
  if (stopped) {
    // What a client asked of a daemon goes on when the client is ended.
    if (asked.lane === 'change' && wasTimedOut(last.exit)) return unknown(`on ${host} ${diagnose(last).say}`);
    return failed(commandError(asked, last), ran);
  }
  try {
    return { outcome: 'done', value: call.parse(ran), ran };
  } catch (cause) {
    return failed(unreadable(asked, cause), ran);
  }
}

/** A call that ended without running, or whose answer says no. */
export function failed<T>(error: BotError, ran: readonly Ran[] = []): CallResult<T> {
  return { outcome: 'failed', error, ran };
}

function commandError<T>({ host, call }: Asked<T>, last: Ran): BotError {
  const { say, hint } = diagnose(last);
  return new BotError('host_fault', `${call.title} failed on ${host}: ${say}`, {
    hint,
    command: failureOf(host, last),
  });
}

function failureOf(host: string, ran: Ran | undefined): CommandFailure | undefined {
  return ran && { host, command: ran.line, exit: ran.exit, lastLines: lastLines(ran) };
}

function unreadable<T>({ host, call }: Asked<T>, cause: unknown): BotError {
  if (cause instanceof BotError) return cause;
  return new BotError('host_fault', `${call.title}: the answer of ${host} can't be read`, {
    hint: 'The host may run a version that Hostler does not know: see the log, and tell the maintainers.',
    cause,
  });
}

function noShell(host: string, exit: number): BotError {
  return new BotError('host_fault', `Host ${host} let us in but ran nothing: its shell ended with ${exit}`, {
    hint: "Hostler's user there needs a login shell that runs commands (not nologin), no ForceCommand, and `/bin/sh`.",
  });
}

/** Whether the host refused a channel, as sshd does over `MaxSessions`. */
export function isRefusal(why: string): boolean {
  return /open failed/i.test(why);
}

function channelHint(why: string): string | undefined {
  if (!isRefusal(why)) return undefined;
  return 'sshd allows fewer sessions a connection (`MaxSessions`) than Hostler uses: lower `channels` for that host.';
}

function mebibytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${Math.round(bytes / 1024 / 1024)} MiB`;
}
