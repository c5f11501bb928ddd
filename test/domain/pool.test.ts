import { describe, expect, it } from 'vitest';
import { BotError } from '../../src/domain/error.ts';
import type { Observation } from '../../src/domain/inventory.ts';
import { admitToPool, poolShortages, snapshotWorstBytes } from '../../src/domain/pool.ts';
import { GiB } from '../../src/domain/size.ts';
import { hostSettings } from '../kit/settings.ts';

const host = hostSettings('kvm-1');

/** A pool of 10 GiB, full to so many per cent, and a GiB free in its group. */
function report(dataPercent: number | null, metadataPercent: number | null = 10, freeBytes = GiB): Observation {
  const pool = { vg: 'cloudvg', name: 'thinpool', sizeBytes: 10 * GiB, kind: 'thin-pool' } as const;
  const rest = { pool: null, origin: null, tags: [], active: true, open: true };
  return {
    kernel: '',
    cpus: 1,
    memoryBytes: GiB,
    memoryAvailableBytes: GiB,
    load: 0,
    uptimeSeconds: 1,
    libvirt: null,
    qemu: null,
    kvm: true,
    domains: [],
    groups: [{ name: 'cloudvg', sizeBytes: 20 * GiB, freeBytes, extentBytes: 4 * 1024 ** 2 }],
    volumes: [{ ...pool, ...rest, dataPercent, metadataPercent }],
    problems: [],
  };
}

function refusal(observation: Observation | null, worst: number): BotError | null {
  try {
    admitToPool(host, observation, { worstBytes: worst, underWayBytes: 0 }, 'No room for it');
    return null;
  } catch (cause) {
    if (cause instanceof BotError) return cause;
    throw cause;
  }
}

describe('admission to a thin pool', () => {
  it('admits what fits below the limit even at its worst, and not a byte more', () => {
    const shortages = (worstBytes: number, underWayBytes = 0) =>
      poolShortages(host, report(50), { worstBytes, underWayBytes });
    expect(shortages(4 * GiB)).toEqual([]);
    expect(shortages(4 * GiB + 1)).toHaveLength(1);
    // What others are being given is not in the report yet.
    expect(shortages(3 * GiB, GiB)).toEqual([]);
    expect(shortages(3 * GiB + 1, GiB)[0]?.why).toMatch(
      /this may grow to 3 GiB, and 1 GiB go to what is under way there$/,
    );
  });

  it('says how much is missing, and what helps', () => {
    const refused = refusal(report(85), 2.5 * GiB);
    expect(refused?.code).toBe('no_capacity');
    expect(refused?.message).toContain('No room for it: kvm-1 is out of space: 2 GiB are missing');
    expect(refused?.hint).toContain('/snapshot delete');
    expect(refused?.hint).toContain('1 GiB are free in cloudvg');
    expect(refusal(report(85, 10, 0), 2.5 * GiB)?.hint).toContain('add a disk to cloudvg');
  });

  it('looks at the metadata too', () => {
    expect(refusal(report(1, 90), 0)?.message).toContain('metadata is 90 % full');
    expect(refusal(report(1, 89.9), 0)).toBeNull();
  });

  it('refuses where nobody knows how full the pool is', () => {
    expect(refusal(null, 0)?.message).toContain('nobody knows');
    expect(refusal({ ...report(1), volumes: null }, 0)?.message).toContain('nobody knows');
    expect(refusal(report(null), 0)?.message).toContain('unknown');
  });

  it('counts of a snapshot what its disks hold now, and all of one that does not tell', () => {
    expect(snapshotWorstBytes([{ sizeBytes: 8 * GiB, dataPercent: 25 }])).toBe(2 * GiB);
    expect(snapshotWorstBytes([{ sizeBytes: GiB, dataPercent: null }])).toBe(GiB);
  });
});
