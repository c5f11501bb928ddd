import type { Vm } from '../../domain/vm.ts';
import type { End } from '../spec.ts';
import type { Rows } from '../store.ts';

/** What is known of a VM before it is there; all else comes with its life. */
type Unborn = Omit<Vm, 'life' | 'address' | 'xml' | 'createdAt' | 'trashedAt' | 'seen'>;

/** The row of a VM that comes to be. Nobody may touch it until `settleBirth`. */
export function beginBirth(rows: Rows, vm: Unborn, now: number): void {
  rows.vms.insert({ ...vm, life: 'creating', address: null, xml: null, createdAt: now, trashedAt: null, seen: null });
}

/** What became of it: nothing, or a VM that only settling the operation may touch. True where it lives. */
export function settleBirth(rows: Rows, vmId: string, end: End, address: string | null): boolean {
  if (end === 'failed') rows.vms.forget(vmId);
  if (end === 'stuck') rows.vms.update(vmId, { life: 'faulted' });
  if (end !== 'succeeded') return false;
  rows.vms.update(vmId, { life: 'live', address });
  return true;
}
