import { dateIn, dateText, daysAfter, instantIn } from '../zone-time.ts';

/** A month of somebody's calendar: with a change of the clocks it is an hour shorter or longer. */
export interface MonthWindow {
  /** `2026-03`. */
  readonly month: string;
  /** `March 2026`. */
  readonly title: string;
  readonly from: number;
  /** The first instant of the next one. */
  readonly to: number;
}

export const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** The month of that name in a zone. Throws RangeError for what is no month: see `MONTH`. */
export function monthIn(text: string, zone: string): MonthWindow {
  const match = MONTH.exec(text);
  if (match === null) throw new RangeError(`${text} is no month`);
  const first = { year: Number(match[1]), month: Number(match[2]), day: 1 };
  // The longest month and a day is in the next one.
  const next = { ...daysAfter(first, 31), day: 1 };
  return {
    month: text,
    title: new Date(Date.UTC(first.year, first.month - 1, 1)).toLocaleDateString('en-GB', {
      month: 'long',
      year: 'numeric',
      timeZone: 'UTC',
    }),
    from: instantIn(first, 0, zone),
    to: instantIn(next, 0, zone),
  };
}

/** The month that an instant is in. */
export function monthAt(at: number, zone: string): MonthWindow {
  return monthIn(dateText(dateIn(at, zone)).slice(0, 7), zone);
}

/** The month that ended last before an instant. */
export function monthBefore(at: number, zone: string): MonthWindow {
  return monthAt(monthAt(at, zone).from - 1, zone);
}
