import { describe, expect, it } from 'vitest';
import { freeOf, headRoom, hostMeasures, placeMany, promisedPercent, sumMeasures } from '../../src/domain/capacity.ts';
import { judge, type UseOfVm } from '../../src/domain/idle.ts';
import type { Observation } from '../../src/domain/inventory.ts';
import type { Amounts } from '../../src/domain/plan.ts';
import { GiB } from '../../src/domain/size.ts';
import { hostSettings } from '../kit/settings.ts';

const amounts = (vcpus: number, memory: number, disk: number, vms = 1): Amounts => ({
  vms,
  vcpus,
  memoryBytes: memory * GiB,
  diskBytes: disk * GiB,
});

function seen(cpus: number, memory: number, pool: number, percent: number | null = 25): Observation {
  const volume = { vg: 'cloudvg', name: 'thinpool', kind: 'thin-pool', pool: null, origin: null, tags: [] } as const;
  return {
    kernel: '6.1.0',
    cpus,
    memoryBytes: memory * GiB,
    memoryAvailableBytes: (memory - 3) * GiB,
    load: 0,
    uptimeSeconds: 1,
    libvirt: '9.0.0',
    qemu: '7.2.22',
    kvm: true,
    domains: [],
    groups: [{ name: 'cloudvg', sizeBytes: pool * GiB, freeBytes: 0, extentBytes: 4096 }],
    volumes: [{ ...volume, sizeBytes: pool * GiB, dataPercent: percent, metadataPercent: 5, active: true, open: true }],
    problems: [],
  };
}

describe('capacity', () => {
  it('of a host: what is there, may be promised, is, is held, and is used', () => {
    const measures = hostMeasures(
      hostSettings('kvm-1'),
      seen(8, 33, 100),
      amounts(10, 16, 120, 4),
      amounts(2, 2, 10),
      50,
    );
    expect(measures).toEqual({
      vcpus: { size: 8, limit: 32, allocated: 10, held: 2, used: 4 },
      memory: { size: 32 * GiB, limit: 32 * GiB, allocated: 16 * GiB, held: 2 * GiB, used: 3 * GiB },
      disk: { size: 100 * GiB, limit: 200 * GiB, allocated: 120 * GiB, held: 10 * GiB, used: 25 * GiB },
    });
    expect(freeOf(measures.vcpus)).toBe(20);
    expect(promisedPercent(measures.disk)).toBe(65);
  });

  it('of a host smaller than what it keeps, without pool or numbers: nothing, and no NaN', () => {
    const tiny = { ...seen(1, 0.5, 0), volumes: null };
    const measures = hostMeasures(hostSettings('kvm-1'), tiny, amounts(1, 1, 1), amounts(0, 0, 0), null);
    expect(measures.memory).toMatchObject({ size: 0, limit: 0 });
    expect(measures.disk).toMatchObject({ size: 0, limit: 0, used: null });
    expect([promisedPercent(measures.memory), freeOf(measures.disk)]).toEqual([100, -GiB]);
    expect(sumMeasures([]).vcpus).toEqual({ size: 0, limit: 0, allocated: 0, held: 0, used: null });
  });

  it('after the loss of the largest host, for each resource by itself', () => {
    const host = (name: string, cpus: number, memory: number, taken: Amounts) => ({
      name,
      measures: hostMeasures(hostSettings(name), seen(cpus, memory, 100), taken, amounts(0, 0, 0), null),
    });
    const hosts = [host('kvm-1', 8, 17, amounts(4, 10, 50)), host('kvm-2', 4, 33, amounts(4, 20, 50))];
    // 30 GiB are promised, 16 are left without kvm-2; 8 vCPUs, 16 left without kvm-1.
    expect(headRoom(hosts)).toEqual({
      vcpus: { without: 'kvm-1', free: 8 },
      memory: { without: 'kvm-2', free: -14 * GiB },
      disk: { without: 'kvm-1', free: 100 * GiB },
    });
    expect(headRoom(hosts.slice(1))).toBeNull();
  });

  it('places many as it would place each, and says why it stops', () => {
    const candidates = ['kvm-1', 'kvm-2'].map((name) => ({
      settings: hostSettings(name),
      observation: seen(4, 9, 100),
      trouble: null,
      promised: amounts(0, 0, 0, 0),
      underWayBytes: 0,
      lacks: [],
    }));
    const placed = placeMany(candidates, new Array<Amounts>(6).fill(amounts(1, 3, 5)), 'spread');
    expect(placed.hosts).toEqual(['kvm-1', 'kvm-2', 'kvm-1', 'kvm-2']);
    expect(placed.stopped?.code).toBe('no_capacity');
    expect(placed.stopped?.message).toContain('kvm-1 has 2 GiB of memory left, 3 GiB are asked');
    // What is asked for is only thought of.
    expect(candidates[0]?.promised.vms).toBe(0);
  });
});

describe('idle VMs', () => {
  const flavors = [
    { name: 'small', vcpus: 1, memoryBytes: GiB, diskBytes: 10 * GiB },
    { name: 'medium', vcpus: 2, memoryBytes: 4 * GiB, diskBytes: 20 * GiB },
    { name: 'large', vcpus: 8, memoryBytes: 16 * GiB, diskBytes: 40 * GiB },
  ];
  const use = (change: Partial<UseOfVm>): UseOfVm => ({
    vcpus: 8,
    memoryBytes: 16 * GiB,
    hours: 336,
    hoursUp: 336,
    cpu: 50,
    memory: 60,
    net: 1e6,
    ...change,
  });
  it.each<[string, Partial<UseOfVm>, unknown]>([
    ['used', {}, { kind: 'used' }],
    ['off', { hoursUp: 0, cpu: null }, { kind: 'off' }],
    ['unused', { cpu: 0.4, net: 100 }, { kind: 'unused' }],
    ['idle, but serving', { cpu: 0.4, net: 1e6, memory: 60 }, { kind: 'used' }],
    ['oversized', { cpu: 10, memory: 15 }, { kind: 'oversized', flavor: flavors[1] }],
    ['without the guest’s word', { cpu: 10, memory: null }, { kind: 'used' }],
    ['new', { hours: 100 }, { kind: 'too-little-known' }],
    ['the smallest there is', { vcpus: 1, memoryBytes: GiB, cpu: 5, memory: 10 }, { kind: 'used' }],
  ])('%s', (_told, change, found) => {
    expect(judge(use(change), flavors)).toEqual(found);
  });
});
