import { median, quantile, type Slope, slopeOf, spread, trendScore } from './robust.ts';

/** Below so many days nothing is said of the future. */
const LEAST_DAYS = 14;
/** What lies further back says nothing of what comes. */
const MOST_DAYS = 120;
/** Never further ahead than this, nor than twice what is known. */
const FURTHEST_DAYS = 365;
const WEEK = 7;

export interface Range {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** A fit of daily values. Eight of ten are expected within its range. */
export interface Trend {
  readonly kind: 'trend';
  /** Days that it rests on. */
  readonly days: number;
  /** Per day; 0 where the values don't tell of any. */
  readonly slope: number;
  /** So many days after the last value. */
  readonly at: (ahead: number) => Range;
  /** How far it looks ahead, in days. */
  readonly reach: number;
}

export type Forecast = Trend | { readonly kind: 'too-little'; readonly days: number; readonly needed: number };

/** When a value is reached: days ahead. Null where it isn't as far as the forecast reaches. */
export interface Reached {
  readonly earliest: number | null;
  readonly likely: number | null;
  readonly latest: number | null;
}

/**
 * Looks ahead from daily values, the newest last; null for a day that is missing. Spikes are left out, a weekly rhythm is kept,
 * after a step or a reset only what came since counts; then Theil–Sen's slope, as far as it is no chance.
 */
export function forecast(daily: readonly (number | null)[]): Forecast {
  const known = filled(daily.slice(-MOST_DAYS));
  const days = daily.slice(-MOST_DAYS).filter((value) => value !== null).length;
  if (days < LEAST_DAYS) return { kind: 'too-little', days, needed: LEAST_DAYS };
  // The rhythm first: weekends off look like spikes.
  const season = seasonOf(known);
  const plain = withoutSpikes(known.map((value, index) => value - seasonAt(season, index - known.length)));
  const since = plain.slice(lastBreak(plain));
  const last = since.length - 1;
  const slope = sureSlope(since);
  const line = since.map((value, index) => value + slope.middle * (last - index));
  const level = median(line.slice(-2 * WEEK));
  const noise = since.map((value, index) => value - (level - slope.middle * (last - index)));
  const [under, over] = [Math.min(0, quantile(noise, 0.1)), Math.max(0, quantile(noise, 0.9))];
  const at = (ahead: number): Range => {
    const middle = level + slope.middle * ahead + seasonAt(season, ahead - 1);
    return {
      middle,
      low: middle + under + (slope.low - slope.middle) * ahead,
      high: middle + over + (slope.high - slope.middle) * ahead,
    };
  };
  return { kind: 'trend', days, slope: slope.middle, at, reach: Math.min(FURTHEST_DAYS, 2 * known.length) };
}

/** When a limit is reached. 0 for one that is reached already. */
export function reaches(trend: Trend, limit: number): Reached {
  const first = (of: (range: Range) => number): number | null => {
    for (let ahead = 0; ahead <= trend.reach; ahead += 1) if (of(trend.at(ahead)) >= limit) return ahead;
    return null;
  };
  return {
    earliest: first(({ high }) => high),
    likely: first(({ middle }) => middle),
    latest: first(({ low }) => low),
  };
}

/** Missing days get what the days around them had; missing ones at the ends are left out. */
function filled(daily: readonly (number | null)[]): number[] {
  const first = daily.findIndex((value) => value !== null);
  if (first < 0) return [];
  const values: number[] = [];
  for (const [index, value] of daily.entries()) {
    if (index < first) continue;
    if (value !== null) values.push(value);
    else {
      const next = daily.slice(index).findIndex((each) => each !== null);
      if (next < 0) break;
      const before = values.at(-1) ?? 0;
      values.push(before + ((daily[index + next] ?? before) - before) / (next + 1));
    }
  }
  return values;
}

/** A day or two far from the days around them are taken for what those were (Hampel's filter, against neighbours on both sides). */
function withoutSpikes(values: readonly number[]): number[] {
  const usual = spread(values.slice(1).map((value, index) => value - (values[index] ?? 0)));
  return values.map((value, index) => {
    const around = [...values.slice(Math.max(0, index - 3), index), ...values.slice(index + 1, index + 4)];
    const middle = median(around);
    return Math.abs(value - middle) > 4 * Math.max(spread(around), usual) ? middle : value;
  });
}

/** What each day of the week has more or less than the week: nothing where that is not plain. By days before the end, modulo seven. */
function seasonOf(values: readonly number[]): readonly number[] {
  const none = new Array<number>(WEEK).fill(0);
  if (values.length < 3 * WEEK) return none;
  const off = values.map((value, index) => {
    const from = Math.min(Math.max(0, index - 3), values.length - WEEK);
    const week = values.slice(from, from + WEEK);
    // In a whole week centred on the day a straight line has its middle.
    return index - 3 === from ? value - week.reduce((sum, each) => sum + each, 0) / WEEK : null;
  });
  const byDay = none.map((_, day) =>
    off.filter((value, index): value is number => value !== null && mod(index - values.length) === day),
  );
  const season = byDay.map(median);
  const mean = season.reduce((sum, each) => sum + each, 0) / WEEK;
  const left = byDay.flatMap((each, day) => each.map((value) => Math.abs(value - (season[day] ?? 0))));
  const whole = byDay.flat().map(Math.abs);
  const explained = 1 - median(left) / (median(whole) || 1);
  return explained > 0.4 ? season.map((each) => each - mean) : none;
}

function seasonAt(season: readonly number[], fromEnd: number): number {
  return season[mod(fromEnd)] ?? 0;
}

function mod(days: number): number {
  return ((days % WEEK) + WEEK) % WEEK;
}

/** Where the last lasting jump was, when jumps are rare: 0 for none. Many jumps of one direction are how it grows. */
function lastBreak(values: readonly number[]): number {
  const diffs = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  const usual = Math.max(spread(diffs), 1e-9 * Math.max(...values.map(Math.abs), 1));
  const jumps = diffs.flatMap((diff, index) => {
    const before = values.slice(Math.max(0, index - 4), index + 1);
    const after = values.slice(index + 1, index + 6);
    const lasts = Math.abs(median(after) - median(before)) > 0.6 * Math.abs(diff);
    return Math.abs(diff) > 8 * usual && lasts ? [{ at: index + 1, up: diff > 0, size: Math.abs(diff) }] : [];
  });
  const last = jumps.at(-1);
  if (last === undefined) return 0;
  const large = jumps.filter(({ size }) => size > 0.5 * Math.max(...jumps.map((each) => each.size)));
  const sameWay = large.filter(({ up }) => up === large[0]?.up).length;
  if (large.length > 2 && sameWay === large.length) return 0;
  // With less than a week since, there is no telling what it does now: the week before stays, for its noise.
  return Math.min(large.at(-1)?.at ?? 0, values.length - WEEK);
}

const FLAT: Slope = { middle: 0, low: 0, high: 0 };

/** The slope as far as it is no chance: none below a score of 1, whole from 3 on. */
function sureSlope(values: readonly number[]): Slope {
  if (values.length < WEEK) return FLAT;
  const slope = slopeOf(values);
  const sure = Math.min(1, Math.max(0, (Math.abs(trendScore(values)) - 1) / 2));
  return {
    middle: slope.middle * sure,
    low: Math.min(slope.low, 0.5 * slope.middle),
    high: Math.max(slope.high, slope.middle),
  };
}
