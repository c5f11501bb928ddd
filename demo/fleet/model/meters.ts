/** Counters that only ever grow, as kernels and libvirt keep them: a value at an instant, and how fast it grows since. */
import type { Domain, HostModel, LiveDomain } from './host-model.ts';

export interface Counter {
  readonly at: number;
  readonly value: number;
  /** A millisecond. Never below zero. */
  readonly rate: number;
}

/** What a guest that runs has used, and uses now. */
export interface GuestMeters {
  cpuNs: Counter;
  readBytes: Counter;
  writtenBytes: Counter;
  receivedBytes: Counter;
  sentBytes: Counter;
  /** Of its memory, how much its programs hold: 0 to 1. */
  memoryShare: number;
}

/** What a host has used, of all its CPUs together. */
export interface HostMeters {
  /** Milliseconds of CPUs at work, and of CPUs that waited for a disk. */
  busyMs: Counter;
  iowaitMs: Counter;
  /** One minute, five, fifteen. */
  loads: [number, number, number];
  cpuStall: Stall;
  ioStall: Stall;
}

/** Pressure stall: averages in per cent over 10, 60 and 300 seconds, and the microseconds in all. */
export interface Stall {
  readonly averages: readonly [number, number, number];
  readonly totalUs: Counter;
}

export function counterAt({ at, value, rate }: Counter, now: number): number {
  return value + rate * Math.max(0, now - at);
}

/** The same counter, which grows otherwise from `now` on. */
export function turned(counter: Counter, now: number, rate: number): Counter {
  return { at: now, value: counterAt(counter, now), rate: Math.max(0, rate) };
}

/** A guest's meters; one that no life has touched yet uses a fifth of its vCPUs. */
export function guestMeters(live: LiveDomain): GuestMeters {
  const at = live.startedAt;
  const counter = (value: number, rate: number): Counter => ({ at, value, rate });
  return (
    live.meters ?? {
      cpuNs: counter(35_000_000, 1e6 * live.facts.vcpus * 0.2),
      readBytes: counter(25_434_112, 0),
      writtenBytes: counter(0, 0),
      receivedBytes: counter(13_484, 0.12),
      sentBytes: counter(2448, 0.06),
      memoryShare: 0.336,
    }
  );
}

/** A host's meters; one that no life has touched yet is at work for a third of the time. */
export function hostMeters(model: HostModel): HostMeters {
  const at = model.bootedAt;
  const { load, cpus } = model;
  const stall = (some: number): Stall => ({
    averages: [some, some, some],
    totalUs: { at, value: some * 10_000, rate: some * 10 },
  });
  return (
    model.meters ?? {
      busyMs: { at, value: 0, rate: 0.3 * cpus },
      iowaitMs: { at, value: 4970, rate: 0 },
      loads: [load, load * 0.95, load * 0.9],
      cpuStall: stall(Math.max(0, (load / cpus - 0.7) * 100)),
      ioStall: stall(0),
    }
  );
}

/** CPU nanoseconds since its start. */
export function cpuTimeNs(live: LiveDomain, now: number): number {
  return Math.round(counterAt(guestMeters(live).cpuNs, now));
}

/** Memory of the guest that the host has really given it, in KiB: what was touched once stays. */
export function residentKiB({ live }: Domain): number {
  if (live === null) return 0;
  const share = live.meters === undefined ? 0.9 : Math.min(1, 0.45 + live.meters.memoryShare * 0.55);
  return Math.round(live.facts.currentKiB * share);
}
