import type { VolumeSeen } from '../../domain/inventory.ts';
import { opTag, vmTag } from '../../domain/marks.ts';
import type { Marks, VolumeName } from '../driver.ts';
import type { NamedMarks } from '../mark-verbs.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';
import type { At } from './domains.ts';

/** Marks on a volume that somebody else made; its own tags stay. Undo takes these off, and leaves the volume. */
export function markVolume({ driver, host, vm }: At, volume: VolumeName, marks: Marks): Step {
  const tags = [opTag(marks.op), vmTag(marks.vm)];
  const name = `${volume.vg}/${volume.name}`;
  const bears = (seen: VolumeSeen, how: 'all' | 'any'): boolean =>
    how === 'all' ? tags.every((tag) => seen.tags.includes(tag)) : tags.some((tag) => seen.tags.includes(tag));
  return {
    name: `mark-volume:${volume.name}`,
    title: `Mark volume ${name} as a disk of ${vm}`,
    host,
    act: driver.volumes.retag({ ...volume, add: tags, remove: [] }),
    look: reading(driver.volumes.look(volume), (seen): Seen => {
      if (seen === null) return { state: 'foreign', what: `No volume ${name}, which should be there: its absence` };
      return { state: bears(seen, 'all') ? 'done' : 'absent' };
    }),
    undo: {
      act: driver.volumes.retag({ ...volume, add: [], remove: tags }),
      look: reading(
        driver.volumes.look(volume),
        (seen): Seen => ({
          state: seen !== null && bears(seen, 'any') ? 'done' : 'absent',
        }),
      ),
    },
  };
}

/** Marks and names in the metadata of a domain that somebody else made. Undo takes them off, and leaves the domain. */
export function markDomain({ driver, host, uuid, vm }: At, marks: NamedMarks, domainName: string, live: boolean): Step {
  return {
    name: 'mark-domain',
    title: `Mark domain ${domainName} as ${vm}`,
    host,
    act: driver.domains.mark(uuid, marks, { live }),
    look: reading(driver.domains.marksOf(uuid), (seen): Seen => {
      if (seen === null) return { state: 'absent' };
      if (seen.op !== marks.op) return { state: 'foreign', what: `Domain ${domainName} with marks of VM ${seen.vm}` };
      return { state: seen.team === marks.team && seen.name === marks.name ? 'done' : 'absent' };
    }),
    undo: {
      act: driver.domains.unmark(uuid, { live }),
      look: reading(
        driver.domains.marksOf(uuid),
        (seen): Seen => ({
          state: seen?.op === marks.op ? 'done' : 'absent',
        }),
      ),
    },
  };
}
