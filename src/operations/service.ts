import type { Actor } from '../domain/access.ts';
import type { BotError } from '../domain/error.ts';
import type { Notice, Press } from '../domain/notice.ts';
import type { Operation } from './spec.ts';
import type { OperationRow, Origin } from './store.ts';

/** What the edges (Slack, terminal, clock) ask of the operations floor; `service()` in `serve.ts` makes one. */
export interface Service {
  readonly catalog: readonly Operation[];
  /** Reads at once, or makes a plan. A change's answer is its operation, drawn from rows by `card`. Never throws: refusals are answers. */
  readonly request: (request: Request) => Promise<Answer>;
  /** A button. Compare-and-set on the rows: a double click is the same press. */
  readonly press: (press: PressRequest) => Promise<Answer>;
  /** The operation's card, as it is now. Null when there is no such operation. */
  readonly card: (operationId: string) => Notice | null;
  /** Resolves when the operation has ended, or waits for somebody (`until: 'pause'`); `onChange` after each change of its rows. */
  readonly follow: (
    operationId: string,
    until: 'end' | 'pause',
    options?: { readonly onChange?: (row: OperationRow) => void; readonly signal?: AbortSignal },
  ) => Promise<OperationRow>;
  /** Each step's commands, as they ran or as they would, with what they said. Null when there is no such operation. */
  readonly commandsOf: (operationId: string) => readonly StepCommands[] | null;
  /** Somebody has opened Hostler's Home or messages: the first time they are welcomed, by direct message. */
  readonly greet: (actor: Actor) => void;
  /** A command that couldn't be read: the attempt goes into the audit, the refusal to the one who typed it. */
  readonly misread: (attempt: Misread) => Extract<Answer, { readonly kind: 'refused' }>;
  /** What a field may be, for selects, type-ahead and completion; at most `most`, those that hold `text`. */
  readonly choices: (
    field: { readonly choices: string; readonly actor: Actor; readonly team: string | null },
    text: string,
    most: number,
  ) => readonly { readonly value: string; readonly label: string }[];
}

/** What one step does on its host. */
export interface StepCommands {
  readonly title: string;
  readonly host: string;
  /** `$ command`, then its output and how it ended. */
  readonly lines: readonly string[];
}

/** Something typed that names no operation, or gives it arguments that it hasn't. */
export interface Misread {
  readonly error: BotError;
  readonly actor: Actor;
  readonly channelTeam: string | null;
  readonly origin: Origin;
}

export interface Request {
  /** The operation's name in the catalog. */
  readonly name: string;
  /** Field → value as given: text, or what a modal's element holds. Checked against the operation's input. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  /** The team that the channel belongs to; null elsewhere. A `--team` in `options` wins. */
  readonly channelTeam: string | null;
  readonly origin: Origin;
  readonly options: RequestOptions;
  /** The same key again is the same request: envelope id, view id. */
  readonly dedupe: string | null;
}

export interface RequestOptions {
  readonly team?: string;
  readonly reason?: string;
  /** Plan only: nothing is kept. */
  readonly dryRun?: boolean;
  /** Wait for locks that somebody holds. */
  readonly wait?: boolean;
  /** Across all teams, for those who may. */
  readonly all?: boolean;
  /** As last seen, without asking the hosts anew. */
  readonly asSeen?: boolean;
}

export interface PressRequest {
  readonly press: Exclude<Extract<Press, { readonly op: string }>, { readonly do: 'commands' }>;
  readonly actor: Actor;
}

export type Answer =
  | { readonly kind: 'reading'; readonly notice: Notice; readonly json: unknown }
  | { readonly kind: 'operation'; readonly row: OperationRow }
  /** `--dry-run`: the plan as a notice; no row. */
  | { readonly kind: 'dry-run'; readonly notice: Notice; readonly json: unknown }
  | { readonly kind: 'refused'; readonly error: BotError; readonly notice: Notice }
  /** Input is missing: the modal should ask for these fields. */
  | {
      readonly kind: 'ask';
      readonly operation: Operation;
      readonly input: Readonly<Record<string, unknown>>;
      readonly faults: readonly FieldFault[];
    };

export interface FieldFault {
  readonly field: string;
  readonly message: string;
}
