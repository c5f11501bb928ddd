import type { ObserveDeps } from '../observe.ts';
import { vmLock } from '../vm/common.ts';

/** Each guest is asked so often. Milliseconds. */
const EVERY_MS = 15 * 60_000;
/** Guests of a host in one round. A hung agent takes 13 s of it, and is not asked again until a sweep has heard of it. */
const MOST = 20;

/**
 * Asks the guests of one host that are due how full their filesystems are, in one call. Answers with how many were asked. Beside the
 * sweep, so that an agent that hangs keeps nobody waiting; a guest that an operation works on has its turn later.
 */
export async function askFilesystems(deps: ObserveDeps, host: string, signal: AbortSignal): Promise<number> {
  const { rows, fleet, driver, clock } = deps;
  const vms = rows.filesystems
    .toAsk(host, clock.now() - EVERY_MS, MOST)
    .flatMap((id) => rows.vms.byId(id) ?? [])
    .filter((vm) => rows.locks.holder(vmLock(vm)) === null);
  if (vms.length === 0) return 0;
  const result = await fleet.run(host, driver.disks.filesystemsOf(vms.map(({ uuid }) => uuid)), { signal });
  // The host can't be asked: the sweep tells of that, and nobody knows more of the guests than before.
  if (result.outcome !== 'done') return 0;
  const at = clock.now();
  rows.sighting(() => {
    for (const { id, uuid } of vms) {
      if (rows.vms.byId(id) !== null) rows.filesystems.save(id, at, result.value.get(uuid) ?? null);
    }
  });
  return vms.length;
}
