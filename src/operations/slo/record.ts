import { uptimeStatus } from '../../domain/slo/uptime.ts';
import type { Rows } from '../store.ts';
import { vmLock } from '../vm/common.ts';

/** Spans are kept for a year and a month: so far back a statement can be asked for. */
const KEPT_MS = 400 * 86_400_000;

/**
 * After a host's sweep, in its transaction: how each of its VMs is. `answered` false: neither it nor its VMs were seen, so what
 * should run is unknown, unless work on the host was announced.
 */
export function recordUptime(rows: Rows, host: string, answered: boolean, at: number): void {
  const maintenance = rows.silences
    .active(at)
    .some(({ maintenance: planned, scope, of }) => planned && scope === 'host' && of === host);
  for (const vm of rows.vms.onHost(host)) {
    const status = uptimeStatus({
      life: vm.life,
      wanted: rows.watch.of(vm.id).wanted,
      seen: answered ? vm.seen : null,
      maintenance,
      busy: () => isWorkedOn(rows, vmLock(vm)),
    });
    if (status !== null) rows.slo.record(vm, status, at);
  }
}

/** To be called now and then. */
export function pruneUptime(rows: Rows, now: number): void {
  rows.slo.prune(now - KEPT_MS);
}

/** What is stuck holds its lock, and nobody works on it. */
function isWorkedOn(rows: Rows, lock: string): boolean {
  const holder = rows.locks.holder(lock);
  return holder !== null && rows.operations.byId(holder)?.state !== 'stuck';
}
