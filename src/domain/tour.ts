/** The guided tour's steps, in order: each is done with a real command. */
export const TOUR_STEPS = ['create', 'approve', 'restart', 'audit', 'alert'] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

/** One person's tour. */
export interface TourRow {
  readonly person: string;
  /** Slack id, for direct messages; null for who only uses the terminal. */
  readonly slack: string | null;
  readonly team: string | null;
  readonly state: 'on' | 'over';
  /** Where it stands; the last one when it is over. */
  readonly step: TourStep;
  readonly skipped: readonly TourStep[];
  readonly startedAt: number;
  readonly stepAt: number;
  /** The create that it goes on with, and its VM. */
  readonly operationId: string | null;
  readonly vmId: string | null;
}

/** Where the tours are kept. */
export interface TourRows {
  readonly find: (person: string) => TourRow | null;
  /** Those that are on. */
  readonly on: () => readonly TourRow[];
  readonly save: (row: TourRow) => void;
}

/** What is known of the person's doings since the step began, as far as the step cares. */
export interface TourSigns {
  /** The create that the tour goes on with: none yet, waiting for a second person, under way, done, or over without a VM. */
  readonly create: 'none' | 'waiting' | 'under-way' | 'done' | 'failed';
  /** A restart that the person asked for has been done since the step began. */
  readonly restarted: boolean;
}

/**
 * Where the tour stands after those signs. A create that nobody need approve leads straight to the restart; one that came to
 * nothing leads back to the beginning.
 */
export function tourAfter(step: TourStep, { create, restarted }: TourSigns): TourStep {
  if (step === 'create' && create === 'waiting') return 'approve';
  if ((step === 'create' || step === 'approve') && create === 'done') return 'restart';
  if (step === 'approve' && (create === 'failed' || create === 'none')) return 'create';
  if (step === 'restart' && restarted) return 'audit';
  return step;
}

/** The step behind that one, of those that there are; null behind the last. */
export function stepBehind(step: TourStep, steps: readonly TourStep[]): TourStep | null {
  const later = TOUR_STEPS.slice(TOUR_STEPS.indexOf(step) + 1);
  return later.find((each) => steps.includes(each)) ?? null;
}
