/** From two readings of a counter to a rate. */

/** Per second; null when one of them is missing, or when the counter was set back (a start anew, a wrap). Never negative. */
export function rate(
  before: number | null | undefined,
  after: number | null | undefined,
  seconds: number,
): number | null {
  const grown = growth(before, after);
  return grown === null || !(seconds > 0) ? null : grown / seconds;
}

/** How much a counter has grown; null when it can't be told. */
export function growth(before: number | null | undefined, after: number | null | undefined): number | null {
  if (before === null || before === undefined || after === null || after === undefined) return null;
  const grown = after - before;
  return Number.isFinite(grown) && grown >= 0 ? grown : null;
}

/** Part of a whole in per cent, to two decimals, from 0 to 100; null when it can't be told. */
export function percent(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || !(whole > 0)) return null;
  const share = (part / whole) * 100;
  return Number.isFinite(share) ? Math.round(Math.min(100, Math.max(0, share)) * 100) / 100 : null;
}
