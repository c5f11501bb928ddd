import { BotError, type ErrorCode, errorRecord } from '../domain/error.ts';
import type { OperationState } from '../domain/plan.ts';

/** What a script reads off the exit code. They are fixed. */
export const EXIT = {
  done: 0,
  /** Failed, stuck, unknown, cancelled. */
  failed: 1,
  /** Bad usage or configuration. */
  usage: 2,
  /** Permission, quota, no capacity, policy, denied. */
  refused: 3,
  hostUnreachable: 4,
  /** Somebody holds it, or an approval is pending. EX_TEMPFAIL of sysexits(3). */
  tryAgain: 75,
  /** Left with Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  invalid_input: EXIT.usage,
  invalid_config: EXIT.usage,
  forbidden: EXIT.refused,
  not_found: EXIT.failed,
  already_exists: EXIT.failed,
  wrong_state: EXIT.failed,
  conflict: EXIT.tryAgain,
  quota_exceeded: EXIT.refused,
  no_capacity: EXIT.refused,
  host_unreachable: EXIT.hostUnreachable,
  host_fault: EXIT.failed,
  outcome_unknown: EXIT.failed,
  cancelled: EXIT.failed,
  bug: EXIT.failed,
};

export function exitOfError(error: BotError): number {
  return BY_CODE[error.code];
}

/** How an operation that came so far ends a script. One that a silent host made fail is told apart from other failures. */
export function exitOfState(state: OperationState, code: ErrorCode | null): number {
  switch (state) {
    case 'succeeded':
      return EXIT.done;
    case 'denied':
      return EXIT.refused;
    case 'superseded':
    case 'planned':
    case 'awaiting_approval':
    case 'queued':
      return EXIT.tryAgain;
    case 'failed':
      return code === 'host_unreachable' ? EXIT.hostUnreachable : EXIT.failed;
    default:
      return EXIT.failed;
  }
}

/** `{"error":{"code","message","hint"}}`: what stands alone on stdout under `--json`. */
export function errorDocument(error: BotError): { error: { code: string; message: string; hint: string | null } } {
  const { code, message, hint } = errorRecord(error);
  return { error: { code, message, hint: hint ?? null } };
}

/** The same for people, on stderr. Only to be printed through `plain`: a host's words may be in it. */
export function errorText(error: BotError): string {
  const { command } = error;
  return [
    `hostler: ${error.message}`,
    ...(error.hint === undefined ? [] : [`  → ${error.hint}`]),
    ...(command === undefined
      ? []
      : [`  ${command.host}$ ${command.command}`, ...command.lastLines.split('\n').map((line) => `  ${line}`)]),
  ].join('\n');
}

/** `no terminal and no --yes` for a change. */
export function needsYes(): BotError {
  return new BotError('invalid_input', 'A change needs a yes, and there is no terminal to ask', {
    hint: 'Add --yes, or look at the plan alone with --dry-run.',
  });
}
