/** Measures that a few odd values don't move. */

/** The value below which that share of them lies (0 to 1), between neighbours by their distance. NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  return sortedQuantile(
    [...values].sort((a, b) => a - b),
    share,
  );
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median distance from the median, as large as a standard deviation where values are normal. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

function sortedQuantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export interface Slope {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

/** Per step, by Theil and Sen: the median of the slopes between all pairs, with Sen's interval of 80 %. */
export function slopeOf(values: readonly number[]): Slope {
  const slopes: number[] = [];
  for (let j = 1; j < values.length; j += 1)
    for (let i = 0; i < j; i += 1) slopes.push(((values[j] ?? 0) - (values[i] ?? 0)) / (j - i));
  slopes.sort((a, b) => a - b);
  const n = values.length;
  const width = (1.2816 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / Math.max(1, slopes.length);
  return {
    middle: sortedQuantile(slopes, 0.5),
    low: sortedQuantile(slopes, Math.max(0, 0.5 - width / 2)),
    high: sortedQuantile(slopes, Math.min(1, 0.5 + width / 2)),
  };
}

/** How sure it is that values rise or fall: Mann and Kendall's score; beyond ±2 it is no chance. */
export function trendScore(values: readonly number[]): number {
  let score = 0;
  for (let j = 1; j < values.length; j += 1)
    for (let i = 0; i < j; i += 1) score += Math.sign((values[j] ?? 0) - (values[i] ?? 0));
  const n = values.length;
  return n < 3 ? 0 : score / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
}
