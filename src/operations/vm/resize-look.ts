import { BotError } from '../../domain/error.ts';
import { fullName } from '../../domain/vm.ts';
import { refresh } from '../observe.ts';
import type { SizeSeen } from '../size-verbs.ts';
import { type LookedAt, lookForSnapshot } from '../snapshot/common.ts';
import type { ReadContext } from '../spec.ts';
import { liveVm } from '../vm-ref.ts';
import { flavorOf } from './flavor-of.ts';
import type { ResizeInput } from './resize.ts';

/** How old the host's report may be for the question whether it has room; and its pool, for a snapshot. */
const REPORT_AGE_MS = 10 * 60_000;
const POOL_AGE_MS = 60_000;

export interface ResizeLook {
  readonly size: SizeSeen;
  /** For a snapshot before it is shut down; null where it isn't, as it was not allowed to be. */
  readonly forSnapshot: LookedAt | null;
}

/** The domain's size on its host, and a fresh report of that; for a restart also what a snapshot needs to know. */
export async function lookForResize(input: ResizeInput, context: ReadContext): Promise<ResizeLook> {
  const { rows, settings, fleet, driver, team } = context;
  const vm = liveVm(rows, input.vm, team);
  // A name that isn't known needs no host to be asked.
  if (input.flavor !== undefined) flavorOf(settings, input.flavor);
  await refresh(context, [vm.host], input.restart ? POOL_AGE_MS : REPORT_AGE_MS);
  const seen = await fleet.run(vm.host, driver.domains.sizeOf(vm.uuid));
  if (seen.outcome !== 'done') throw seen.error;
  if (seen.value === null) {
    throw new BotError('wrong_state', `${fullName(vm)} is missing: host ${vm.host} knows no such domain`, {
      hint: 'Somebody removed it by hand. An admin can look with `virsh list --all` on the host.',
    });
  }
  return { size: seen.value, forSnapshot: input.restart ? await lookForSnapshot(input.vm, context) : null };
}
