import type { VolumeSeen } from '../../domain/inventory.ts';
import { opTag, vmTag } from '../../domain/marks.ts';
import type { Marks, VolumeName } from '../driver.ts';
import type { NamedMarks } from '../mark-verbs.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';
import type { At } from './domains.ts';

const bearsAll = (seen: VolumeSeen | null, tags: readonly string[]): boolean =>
  seen !== null && tags.every((tag) => seen.tags.includes(tag));
const bearsAny = (seen: VolumeSeen | null, tags: readonly string[]): boolean =>
  seen !== null && tags.some((tag) => seen.tags.includes(tag));

/** Marks on a volume that somebody else made; its own tags stay. Undo takes these off, and leaves the volume. */
export function markVolume({ driver, host, vm }: At, volume: VolumeName, marks: Marks): Step {
  const tags = [opTag(marks.op), vmTag(marks.vm)];
  const name = `${volume.vg}/${volume.name}`;
  return {
    name: `mark-volume:${volume.name}`,
    title: `Mark volume ${name} as a disk of ${vm}`,
    host,
    act: driver.volumes.retag({ ...volume, add: tags, remove: [] }),
    look: reading(driver.volumes.look(volume), (seen): Seen => {
      if (seen === null) return { state: 'foreign', what: `No volume ${name}, which should be there: its absence` };
      return { state: bearsAll(seen, tags) ? 'done' : 'absent' };
    }),
    undo: {
      act: driver.volumes.retag({ ...volume, add: [], remove: tags }),
      look: reading(
        driver.volumes.look(volume),
        (seen): Seen => ({
          state: bearsAny(seen, tags) ? 'done' : 'absent',
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

/** Marks off a volume that stays; undo writes the same ones again. */
export function unmarkVolume({ driver, host, vm }: At, { vg, name }: VolumeName, tags: readonly string[]): Step {
  const volume = { vg, name };
  return {
    name: `unmark-volume:${name}`,
    title: `Take the marks of ${vm} off volume ${vg}/${name}`,
    host,
    act: driver.volumes.retag({ ...volume, add: [], remove: tags }),
    look: reading(driver.volumes.look(volume), (seen): Seen => ({ state: bearsAny(seen, tags) ? 'absent' : 'done' })),
    undo: {
      act: driver.volumes.retag({ ...volume, add: tags, remove: [] }),
      look: reading(driver.volumes.look(volume), (seen): Seen => ({ state: bearsAll(seen, tags) ? 'absent' : 'done' })),
    },
  };
}

/** Marks off a domain that stays; undo writes the same ones again. */
export function unmarkDomain(
  { driver, host, uuid, vm }: At,
  marks: NamedMarks,
  domainName: string,
  live: boolean,
): Step {
  const same = (seen: NamedMarks | null): boolean =>
    seen !== null && seen.vm === marks.vm && seen.team === marks.team && seen.name === marks.name;
  return {
    name: 'unmark-domain',
    title: `Take the marks of ${vm} off domain ${domainName}`,
    host,
    act: driver.domains.unmark(uuid, { live }),
    look: reading(driver.domains.marksOf(uuid), (seen): Seen => ({ state: seen === null ? 'done' : 'absent' })),
    undo: {
      act: driver.domains.mark(uuid, marks, { live }),
      look: reading(driver.domains.marksOf(uuid), (seen): Seen => ({ state: same(seen) ? 'absent' : 'done' })),
    },
  };
}
