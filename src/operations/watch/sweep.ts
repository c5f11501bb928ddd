import { afterProbe, powerOf, wantedAtFirst, withStart } from '../../domain/health.ts';
import type { Observation, VolumeSeen } from '../../domain/inventory.ts';
import { growth } from '../../domain/rates.ts';
import {
  type CallTimes,
  hostSample,
  poolSample,
  type Sample,
  silentHostSample,
  vmSample,
} from '../../domain/samples.ts';
import type { Counters, Sweep } from '../../domain/sweep.ts';
import type { Vm } from '../../domain/vm.ts';
import { UNWATCHED, type VmWatch } from '../../domain/vm-watch.ts';
import { importUnknown } from '../import.ts';
import { keepObservation, type ObserveDeps } from '../observe.ts';
import { recordUptime } from '../slo/record.ts';
import type { Rows } from '../store.ts';
import { vmLock } from '../vm/common.ts';

/** Guests asked one by one in a sweep: each costs its host a process, and time where its agent hangs. With twenty on a host, each is asked every five minutes. */
export const PROBES = 4;

/**
 * One host's sweep of the minute: what it reports, a row for host, pools and VMs, and what is remembered of each VM.
 * `probe`: UUIDs of the guests to ask one by one. True when the host was silent.
 */
export async function sweepHost(
  deps: ObserveDeps,
  name: string,
  signal: AbortSignal,
  probe: readonly string[] = deps.rows.watch.toAsk(PROBES).get(name) ?? [],
): Promise<boolean> {
  const { rows, fleet, driver, clock, settings } = deps;
  const host = settings.hosts.find((each) => each.name === name);
  if (host === undefined) return false;
  const began = clock.now();
  const result = await fleet.run(name, driver.sweep(host.vg, probe), { signal });
  if (result.outcome !== 'done' && signal.aborted) return true;
  // Until all that a new host has is known, it counts as never seen: whoever wants a list waits for it.
  const isNew = !rows.hosts.isKnown(name);
  const found = result.outcome === 'done' ? result.value.observation : null;
  if (isNew && found !== null) await importUnknown(deps, name, found, signal);
  const times = { began, ended: clock.now() };
  rows.sighting(() => {
    if (result.outcome !== 'done') {
      rows.hosts.missed(name, result.error.message, times.ended);
      rows.samples.add(times.ended, [silentHostSample(name)]);
      recordUptime(rows, name, false, times.ended);
      return;
    }
    const sweep = result.value;
    const before = rows.counters.of(name);
    const known = rows.vms.onHost(name);
    const wasSeen = new Map(known.map((vm) => [vm.id, vm.seen]));
    const vms = keepObservation(rows, name, sweep.observation, times, known);
    rows.counters.save(name, times.ended, sweep.counters);
    const live = vms.filter(({ life }) => life === 'live');
    rows.samples.add(times.ended, samplesOf(name, host.pool, live, sweep, before?.counters ?? null, times));
    const watched = rows.watch.on(name);
    const wanted = vms.map((vm) => {
      const watch = watched.get(vm.id) ?? UNWATCHED;
      return {
        vm,
        wanted: remember(vm, watch, wasSeen.get(vm.id) ?? null, sweep, before, rows, times.ended).wanted,
      };
    });
    recordUptime(rows, name, sweep.observation.domains !== null, times.ended, wanted);
  });
  if (!isNew && found !== null) await importUnknown(deps, name, found, signal);
  return found === null;
}

function samplesOf(
  name: string,
  pool: string,
  vms: readonly Vm[],
  sweep: Sweep,
  before: Counters | null,
  times: CallTimes,
): readonly Sample[] {
  const { observation } = sweep;
  const volumes = new Map(observation.volumes?.map((volume) => [`${volume.vg}/${volume.name}`, volume]));
  const pools = [...volumes.values()].filter((volume) => volume.kind === 'thin-pool' && volume.name === pool);
  return [
    hostSample(name, sweep, before, times),
    ...pools.map((each) => poolSample(name, each, sweep, before)),
    // Without libvirt's word nothing is known of the VMs.
    ...(observation.domains === null
      ? []
      : vms.map((vm) => vmSample(vm.id, vm.uuid, isUp(observation, vm), volumesOf(vm, volumes), sweep, before))),
  ];
}

function isUp({ domains }: Observation, vm: Vm): boolean {
  const domain = domains?.find(({ uuid }) => uuid === vm.uuid);
  return domain !== undefined && powerOf(domain) === 'running';
}

function volumesOf(vm: Vm, volumes: ReadonlyMap<string, VolumeSeen>): readonly VolumeSeen[] {
  return vm.disks.flatMap(({ vg, volume }) => volumes.get(`${vg}/${volume}`) ?? []);
}

/** What is remembered of one VM, with what this sweep brought. */
function remember(
  vm: Vm,
  watch: VmWatch,
  wasSeen: Vm['seen'],
  sweep: Sweep,
  before: { readonly at: number; readonly counters: Counters } | null,
  rows: Rows,
  now: number,
): VmWatch {
  if (vm.life !== 'live' || sweep.observation.domains === null || vm.seen === null) return watch;
  const probe = sweep.probes.find(({ uuid }) => uuid === vm.uuid);
  const change: Partial<VmWatch> = {
    ...(watch.wanted === null ? { wanted: wantedAtFirst(vm.seen) } : {}),
    ...(probe === undefined ? {} : { ...afterProbe(watch, probe, now), askedAt: now }),
    ...(hasStarted(vm, wasSeen, sweep, before?.counters ?? null) && !isOurs(vm, watch, before?.at ?? now, rows)
      ? { starts: withStart(watch.starts, now) }
      : {}),
  };
  if (Object.keys(change).length > 0) rows.watch.update(vm.id, change);
  return { ...watch, ...change };
}

/** It runs, and didn't at the last sweep; or has used less CPU time than it had then: that is another run. */
function hasStarted(vm: Vm, wasSeen: Vm['seen'], sweep: Sweep, before: Counters | null): boolean {
  const now = sweep.counters.guests[vm.uuid];
  const then = before?.guests[vm.uuid];
  if (now === undefined || before === null) return false;
  return then === undefined ? powerOf(wasSeen) === 'off' : growth(then.cpuNs, now.cpuNs) === null;
}

/** Hostler itself started it: since the last sweep, or is at it. */
function isOurs(vm: Vm, watch: VmWatch, lastAt: number, rows: Rows): boolean {
  return (watch.wantedAt !== null && watch.wantedAt >= lastAt) || rows.locks.holder(vmLock(vm)) !== null;
}
