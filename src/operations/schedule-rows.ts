import type { Slot } from '../domain/recurrence.ts';

/** A job and whom it is for. */
export interface JobKey {
  readonly job: string;
  /** A team's name; '' for the whole platform. */
  readonly place: string;
}

/** A job as it is declared now. */
export interface DeclaredJob extends JobKey {
  readonly summary: string;
  readonly zone: string;
  /** For people; when it differs from the row's, `next` counts. */
  readonly rule: string;
  readonly next: Slot;
}

/** A job's row. */
export interface JobRow extends Omit<DeclaredJob, 'next'> {
  readonly nextPeriod: string;
  readonly nextDueAt: number;
}

/** One period of a job: it is taken up once. */
export interface RunKey extends JobKey {
  readonly period: string;
}

export type RunState = 'asked' | 'running' | 'done' | 'failed' | 'skipped';

export interface RunRow extends RunKey {
  readonly dueAt: number;
  readonly state: RunState;
  readonly attempts: number;
  /** Who asked for it; null for the clock. */
  readonly askedBy: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly result: string;
  readonly retryAt: number | null;
}

/** What is due and done, in rows: so that a restart runs nothing twice and forgets nothing. */
export interface ScheduleRows {
  /** Takes the declared jobs for the ones there are: adds, changes, drops. The runs of dropped ones stay. */
  readonly declare: (jobs: readonly DeclaredJob[]) => void;
  readonly jobs: () => readonly JobRow[];
  readonly due: (now: number) => readonly JobRow[];
  readonly setNext: (key: JobKey, next: Slot) => void;
  /** Enters a period; false when it was entered before. */
  readonly enter: (run: RunRow) => boolean;
  /** A new state of a run, and what belongs to it. */
  readonly update: (key: RunKey, change: Partial<Omit<RunRow, keyof RunKey | 'dueAt' | 'askedBy'>>) => void;
  /** Asked for, or begun by a bot that may be gone. Oldest first. */
  readonly open: () => readonly RunRow[];
  readonly retries: (now: number) => readonly RunRow[];
  /** The newest of a job. */
  readonly last: (key: JobKey, limit: number) => readonly RunRow[];
  /** Forgets runs that were due before that instant; their periods never come again. */
  readonly prune: (key: JobKey, before: number) => void;
}
