import { describe, expect, it } from 'vitest';
import { growth, percent, rate } from '../../src/domain/rates.ts';
import { hostSample, SAMPLE_METRICS, silentHostSample, vmSample } from '../../src/domain/samples.ts';
import type { Counters, GuestCounters, Sweep } from '../../src/domain/sweep.ts';

const TIMES = { began: 1_000_000, ended: 1_000_500 };
const GUEST: GuestCounters = { cpuNs: 0, delayNs: 0, readBytes: 0, writeBytes: 0, rxBytes: 0, txBytes: 0 };

function counters(change: Partial<Counters> = {}): Counters {
  const nothing = { swapIn: 0, swapOut: 0, oomKills: 0, disks: {}, pools: {}, guests: {} };
  return { uptimeSeconds: 1000, cpu: { all: 0, idle: 0, iowait: 0, steal: 0 }, ...nothing, ...change };
}

function sweep(change: Partial<Sweep> = {}): Sweep {
  return {
    observation: {
      kernel: '6.1.0',
      cpus: 2,
      memoryBytes: 1000,
      memoryAvailableBytes: 250,
      load: 1.5,
      uptimeSeconds: 1060,
      libvirt: '9.0.0',
      qemu: '7.2.22',
      kvm: true,
      domains: [],
      groups: [],
      volumes: [],
      problems: [],
    },
    gauges: {
      clock: { at: 1_000_100, restMs: 0 },
      pressure: { cpu: 1, memory: null, io: 0 },
      filesystems: null,
      failedUnits: null,
      nfs: null,
    },
    counters: counters({ uptimeSeconds: 1060 }),
    guests: new Map(),
    probes: [],
    ...change,
  };
}

describe('rates', () => {
  it('are never negative, never infinite, and unknown where a counter was set back', () => {
    const odd = [null, undefined, 0, 1, 5, 2 ** 53, -1, Number.NaN, Number.POSITIVE_INFINITY];
    for (const before of odd) {
      for (const after of odd) {
        for (const seconds of [0, -1, Number.NaN, 1, 60]) {
          const found = rate(before, after, seconds);
          expect(found === null || (found >= 0 && Number.isFinite(found)), `${before} ${after} ${seconds}`).toBe(true);
        }
      }
    }
    expect(rate(10, 70, 60)).toBe(1);
    expect(growth(70, 10)).toBeNull();
  });

  it('give shares from 0 to 100', () => {
    expect([percent(1, 3), percent(5, 4), percent(-1, 4), percent(1, 0), percent(null, 4)]).toEqual([
      33.33,
      100,
      0,
      null,
      null,
    ]);
  });
});

describe('hostSample', () => {
  it('compares the counters with those of the sweep before', () => {
    const before = counters({ disks: { vda: { readBytes: 0, writeBytes: 0, busyMs: 0 } } });
    const after = counters({
      uptimeSeconds: 1060,
      cpu: { all: 1000, idle: 300, iowait: 100, steal: 50 },
      swapIn: 60,
      oomKills: 2,
      disks: { vda: { readBytes: 6000, writeBytes: 60, busyMs: 30_000 } },
    });
    expect(hostSample('kvm-1', sweep({ counters: after }), before, TIMES).values).toMatchObject({
      up: 1,
      cpu: 60,
      iowait: 10,
      steal: 5,
      memory: 75,
      swap_in: 4096,
      swap_out: 0,
      oom_kills: 2,
      disk_read: 100,
      disk_write: 1,
      disk_busy: 50,
      skew: 0,
      libvirt: 1,
      kvm: 1,
    });
  });

  it('knows no rates in the first sweep, nor after the host has started anew', () => {
    const rates = ['cpu', 'steal', 'swap_in', 'disk_read', 'disk_busy'] as const;
    const after = counters({ uptimeSeconds: 20, disks: { vda: { readBytes: 1, writeBytes: 1, busyMs: 1 } } });
    const later = counters({
      cpu: { all: 9000, idle: 900, iowait: 0, steal: 0 },
      swapIn: 7,
      disks: { vda: { readBytes: 9, writeBytes: 9, busyMs: 9 } },
    });
    for (const before of [null, later]) {
      const { values } = hostSample('kvm-1', sweep({ counters: after }), before, TIMES);
      for (const name of rates) expect([name, values[name]]).toEqual([name, null]);
      expect(values.memory).toBe(75);
    }
  });

  it('has a value for each column, and null for all but one where the host was silent', () => {
    const names = Object.keys(SAMPLE_METRICS.host).sort();
    expect(Object.keys(hostSample('kvm-1', sweep(), null, TIMES).values).sort()).toEqual(names);
    const { values } = silentHostSample('kvm-1');
    expect(Object.keys(values).sort()).toEqual(names);
    expect(Object.values(values).filter((value) => value !== null)).toEqual([0]);
  });
});

describe('vmSample', () => {
  const before = counters({ guests: { u1: { ...GUEST, cpuNs: 1e9, readBytes: 1000 } } });
  const sample = (guest: Partial<GuestCounters>) =>
    vmSample(
      'vm_1',
      'u1',
      true,
      null,
      sweep({
        counters: counters({ uptimeSeconds: 1060, guests: { u1: { ...GUEST, ...guest } } }),
        guests: new Map([['u1', { vcpus: 2, memoryPercent: 42 }]]),
      }),
      before,
    ).values;

  it('counts CPU time against all of its vCPUs', () => {
    expect(sample({ cpuNs: 61e9, readBytes: 7000 })).toMatchObject({ up: 1, cpu: 50, memory: 42, disk_read: 100 });
  });

  it('knows no rates of a guest that has been started anew, even where a counter is larger than before', () => {
    expect(sample({ cpuNs: 0.5e9, readBytes: 7000 })).toMatchObject({ cpu: null, disk_read: null, memory: 42 });
  });
});
