/** What a team owes: a drill that passes, once a quarter. */
import { dateIn, instantIn } from './zone-time.ts';

export interface Quarter {
  /** `2026-Q1`. */
  readonly name: string;
  /** `quarter 1 of 2026`. */
  readonly title: string;
  readonly from: number;
  /** The first instant of the next one. */
  readonly to: number;
}

/** The quarter that an instant is in, by the calendar of a zone. */
export function quarterAt(at: number, zone: string): Quarter {
  const { year, month } = dateIn(at, zone);
  const number = Math.ceil(month / 3);
  const next = number === 4 ? { year: year + 1, month: 1, day: 1 } : { year, month: number * 3 + 1, day: 1 };
  return {
    name: `${year}-Q${number}`,
    title: `quarter ${number} of ${year}`,
    from: instantIn({ year, month: number * 3 - 2, day: 1 }, 0, zone),
    to: instantIn(next, 0, zone),
  };
}

/** That a team put it off. */
export interface Postponed {
  readonly team: string;
  /** The first instant after the day that it was put off to. */
  readonly until: number;
  readonly reason: string;
  readonly person: string;
  readonly at: number;
}

export interface Overdue {
  readonly quarter: Quarter;
  readonly since: number;
  /** Whole weeks since then. */
  readonly weeks: number;
}

/**
 * Whether a team owes a drill for a quarter that is over: it was asked for one then, and none has passed since that quarter began. What was
 * put off is owed from that day on. The latest quarter that it was asked in is what counts, for one drill settles all.
 */
export function overdue(
  now: number,
  of: {
    readonly zone: string;
    /** When it was asked, latest first. */
    readonly asked: readonly number[];
    /** When drills passed. */
    readonly passed: readonly number[];
    readonly postponed: Postponed | null;
  },
): Overdue | null {
  const { zone, asked, passed, postponed } = of;
  for (const at of asked) {
    const quarter = quarterAt(at, zone);
    if (passed.some((when) => when >= quarter.from)) return null;
    const since = postponed !== null && postponed.at >= quarter.from ? postponed.until : quarter.to;
    if (since <= now) return { quarter, since, weeks: Math.floor((now - since) / WEEK_MS) };
  }
  return null;
}
const WEEK_MS = 7 * 86_400_000;
