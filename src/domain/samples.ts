/** What is kept of each sweep: one wide row for an object and an instant. */
import type { VolumeSeen } from './inventory.ts';
import { growth, percent, rate } from './rates.ts';
import type { Counters, HostGauges, IoCounters, Sweep } from './sweep.ts';

/** How many rows become one: the mean, the largest, the sum. Of those with `peak` the largest is kept beside the mean. */
interface Metric {
  readonly over: 'mean' | 'max' | 'sum';
  readonly peak?: true;
}

/** The columns of each kind of sample, and how they are rolled up. Per cent, bytes, bytes a second, counts, milliseconds. */
export const SAMPLE_METRICS = {
  host: {
    /** 1 while it answers. Its mean is the share of time. */
    up: { over: 'mean' },
    cpu: { over: 'mean', peak: true },
    steal: { over: 'mean' },
    iowait: { over: 'mean' },
    memory: { over: 'mean', peak: true },
    swap_in: { over: 'mean' },
    swap_out: { over: 'mean' },
    load: { over: 'mean' },
    pressure_cpu: { over: 'mean' },
    pressure_memory: { over: 'mean' },
    pressure_io: { over: 'mean' },
    disk: { over: 'max' },
    inodes: { over: 'max' },
    disk_read: { over: 'mean' },
    disk_write: { over: 'mean' },
    disk_busy: { over: 'mean' },
    vg_free: { over: 'mean' },
    skew: { over: 'max' },
    failed_units: { over: 'max' },
    oom_kills: { over: 'sum' },
    nfs_bad: { over: 'max' },
    libvirt: { over: 'mean' },
    kvm: { over: 'mean' },
  },
  vm: {
    up: { over: 'mean' },
    cpu: { over: 'mean', peak: true },
    /** Its vCPUs waited for the host, in per cent of the time. */
    cpu_wait: { over: 'mean' },
    memory: { over: 'mean', peak: true },
    /** What its volumes hold in the pool. */
    disk_bytes: { over: 'max' },
    disk_read: { over: 'mean' },
    disk_write: { over: 'mean' },
    net_rx: { over: 'mean' },
    net_tx: { over: 'mean' },
  },
  pool: {
    data: { over: 'max' },
    metadata: { over: 'max' },
    size_bytes: { over: 'max' },
    disk_read: { over: 'mean' },
    disk_write: { over: 'mean' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Metric>>>>;

/** The largest is kept beside the mean. */
export function isPeak(metric: Metric): boolean {
  return metric.peak === true;
}

export type SampleKind = keyof typeof SAMPLE_METRICS;
export type Values<K extends SampleKind> = Readonly<Record<keyof (typeof SAMPLE_METRICS)[K], number | null>>;

export interface Sample<K extends SampleKind = SampleKind> {
  readonly kind: K;
  /** Host's name, VM's id, `host/pool`. */
  readonly object: string;
  readonly values: Values<K>;
}

/** Our own clock around the call. */
export interface CallTimes {
  readonly began: number;
  readonly ended: number;
}

/** The host's row of a sweep. `before` are the counters of the sweep before it; null in the first. */
export function hostSample(name: string, sweep: Sweep, before: Counters | null, times: CallTimes): Sample<'host'> {
  const { observation, gauges, counters } = sweep;
  const seconds = secondsBetween(before, counters);
  const [was, is] = [before?.cpu, counters.cpu];
  const ticks = growth(was?.all, is?.all);
  const part = (key: 'idle' | 'iowait' | 'steal') => growth(was?.[key], is?.[key]);
  const [idle, iowait] = [part('idle'), part('iowait')];
  const disks = Object.entries(counters.disks).map(([device, after]) => ioRates(before?.disks[device], after, seconds));
  return {
    kind: 'host',
    object: name,
    values: {
      up: 1,
      cpu: ticks === null || idle === null || iowait === null ? null : percent(ticks - idle - iowait, ticks),
      steal: percent(part('steal'), ticks),
      iowait: percent(iowait, ticks),
      memory:
        observation.memoryBytes > 0
          ? percent(observation.memoryBytes - observation.memoryAvailableBytes, observation.memoryBytes)
          : null,
      swap_in: times4Ki(rate(before?.swapIn, counters.swapIn, seconds)),
      swap_out: times4Ki(rate(before?.swapOut, counters.swapOut, seconds)),
      load: counters.cpu === null ? null : observation.load,
      pressure_cpu: gauges.pressure.cpu,
      pressure_memory: gauges.pressure.memory,
      pressure_io: gauges.pressure.io,
      disk: largest(gauges.filesystems?.map(({ usedPercent }) => usedPercent)),
      inodes: largest(gauges.filesystems?.map(({ inodePercent }) => inodePercent)),
      disk_read: total(disks.map(({ read }) => read)),
      disk_write: total(disks.map(({ write }) => write)),
      disk_busy: largest(disks.map(({ busy }) => busy)),
      vg_free: observation.groups?.reduce((sum, { freeBytes }) => sum + freeBytes, 0) ?? null,
      skew: skewOf(gauges, times),
      failed_units: gauges.failedUnits?.length ?? null,
      oom_kills: growth(before?.oomKills, counters.oomKills),
      nfs_bad: gauges.nfs === null ? null : gauges.nfs.stale.length + (gauges.nfs.silent ? 1 : 0),
      libvirt: observation.libvirt === null ? 0 : 1,
      kvm: observation.kvm === null ? null : observation.kvm ? 1 : 0,
    },
  };
}

/** The row of a host that did not answer: that is all there is to tell. */
export function silentHostSample(name: string): Sample<'host'> {
  return { kind: 'host', object: name, values: { ...empty('host'), up: 0 } };
}

/** A guest's row. `uuid` finds it in the sweep; `up` is 1 while it runs. */
export function vmSample(
  id: string,
  uuid: string,
  up: boolean,
  volumes: readonly VolumeSeen[] | null,
  sweep: Sweep,
  before: Counters | null,
): Sample<'vm'> {
  const [was, is] = [before?.guests[uuid], sweep.counters.guests[uuid]];
  const seconds = secondsBetween(before, sweep.counters);
  const gauges = sweep.guests.get(uuid);
  const vcpuNs = (gauges?.vcpus ?? 0) * seconds * 1e9;
  // Less CPU time than before is another run: what it had read and written then is no measure for now.
  const same = growth(was?.cpuNs, is?.cpuNs) !== null;
  const per = (key: 'readBytes' | 'writeBytes' | 'rxBytes' | 'txBytes') =>
    same ? whole(rate(was?.[key], is?.[key], seconds)) : null;
  return {
    kind: 'vm',
    object: id,
    values: {
      up: up ? 1 : 0,
      cpu: percent(growth(was?.cpuNs, is?.cpuNs), vcpuNs),
      cpu_wait: percent(growth(was?.delayNs, is?.delayNs), vcpuNs),
      memory: gauges?.memoryPercent ?? null,
      disk_bytes: total(volumes?.map(heldBytes) ?? []),
      disk_read: per('readBytes'),
      disk_write: per('writeBytes'),
      net_rx: per('rxBytes'),
      net_tx: per('txBytes'),
    },
  };
}

/** A thin pool's row. */
export function poolSample(host: string, pool: VolumeSeen, sweep: Sweep, before: Counters | null): Sample<'pool'> {
  const after = sweep.counters.pools[pool.name];
  const io =
    after === undefined
      ? { read: null, write: null }
      : ioRates(before?.pools[pool.name], after, secondsBetween(before, sweep.counters));
  return {
    kind: 'pool',
    object: `${host}/${pool.name}`,
    values: {
      data: pool.dataPercent,
      metadata: pool.metadataPercent,
      size_bytes: pool.sizeBytes,
      disk_read: io.read,
      disk_write: io.write,
    },
  };
}

/**
 * How far the host's clock is off, at least: its reading happened somewhere within the call, and before what the host did after it.
 * Milliseconds, positive when it is ahead; null when it told no time.
 */
export function skewOf({ clock }: Pick<HostGauges, 'clock'>, { began, ended }: CallTimes): number | null {
  if (clock === null) return null;
  const latest = Math.max(began, ended - clock.restMs);
  if (clock.at < began) return Math.round(clock.at - began);
  return clock.at > latest ? Math.round(clock.at - latest) : 0;
}

/** By the host's own count, which no clock is set in. Zero where it can't be told: then there are no rates. */
function secondsBetween(before: Counters | null, after: Counters): number {
  return growth(before?.uptimeSeconds, after.uptimeSeconds) ?? 0;
}

function ioRates(before: IoCounters | undefined, after: IoCounters, seconds: number) {
  const busy = growth(before?.busyMs, after.busyMs);
  return {
    read: whole(rate(before?.readBytes, after.readBytes, seconds)),
    write: whole(rate(before?.writeBytes, after.writeBytes, seconds)),
    busy: percent(busy, seconds * 1000),
  };
}

/** Thick volumes hold all of their size. */
function heldBytes(volume: VolumeSeen): number | null {
  if (volume.kind === 'thick') return volume.sizeBytes;
  return volume.dataPercent === null ? null : Math.round((volume.sizeBytes * volume.dataPercent) / 100);
}

function whole(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

function times4Ki(pages: number | null): number | null {
  return pages === null ? null : Math.round(pages * 4096);
}

function known(values: readonly (number | null)[] | undefined): number[] {
  return values?.filter((value) => value !== null) ?? [];
}

function largest(values: readonly (number | null)[] | undefined): number | null {
  const found = known(values);
  return found.length === 0 ? null : found.reduce((a, b) => Math.max(a, b));
}

function total(values: readonly (number | null)[]): number | null {
  const found = known(values);
  return found.length === 0 ? null : found.reduce((a, b) => a + b, 0);
}

function empty<K extends SampleKind>(kind: K): Values<K>;
function empty(kind: SampleKind): Record<string, null> {
  return Object.fromEntries(Object.keys(SAMPLE_METRICS[kind]).map((name) => [name, null]));
}
