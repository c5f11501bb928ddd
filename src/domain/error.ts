/** Every way in which something can go wrong, as people, scripts and runbooks know it. Append only. */
export const ERROR_CODES = [
  'invalid_input',
  'invalid_config',
  'forbidden',
  'not_found',
  'already_exists',
  'wrong_state',
  'conflict',
  'quota_exceeded',
  'no_capacity',
  'host_unreachable',
  'host_fault',
  'outcome_unknown',
  'cancelled',
  'bug',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a host answered to a command that it refused: shown to people as it is. */
export interface CommandFailure {
  readonly host: string;
  /** The command line as it ran. */
  readonly command: string;
  /** Exit code; null when a signal or the link ended it. */
  readonly exit: number | null;
  /** The last lines of stderr (of stdout where stderr is empty). */
  readonly lastLines: string;
}

export interface BotErrorOptions {
  /** What to type or do instead. One sentence. */
  readonly hint?: string | undefined;
  /** The input that was wrong, where one was. */
  readonly field?: string | undefined;
  readonly command?: CommandFailure | undefined;
  readonly cause?: unknown;
}

/**
 * The one error shape. `message` names the act and the thing and is safe to show; what isn't goes into `cause`, for the log.
 */
export class BotError extends Error {
  override readonly name = 'BotError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  readonly command: CommandFailure | undefined;

  constructor(code: ErrorCode, message: string, options: BotErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.field = options.field;
    this.command = options.command;
  }
}

/** A BotError stays what it is; all else is a bug of ours, told without its inside. */
export function asBotError(cause: unknown): BotError {
  if (cause instanceof BotError) return cause;
  return new BotError('bug', 'Something in Hostler itself went wrong', {
    hint: 'Tell the admins: the log says more. What had begun stands in its operation’s journal, and is not lost.',
    cause,
  });
}

/** The error as rows and JSON hold it. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly field?: string;
  readonly command?: CommandFailure;
}

export function errorRecord(error: BotError): ErrorRecord {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.command === undefined ? {} : { command: error.command }),
  };
}

export function errorFromRecord(record: ErrorRecord): BotError {
  return new BotError(record.code, record.message, record);
}
