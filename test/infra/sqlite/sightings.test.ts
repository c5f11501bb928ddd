import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VmWatch } from '../../../src/domain/vm-watch.ts';
import { vmRow } from '../../kit/vm-row.ts';
import { type TestDatabase, testDatabase } from './kit.ts';

let base: TestDatabase;
beforeEach(() => {
  base = testDatabase();
});
afterEach(() => base.end());

const FULL = 2;
const NORMAL = 1;
const durability = (): unknown => base.db.pragma('synchronous', { simple: true });

describe('a sighting', () => {
  it('waits for no disk; what comes after it does again, also when it failed', () => {
    expect(durability()).toBe(FULL);
    expect(base.rows.sighting(durability)).toBe(NORMAL);
    expect(durability()).toBe(FULL);
    expect(() =>
      base.rows.sighting(() => {
        base.rows.vms.insert(vmRow(1));
        throw new Error('broken');
      }),
    ).toThrow('broken');
    expect(durability()).toBe(FULL);
    expect(base.rows.vms.list(null)).toEqual([]);
  });

  it('inside a transaction is a part of it, as durable as that', () => {
    base.rows.transaction(() => expect(base.rows.sighting(durability)).toBe(FULL));
  });
});

it('of running guests those are asked that were not asked for the longest time', () => {
  const seen = (state: 'running' | 'shut off') => ({ state, reason: '', at: 1 });
  for (const n of [1, 2, 3, 4]) base.rows.vms.insert(vmRow(n, { seen: seen('running') }));
  base.rows.vms.insert(vmRow(5, { seen: seen('shut off') }));
  base.rows.vms.insert(vmRow(6, { seen: seen('running'), host: 'kvm-2' }));
  base.rows.vms.insert(vmRow(7, { seen: seen('running'), life: 'trashed' }));
  for (const [n, askedAt] of [
    [1, 30],
    [2, 10],
    [4, 20],
  ] as const)
    base.rows.watch.update(vmRow(n).id, { askedAt });
  const uuid = (n: number): string => vmRow(n).uuid;
  expect(base.rows.watch.toAsk(3).get('kvm-1')).toEqual([uuid(3), uuid(2), uuid(4)]);
  expect(base.rows.watch.uuidsOn('kvm-2')).toEqual([uuid(6)]);
  expect(base.rows.watch.uuidsOn('kvm-1')).toHaveLength(6);
});

it('gives what is known of a VM back as it was written', () => {
  const { vms, watch } = base.rows;
  vms.insert(vmRow(1));
  // No two alike, for cells are told apart by their place.
  const known: VmWatch = {
    ...{ wanted: 'running', wantedAt: 1, askedAt: 2, agentSeenAt: 3, agentSilentSince: 4, addressSeenAt: 5 },
    ...{ addressLostSince: 6, starts: [7], restartLimit: 8, restarts: [9, 10], restartPolicy: 'always', gaveUpAt: 11 },
    startedForBoot: 12,
  };
  watch.update(vmRow(1).id, known);
  expect(watch.of(vmRow(1).id)).toEqual(known);
  expect(watch.on('kvm-1').get(vmRow(1).id)).toEqual(known);
});

it('gives what is known of the VMs of a host, or of all, in one read', () => {
  const { vms, watch } = base.rows;
  vms.insert(vmRow(1, { host: 'kvm-1' }));
  vms.insert(vmRow(2, { host: 'kvm-1' }));
  vms.insert(vmRow(3, { host: 'kvm-2' }));
  vms.insert(vmRow(4, { host: 'kvm-1', life: 'purged' }));
  for (const n of [1, 3, 4]) watch.update(vmRow(n).id, { wanted: 'running', starts: [n] });
  expect([...watch.on('kvm-1')]).toEqual([[vmRow(1).id, watch.of(vmRow(1).id)]]);
  expect([...watch.on(null).keys()].sort()).toEqual([vmRow(1).id, vmRow(3).id].sort());
});

it('tells all locks that are held', () => {
  const { locks } = base.rows;
  base.db.pragma('foreign_keys = OFF');
  locks.take('op_1', ['vm:a', 'vm:b']);
  locks.take('op_2', ['vm:c']);
  expect(locks.held()).toEqual(new Set(['vm:a', 'vm:b', 'vm:c']));
  locks.release('op_1');
  expect(locks.held()).toEqual(new Set(['vm:c']));
});
