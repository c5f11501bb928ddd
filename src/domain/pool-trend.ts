/** How fast a thin pool fills, and when it is full at that pace. Pure: samples come in. */
import { median, trendScore } from './robust.ts';

/** A sample of something that fills: bytes, or per cent. */
export interface Level {
  readonly at: number;
  readonly value: number;
}

/** With fewer, or over less time, nothing is said. */
const LEAST_LEVELS = 5;
const LEAST_MS = 4 * 60_000;
const HOUR_MS = 3_600_000;
/** Beyond this Mann and Kendall's score, a rise is no chance. */
const SURE = 2;
/** What is full later than this is for the forecast by days. */
const FURTHEST_HOURS = 30 * 24;

/** By how much it grows in an hour: the median of all pairs' slopes; 0 where it doesn't, or that may be chance. Null with too few samples. */
export function growthPerHour(levels: readonly Level[]): number | null {
  const [first, last] = [levels[0], levels.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (levels.length < LEAST_LEVELS || last.at - first.at < LEAST_MS) return null;
  if (trendScore(levels.map(({ value }) => value)) < SURE) return 0;
  const slopes: number[] = [];
  for (const [index, to] of levels.entries())
    for (const from of levels.slice(0, index))
      if (to.at > from.at) slopes.push((to.value - from.value) / (to.at - from.at));
  return Math.max(0, median(slopes) * HOUR_MS);
}

/** Hours until `full` at that pace; null where it does not grow, or it is further off than one can tell. */
export function hoursTo(full: number, now: number, perHour: number | null): number | null {
  if (now >= full) return 0;
  if (perHour === null || perHour <= 0) return null;
  const hours = (full - now) / perHour;
  return hours > FURTHEST_HOURS ? null : hours;
}
