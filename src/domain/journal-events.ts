/** What happened to a step, in order. */
export const JOURNAL_EVENTS = [
  'started',
  'done',
  'failed',
  'unknown',
  'undo_started',
  'undone',
  'undo_failed',
  'retried',
] as const;
export type JournalEvent = (typeof JOURNAL_EVENTS)[number];
