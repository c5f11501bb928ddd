import { uptimeStatus } from '../../domain/slo/uptime.ts';
import type { Vm } from '../../domain/vm.ts';
import type { VmWatch } from '../../domain/vm-watch.ts';
import type { Rows } from '../store.ts';
import { vmLock } from '../vm/common.ts';

/** Spans are kept for a year and a month: so far back a statement can be asked for. */
const KEPT_MS = 400 * 86_400_000;

/** A VM with what is wanted of it. */
export interface Wanted extends Pick<VmWatch, 'wanted'> {
  readonly vm: Vm;
}

/**
 * After a host's sweep, in its transaction: how each of its VMs is. `answered` false: neither it nor its VMs were seen, so what
 * should run is unknown, unless work on the host was announced. `vms`: those of the host, where they were read already.
 */
export function recordUptime(
  rows: Rows,
  host: string,
  answered: boolean,
  at: number,
  vms = wantedOn(rows, host),
): void {
  const maintenance = rows.silences
    .active(at)
    .some(({ maintenance: planned, scope, of }) => planned && scope === 'host' && of === host);
  for (const { vm, wanted } of vms) {
    const status = uptimeStatus({
      life: vm.life,
      wanted,
      seen: answered ? vm.seen : null,
      maintenance,
      busy: () => isWorkedOn(rows, vmLock(vm)),
    });
    if (status !== null) rows.slo.record(vm, status, at);
  }
}

function wantedOn(rows: Rows, host: string): readonly Wanted[] {
  const watched = rows.watch.on(host);
  return rows.vms.onHost(host).map((vm) => ({ vm, wanted: watched.get(vm.id)?.wanted ?? null }));
}

/** To be called now and then. */
export function pruneUptime(rows: Rows, now: number): void {
  rows.slo.prune(now - KEPT_MS);
}

/** What is stuck holds its lock, and nobody works on it. */
function isWorkedOn(rows: Rows, lock: string): boolean {
  const holder = rows.locks.holder(lock);
  return holder !== null && rows.operations.brief(holder)?.state !== 'stuck';
}
