import type { DomainSeen } from '../../domain/inventory.ts';
import { volumeAt } from '../../domain/volume-path.ts';
import type { DefinitionSeen } from '../mark-verbs.ts';
import type { ReadContext } from '../spec.ts';

/** Definitions asked for in one call. */
const A_CALL = 50;

/** The definitions of a host's domains that are no VMs: they may have any disk. One that is gone meanwhile has none. Throws when the host doesn't answer. */
export async function strangersOn(
  host: string,
  domains: readonly DomainSeen[],
  { rows, fleet, driver }: Pick<ReadContext, 'rows' | 'fleet' | 'driver'>,
): Promise<readonly DefinitionSeen[]> {
  const unknown = domains.map(({ uuid }) => uuid).filter((uuid) => rows.vms.byUuid(uuid) === null);
  const found: DefinitionSeen[] = [];
  for (let at = 0; at < unknown.length; at += A_CALL) {
    const asked = await fleet.run(host, driver.domains.definitions(unknown.slice(at, at + A_CALL)));
    if (asked.outcome !== 'done') throw asked.error;
    found.push(...asked.value.filter((definition) => definition !== null));
  }
  return found;
}

/** The name of one of them that has this volume as a disk, off or running; undefined where none has. */
export function strangerWith(
  strangers: readonly DefinitionSeen[],
  { vg, volume }: { readonly vg: string; readonly volume: string },
): string | undefined {
  const has = (path: string): boolean => {
    const at = volumeAt(path);
    return at?.vg === vg && at.volume === volume;
  };
  return strangers.flatMap((each) =>
    each.kind === 'read' && each.disks.some(({ path }) => has(path)) ? [each.domainName] : [],
  )[0];
}
