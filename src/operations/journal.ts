import type { JournalRow } from './store.ts';

/** Where one step stands, by its journal. */
export interface StepStanding {
  /** It may have touched the host. */
  readonly started: boolean;
  readonly done: boolean;
  readonly undone: boolean;
  /** The last event was its start (or its undo's): the bot died before it knew the end. */
  readonly open: boolean;
  readonly output: unknown;
  readonly last: JournalRow | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

const UNTOUCHED: StepStanding = {
  started: false,
  done: false,
  undone: false,
  open: false,
  output: undefined,
  last: null,
  startedAt: null,
  endedAt: null,
};

/** What a step that failed has as its output where its host was never reached: it has nothing to take back. */
export const UNTOUCHED_OUTPUT = { untouched: true } as const;

function wasUntouched(output: unknown): boolean {
  return typeof output === 'object' && output !== null && 'untouched' in output && output.untouched === true;
}

/** Events → state: the truth for recovery, for the card and for the outputs handed from step to step. */
export function foldJournal(events: readonly JournalRow[]): ReadonlyMap<string, StepStanding> {
  const steps = new Map<string, StepStanding>();
  for (const event of events) {
    steps.set(event.step, after(steps.get(event.step) ?? UNTOUCHED, event));
  }
  return steps;
}

/** The standing of a step that may have no events yet. */
export function standing(steps: ReadonlyMap<string, StepStanding>, name: string): StepStanding {
  return steps.get(name) ?? UNTOUCHED;
}

function after(before: StepStanding, event: JournalRow): StepStanding {
  const next = { ...before, last: event };
  switch (event.event) {
    case 'started':
      return { ...next, started: true, done: false, undone: false, open: true, startedAt: event.at, endedAt: null };
    case 'done':
      return { ...next, done: true, open: false, output: event.output, endedAt: event.at };
    case 'failed':
      // Without an error: what went to the host before it, in the same round trip, failed.
      if (event.error === null && wasUntouched(event.output)) return UNTOUCHED;
      return { ...next, open: false, endedAt: event.at, started: before.started && !wasUntouched(event.output) };
    case 'unknown':
      return { ...next, open: false, endedAt: event.at };
    case 'undo_started':
      return { ...next, open: true };
    case 'undone':
      return { ...next, done: false, undone: true, open: false, endedAt: event.at };
    case 'undo_failed':
      return { ...next, open: false, endedAt: event.at };
    case 'retried':
      return next;
  }
}

/** Outputs of the steps that are done, by step. */
export function outputsOf(steps: ReadonlyMap<string, StepStanding>): Map<string, unknown> {
  const outputs = new Map<string, unknown>();
  for (const [name, step] of steps) if (step.done) outputs.set(name, step.output);
  return outputs;
}
