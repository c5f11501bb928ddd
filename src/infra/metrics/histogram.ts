import type { HistogramSeen } from '../../domain/metric.ts';

export interface Histogram {
  readonly observe: (seconds: number) => void;
  readonly seen: () => HistogramSeen;
}

/** Counts since the process began, below each bound. */
export function makeHistogram(bounds: readonly number[]): Histogram {
  const counts = bounds.map(() => 0);
  let count = 0;
  let sum = 0;
  return {
    observe: (seconds) => {
      for (const [index, bound] of bounds.entries()) if (seconds <= bound) counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
      sum += seconds;
    },
    seen: () => ({ bounds, counts: [...counts], count, sum }),
  };
}
