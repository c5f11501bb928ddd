/** What a date is told relative to, and where. */
export interface Reader {
  /** IANA name of a time zone. */
  readonly tz: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

const DAY_MS = 86_400_000;
const LOCALE = 'en-US';
const formats = new Map<string, Intl.DateTimeFormat>();

/** A cached format: making one costs more than using it. An unknown zone is read as UTC. */
function format(tz: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${tz} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: tz });
  } catch {
    made = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: 'UTC' });
  }
  formats.set(key, made);
  return made;
}

/** `<!date^…>` with its tokens filled in, as Slack does for the reader. */
export function formatDateToken(seconds: number, pattern: string, reader: Reader): string {
  return pattern.replaceAll(/\{(\w+)\}/g, (token, name: string) => tokenText(name, seconds * 1000, reader) ?? token);
}

function tokenText(name: string, at: number, reader: Reader): string | undefined {
  const { tz } = reader;
  const pretty = /^(date|date_short|date_long)_pretty$/.exec(name)?.[1];
  if (pretty !== undefined) return relativeDay(at, reader) ?? tokenText(pretty, at, reader);
  const { year, month, day } = calendarDay(at, tz);
  switch (name) {
    case 'date_num':
      return `${year}-${month}-${day}`;
    case 'date_slash':
      return `${month}/${day}/${year}`;
    case 'date':
      return `${format(tz, { month: 'long' }).format(at)} ${ordinal(Number(day))}, ${year}`;
    case 'date_short':
      return format(tz, { dateStyle: 'medium' }).format(at);
    case 'date_long':
      return `${format(tz, { weekday: 'long' }).format(at)}, ${tokenText('date', at, reader)}`;
    case 'day_divider_pretty':
      return dayTitle(at, reader);
    case 'time':
      return clockTime(at, tz);
    case 'time_secs':
      return format(tz, { hour: 'numeric', minute: '2-digit', second: '2-digit' }).format(at);
    case 'ago':
      return ago(at, reader.now);
    default:
      return undefined;
  }
}

/** `3:05 PM`. */
export function clockTime(at: number, tz: string): string {
  return format(tz, { hour: 'numeric', minute: '2-digit' }).format(at);
}

/** For a tooltip: everything, with the zone. */
export function fullTime(at: number, tz: string): string {
  return format(tz, { dateStyle: 'full', timeStyle: 'long' }).format(at);
}

/** `2026-11-26` in the zone: the same for all instants of a day. */
export function dayKey(at: number, tz: string): string {
  const { year, month, day } = calendarDay(at, tz);
  return `${year}-${month}-${day}`;
}

/** `Today`, `Yesterday`, or `Tuesday, November 24th`: over the messages of a day. */
export function dayTitle(at: number, { tz, now }: Reader): string {
  const near = relativeDay(at, { tz, now });
  if (near !== undefined) return near.charAt(0).toUpperCase() + near.slice(1);
  const { year, day } = calendarDay(at, tz);
  const words = `${format(tz, { weekday: 'long' }).format(at)}, ${format(tz, { month: 'long' }).format(at)} ${ordinal(Number(day))}`;
  return year === calendarDay(now, tz).year ? words : `${words}, ${year}`;
}

/** `5 minutes ago`, `in 2 hours`. */
export function ago(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_536_000],
    ['month', 2_592_000],
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
  const [unit, size] = units.find(([, most]) => Math.abs(seconds) >= most) ?? ['second', 1];
  return Math.abs(seconds) < 10 ? 'just now' : words.format(Math.trunc(seconds / size), unit);
}

function relativeDay(at: number, { tz, now }: Reader): string | undefined {
  const key = dayKey(at, tz);
  if (key === dayKey(now, tz)) return 'today';
  if (key === dayKey(now - DAY_MS, tz)) return 'yesterday';
  return key === dayKey(now + DAY_MS, tz) ? 'tomorrow' : undefined;
}

function calendarDay(at: number, tz: string): { year: string; month: string; day: string } {
  const parts = format(tz, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return { year: part('year'), month: part('month'), day: part('day') };
}

function ordinal(day: number): string {
  const teen = day % 100 >= 11 && day % 100 <= 13;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}
