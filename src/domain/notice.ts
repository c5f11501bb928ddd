import type { Attachment, Chart } from './chart.ts';

/** A message without Slack in it: what people are told, as data. Slack's blocks and the terminal's lines are drawn from it. */

/** A piece of text: plain words, or something that each front shows in its own way. */
export type Inline =
  | string
  | { readonly bold: string }
  | { readonly code: string }
  /** An instant (epoch ms), shown in the reader's zone. */
  | { readonly at: number }
  /** A person: mentioned where the front can, named where it can't. */
  | { readonly person: string; readonly slack: string | null };
export type Text = string | readonly Inline[];

/** `plain` facts; `busy` work under way; `wait` for somebody; `good`, `warn`, `bad` ends. */
export type Tone = 'plain' | 'busy' | 'wait' | 'good' | 'warn' | 'bad';

export interface Fact {
  readonly name: string;
  readonly value: Text;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What stands there instead when there are no rows. */
  readonly empty: string;
}

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'unknown' | 'undoing' | 'undone' | 'skipped';

export interface StepLine {
  readonly title: string;
  readonly state: StepState;
  readonly host: string;
  /** Milliseconds that it took, or has taken until now; null before it starts. */
  readonly ms: number | null;
  readonly note?: string;
}

/** What a button does. Small enough for Slack's 2,000 characters of a button's value. */
export type Press =
  | {
      readonly do: 'accept' | 'cancel' | 'approve' | 'deny' | 'retry' | 'roll-back' | 'leave' | 'wait';
      readonly op: string;
      readonly digest: string;
    }
  /** Shows the plan's or a step's commands and output. */
  | { readonly do: 'commands'; readonly op: string }
  /** Asks for an operation of the catalog with this input. */
  | { readonly do: 'run'; readonly name: string; readonly input: Readonly<Record<string, unknown>> }
  /** Opens the operation's modal with this prefilled. */
  | { readonly do: 'open'; readonly name: string; readonly input: Readonly<Record<string, unknown>> };

export interface Button {
  readonly label: string;
  readonly press: Press;
  readonly style?: 'primary' | 'danger';
  /** Asked before it counts. */
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
}

export interface Notice {
  readonly tone: Tone;
  readonly title: string;
  readonly lines?: readonly Text[];
  readonly facts?: readonly Fact[];
  readonly table?: Table;
  readonly steps?: readonly StepLine[];
  /** Preformatted text, such as commands; shortened by the front where it must be, with the rest as a file. */
  readonly code?: { readonly label: string; readonly text: string };
  readonly buttons?: readonly Button[];
  /** Pictures, beside the message. */
  readonly charts?: readonly Chart[];
  readonly files?: readonly Attachment[];
  /** Small print: id, times. */
  readonly footer?: Text;
}

/** The text with nothing but words in it; `date` shows an instant. */
export function plainText(text: Text, date: (at: number) => string): string {
  if (typeof text === 'string') return text;
  return text
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('bold' in part) return part.bold;
      if ('code' in part) return part.code;
      if ('at' in part) return date(part.at);
      return part.person;
    })
    .join('');
}
