/** A day of the calendar somewhere: its months count from 1. */
export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 86_400_000;

/** The day of an instant in an IANA zone. */
export function dateIn(at: number, zone: string): LocalDate {
  const local = new Date(at + offsetAt(at, zone));
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() };
}

/**
 * The instant at which a zone's clocks show that day and minute. Where they show it twice, the first; where they skip it, as long
 * after the skip as it would have been after the hour before: each local time is one instant.
 */
export function instantIn(date: LocalDate, minuteOfDay: number, zone: string): number {
  const local = Date.UTC(date.year, date.month - 1, date.day) + minuteOfDay * 60_000;
  // No zone changes twice within two days, so one of these is in force before and one after.
  const [before, after] = [offsetAt(local - DAY_MS, zone), offsetAt(local + DAY_MS, zone)];
  const shown = [local - before, local - after].filter((at) => at + offsetAt(at, zone) === local);
  return shown.length === 0 ? local - before : Math.min(...shown);
}

/** Days later (or earlier), by the calendar alone. */
export function daysAfter({ year, month, day }: LocalDate, days: number): LocalDate {
  return dateIn(Date.UTC(year, month - 1, day + days), 'UTC');
}

/** 1 is Monday, 7 Sunday. */
export function weekdayOf({ year, month, day }: LocalDate): number {
  return ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7) + 1;
}

/** `2026-03-29`. */
export function dateText({ year, month, day }: LocalDate): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  if (zone === 'UTC') return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shown - Math.floor(at / 1000) * 1000;
}
