import { dateIn, dateText, daysAfter, instantIn, type LocalDate, weekdayOf } from './zone-time.ts';

/** When something comes again. `at` is the local time `HH:MM`; minutes and hours are UTC's, which has no gaps. */
export type Recurrence =
  | { readonly every: 'minute' }
  | { readonly every: 'hour'; readonly minute: number }
  | { readonly every: 'day'; readonly at: string }
  /** 1 is Monday. */
  | { readonly every: 'week'; readonly weekday: number; readonly at: string }
  /** A day that a month lacks is its last. */
  | { readonly every: 'month'; readonly day: number; readonly at: string }
  /** In January, April, July and October. */
  | { readonly every: 'quarter'; readonly day: number; readonly at: string };

/** One time that it comes. */
export interface Slot {
  /** What it is the one of: `2026-03-29`, `2026-03`, `2026-Q1`, `2026-03-29T01:07Z`. Sorts by time. */
  readonly period: string;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

/** The last slot that is due at that instant. */
export function slotBefore(rule: Recurrence, zone: string, at: number): Slot {
  const past = around(rule, zone, at).filter(({ dueAt }) => dueAt <= at);
  return found(past.at(-1));
}

/** The first slot after that instant. */
export function slotAfter(rule: Recurrence, zone: string, at: number): Slot {
  return found(around(rule, zone, at).find(({ dueAt }) => dueAt > at));
}

/** `each day at 09:00`: for people. */
export function recurrenceText(rule: Recurrence): string {
  switch (rule.every) {
    case 'minute':
      return 'each minute';
    case 'hour':
      return `each hour, ${rule.minute} min past`;
    case 'day':
      return `each day at ${rule.at}`;
    case 'week':
      return `each ${WEEKDAYS[rule.weekday - 1]} at ${rule.at}`;
    case 'month':
      return `each month on day ${rule.day} at ${rule.at}`;
    case 'quarter':
      return `each quarter on day ${rule.day} at ${rule.at}`;
  }
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Slots on both sides of an instant, by time. */
function around(rule: Recurrence, zone: string, at: number): Slot[] {
  if (rule.every === 'minute') return [0, 1].map((n) => utcSlot((Math.floor(at / MINUTE_MS) + n) * MINUTE_MS));
  if (rule.every === 'hour') {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS + rule.minute * MINUTE_MS;
    return [-1, 0, 1].map((n) => utcSlot(hour + n * HOUR_MS));
  }
  const [hours = 0, minutes = 0] = rule.at.split(':').map(Number);
  const today = dateIn(at, zone);
  return days(rule, today).map(({ date, period }) => ({
    period,
    dueAt: instantIn(date, hours * 60 + minutes, zone),
  }));
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function utcSlot(dueAt: number): Slot {
  return { period: `${new Date(dueAt).toISOString().slice(0, 16)}Z`, dueAt };
}

type ByDay = Exclude<Recurrence, { readonly every: 'minute' | 'hour' }>;

/** The days near one on which it comes, in order. */
function days(rule: ByDay, today: LocalDate): { readonly date: LocalDate; readonly period: string }[] {
  switch (rule.every) {
    case 'day':
      return range(-2, 2).map((n) => byDate(daysAfter(today, n)));
    case 'week':
      return range(-8, 8)
        .map((n) => daysAfter(today, n))
        .filter((date) => weekdayOf(date) === rule.weekday)
        .map(byDate);
    case 'month':
      return range(-2, 2)
        .map((n) => inMonth(today, n, rule.day))
        .map((date) => ({ date, period: dateText(date).slice(0, 7) }));
    case 'quarter':
      return range(-4, 4)
        .map((n) => inMonth(today, n, rule.day))
        .filter(({ month }) => month % 3 === 1)
        .map((date) => ({ date, period: `${date.year}-Q${(date.month + 2) / 3}` }));
  }
}

function byDate(date: LocalDate): { readonly date: LocalDate; readonly period: string } {
  return { date, period: dateText(date) };
}

/** That day of a month some months on; the month's last where it has no such day. */
function inMonth({ year, month }: LocalDate, months: number, day: number): LocalDate {
  const first = { year: year + Math.floor((month - 1 + months) / 12), month: ((month - 1 + months + 24) % 12) + 1 };
  // The 32nd of a month is that many days into the next one.
  const last = 32 - dateIn(Date.UTC(first.year, first.month - 1, 32), 'UTC').day;
  return { ...first, day: Math.min(day, last) };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

function found(slot: Slot | undefined): Slot {
  if (slot === undefined) throw new RangeError('a recurrence without a slot near an instant');
  return slot;
}
