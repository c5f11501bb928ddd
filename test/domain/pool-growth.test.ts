import { describe, expect, it } from 'vitest';
import { affordable, type Extendable, poolGrowth } from '../../src/domain/pool-growth.ts';
import { growthPerHour, hoursTo } from '../../src/domain/pool-trend.ts';
import { GiB, MiB } from '../../src/domain/size.ts';

const pool = (change: Partial<Extendable> = {}): Extendable => ({
  sizeBytes: 10 * GiB,
  dataPercent: 91,
  metadataBytes: 40 * MiB,
  metadataPercent: 10,
  chunkBytes: 64 * 1024,
  freeBytes: 20 * GiB,
  extentBytes: 4 * MiB,
  ...change,
});
const AUTO = { data: null, metadata: null };

describe('extending a thin pool', () => {
  it('by as much as is asked, in whole extents; metadata costs its spare too', () => {
    const asked = { data: GiB + 1, metadata: 5 * MiB };
    const growth = { dataBytes: GiB + 4 * MiB, metadataBytes: 8 * MiB };
    expect(poolGrowth(pool(), asked)).toEqual({ ...growth, missingBytes: 0 });
    expect(poolGrowth(pool({ freeBytes: GiB }), asked)).toEqual({ ...growth, missingBytes: 20 * MiB });
  });

  it('with the metadata that LVM would give it first', () => {
    const small = pool({ sizeBytes: 64 * MiB, metadataBytes: 4 * MiB });
    // As recorded: 64 MiB to 9 GiB took the metadata from 4 to 12 MiB.
    expect(poolGrowth(small, { data: 9 * GiB - 64 * MiB, metadata: 0 })).toEqual({
      dataBytes: 9 * GiB - 64 * MiB,
      metadataBytes: 8 * MiB,
      missingBytes: 0,
    });
    expect(poolGrowth(small, { data: 0, metadata: 0 })).toMatchObject({ metadataBytes: 0 });
    expect(poolGrowth(small, { data: 20 * GiB, metadata: 0 }).missingBytes).toBe(2 * 20 * MiB);
  });

  it('by what brings it down to comfort, where nobody says', () => {
    expect(poolGrowth(pool(), AUTO)).toEqual({ dataBytes: 3 * GiB, metadataBytes: 0, missingBytes: 0 });
    expect(poolGrowth(pool({ dataPercent: 70, metadataPercent: 77 }), AUTO)).toMatchObject({
      dataBytes: 0,
      metadataBytes: 4 * MiB,
    });
    expect(poolGrowth(pool({ dataPercent: null }), AUTO)).toMatchObject({ dataBytes: 0 });
  });

  it('by what there is, where that is not enough: metadata first', () => {
    const small = pool({ metadataPercent: 98, freeBytes: GiB });
    const wanted = poolGrowth(small, AUTO);
    expect(wanted).toMatchObject({ dataBytes: 3 * GiB, metadataBytes: 16 * MiB });
    expect(affordable(wanted, small)).toEqual({
      dataBytes: GiB - 32 * MiB,
      metadataBytes: 16 * MiB,
      missingBytes: 2 * GiB + 32 * MiB,
    });
    expect(affordable(wanted, pool({ freeBytes: 4 * MiB }))).toMatchObject({ dataBytes: 4 * MiB, metadataBytes: 0 });
    expect(affordable(wanted, pool({ freeBytes: 0 }))).toMatchObject({ dataBytes: 0, metadataBytes: 0 });
  });
});

describe('the pace of a pool', () => {
  const minutes = (values: readonly number[]) => values.map((value, at) => ({ at: at * 60_000, value }));

  it('is that of most of its samples, whatever one of them says', () => {
    const steady = Array.from({ length: 20 }, (_, at) => 100 + at);
    expect(growthPerHour(minutes(steady))).toBeCloseTo(60);
    expect(growthPerHour(minutes(steady.with(7, 900)))).toBeCloseTo(60, 0);
    // Some sweeps are missing.
    expect(growthPerHour(minutes(steady).filter((_, at) => at % 3 > 0))).toBeCloseTo(60);
  });

  it('is none where it may be chance, or it shrinks', () => {
    expect(growthPerHour(minutes([100, 107, 99, 104, 108, 101, 103, 109, 100, 106]))).toBe(0);
    expect(growthPerHour(minutes(Array.from({ length: 20 }, (_, at) => 100 - at)))).toBe(0);
  });

  it('is not known from a few', () => {
    expect(growthPerHour([])).toBeNull();
    expect(growthPerHour(minutes([1, 2, 3, 4]))).toBeNull();
  });

  it('tells when it is full', () => {
    expect(hoursTo(100, 40, 20)).toBe(3);
    expect(hoursTo(100, 100, 0)).toBe(0);
    expect(hoursTo(100, 40, 0)).toBeNull();
    expect(hoursTo(100, 40, null)).toBeNull();
    expect(hoursTo(1e6, 0, 1)).toBeNull();
  });
});
