import { powerOf } from '../../../domain/health.ts';
import type { HostSettings } from '../../../domain/settings.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import type { Rows } from '../../store.ts';

/** A sample older than this says nothing of now. */
const FRESH_MS = 150_000;

/** VMs of a host that draw from its pool, by name; those in the trash left out. */
function drawingVms(rows: Rows, host: HostSettings): Vm[] {
  return rows.vms
    .onHost(host.name)
    .filter(({ life, disks }) => life === 'live' && disks.some(({ vg, kind }) => vg === host.vg && kind === 'thin'))
    .sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
}

/** Those that run. */
export function runningVms(rows: Rows, host: HostSettings): Vm[] {
  return drawingVms(rows, host).filter(({ seen }) => powerOf(seen) === 'running');
}

/** Those that somebody suspended, and that hold what they had. */
export function suspendedVms(rows: Rows, host: HostSettings): Vm[] {
  return drawingVms(rows, host).filter(({ seen }) => powerOf(seen) === 'suspended' && seen?.reason === 'user');
}

/** A VM and what it writes, by the newest sample. */
export interface Writer {
  readonly vm: Vm;
  readonly bytesPerSecond: number;
}

/** Running VMs that write just now, the biggest first. A VM's samples count all its disks. */
export function writersOn(rows: Rows, host: HostSettings, now: number): Writer[] {
  return runningVms(rows, host)
    .flatMap((vm): Writer[] => {
      const sample = rows.samples.latest('vm', vm.id);
      const bytesPerSecond = sample !== null && now - sample.at <= FRESH_MS ? (sample.values['disk_write'] ?? 0) : 0;
      return bytesPerSecond > 0 ? [{ vm, bytesPerSecond }] : [];
    })
    .sort((a, b) => b.bytesPerSecond - a.bytesPerSecond);
}
