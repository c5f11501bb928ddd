import { describe, expect, it } from 'vitest';
import { forecast, reaches } from '../../src/domain/forecast.ts';

/** Mulberry32: the same seed gives the same series. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const DAYS = 150;
const HORIZON = 30;
/** Ways in which use grows. Per cent of something; `noise` is even, from -1 to 1. */
const SERIES: Readonly<Record<string, (day: number, noise: () => number) => number>> = {
  flat: (_day, noise) => 40 + noise(),
  trend: (day, noise) => 20 + 0.3 * day + noise(),
  'slow trend in much noise': (day, noise) => 30 + 0.12 * day + 4 * noise(),
  shrinking: (day, noise) => 80 - 0.25 * day + 2 * noise(),
  week: (day, noise) => 50 + 8 * Math.sin((2 * Math.PI * day) / 7) + noise(),
  'week and trend': (day, noise) => 20 + 0.2 * day + (day % 7 > 4 ? -8 : 2) + noise(),
  'one step': (day, noise) => (day < 70 ? 30 : 55) + noise(),
  stairs: (day, noise) => 20 + 4 * Math.floor(day / 11) + 0.2 * noise(),
  spikes: (day, noise) => 35 + 0.15 * day + (day % 17 === 5 ? 40 : 0) + noise(),
  reset: (day, noise) => (day < 80 ? 40 + 0.5 * day : 15 + 0.5 * (day - 80)) + noise(),
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean distance of a way to look ahead from what came, over several days to look from. */
function errorOf(series: readonly number[], ahead: (known: readonly number[]) => (day: number) => number): number {
  const errors = [90, 100, 110, 120].flatMap((from) => {
    const guess = ahead(series.slice(0, from));
    return Array.from({ length: HORIZON }, (_, n) => Math.abs(guess(n + 1) - (series[from + n] ?? 0)));
  });
  return mean(errors);
}

const ours = (known: readonly number[]) => {
  const made = forecast(known);
  if (made.kind !== 'trend') throw new Error('too little');
  return (day: number): number => made.at(day).middle;
};

describe('the forecast', () => {
  it('comes nearer than the last value and than the mean, on ten kinds of series', () => {
    const table = Object.entries(SERIES).map(([name, make], index) => {
      const chance = random(index + 1);
      const series = Array.from({ length: DAYS }, (_, day) => make(day, () => 2 * chance() - 1));
      const last = errorOf(series, (known) => () => known.at(-1) ?? 0);
      const flat = errorOf(series, (known) => () => mean(known));
      const inside = [90, 100, 110, 120].flatMap((from) => {
        const made = forecast(series.slice(0, from));
        return Array.from({ length: HORIZON }, (_, n) => {
          const value = series[from + n] ?? 0;
          return made.kind === 'trend' && value >= made.at(n + 1).low && value <= made.at(n + 1).high ? 1 : 0;
        });
      });
      return { name, ours: errorOf(series, ours), last, mean: flat, within: mean(inside) };
    });
    const shown = (value: number): string => value.toFixed(2).padStart(8);
    console.log(
      [
        `mean error ${HORIZON} days ahead         ours    last    mean  within`,
        ...table.map(
          (row) => `${row.name.padEnd(30)}${shown(row.ours)}${shown(row.last)}${shown(row.mean)}${shown(row.within)}`,
        ),
      ].join('\n'),
    );
    const all = (of: 'ours' | 'last' | 'mean'): number => mean(table.map((row) => row[of]));
    expect(all('ours')).toBeLessThan(0.6 * all('last'));
    expect(all('ours')).toBeLessThan(0.5 * all('mean'));
    // Nowhere much worse than either.
    for (const row of table)
      expect([row.name, row.ours < 1.15 * Math.min(row.last, row.mean) + 0.1]).toEqual([row.name, true]);
    expect(mean(table.map(({ within }) => within))).toBeGreaterThan(0.7);
  });

  it('says nothing of what it hardly knows', () => {
    expect(forecast([])).toEqual({ kind: 'too-little', days: 0, needed: 14 });
    expect(forecast([1, null, 2, ...new Array<null>(60).fill(null)])).toMatchObject({ kind: 'too-little', days: 2 });
    expect(forecast(Array.from({ length: 13 }, (_, day) => day))).toMatchObject({ kind: 'too-little', days: 13 });
    expect(forecast(Array.from({ length: 14 }, (_, day) => day))).toMatchObject({ kind: 'trend' });
  });

  it('tells when a limit is reached, and does not look further than twice what it knows', () => {
    const rising = forecast(Array.from({ length: 40 }, (_, day) => 20 + day));
    if (rising.kind !== 'trend') throw new Error('too little');
    expect(reaches(rising, 69)).toEqual({ earliest: 10, likely: 10, latest: expect.any(Number) });
    expect(reaches(rising, 50)).toMatchObject({ earliest: 0, likely: 0 });
    expect(reaches(rising, 1000)).toEqual({ earliest: null, likely: null, latest: null });
    expect(rising.reach).toBe(80);
    const flat = forecast(new Array<number>(60).fill(42));
    if (flat.kind !== 'trend') throw new Error('too little');
    expect(flat.slope).toBe(0);
    expect(reaches(flat, 80)).toEqual({ earliest: null, likely: null, latest: null });
  });

  it('bears missing days', () => {
    const made = forecast(
      Array.from({ length: 60 }, (_, day) => (day % 5 === 2 || (day > 20 && day < 30) ? null : day)),
    );
    expect(made).toMatchObject({ kind: 'trend' });
    if (made.kind === 'trend') expect(made.at(10).middle).toBeCloseTo(69, 0);
  });
});
