import type { VolumeSeen } from '../../domain/inventory.ts';
import { opTag } from '../../domain/marks.ts';
import { formatSize } from '../../domain/size.ts';
import type { Driver, Marks, VolumeName } from '../driver.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';

interface At {
  readonly driver: Driver;
  readonly host: string;
}

/** Is there a volume of this name that we made, large enough? */
function ours(seen: VolumeSeen | null, volume: VolumeName, marks: Marks, sizeBytes: number): Seen {
  if (seen === null) return { state: 'absent' };
  if (!seen.tags.includes(opTag(marks.op))) return { state: 'foreign', what: `Volume ${volume.vg}/${volume.name}` };
  return seen.sizeBytes >= sizeBytes ? { state: 'done' } : { state: 'absent' };
}

/** Undo of whatever made this volume: gone, where it bears the operation's mark. */
function removal(volume: VolumeName, marks: Marks, driver: Driver) {
  return {
    act: driver.volumes.removeMarked({ ...volume, tag: opTag(marks.op) }),
    look: reading(
      driver.volumes.look(volume),
      (seen): Seen => (seen === null || !seen.tags.includes(opTag(marks.op)) ? { state: 'absent' } : { state: 'done' }),
    ),
  };
}

/** A thin clone of a golden image. */
export function cloneVolume(
  { driver, host }: At,
  volume: VolumeName & {
    readonly origin: string;
    readonly originBytes: number;
    readonly sizeBytes: number;
    readonly marks: Marks;
    readonly from?: string;
  },
): Step {
  const act = driver.volumes.clone(volume);
  // A clone whose origin is smaller is extended by a second command: cut off between the two, it is too small, and can't be made again.
  const half = driver.volumes.removeMarked({ ...volume, tag: opTag(volume.marks.op) });
  return {
    name: `clone-volume:${volume.name}`,
    title: `Clone ${volume.origin} to ${volume.name} (${formatSize(volume.sizeBytes)})`,
    host,
    act,
    anew: { ...act, commands: [...half.commands, ...act.commands] },
    look: reading(driver.volumes.look(volume), (seen) => ours(seen, volume, volume.marks, volume.sizeBytes)),
    undo: removal(volume, volume.marks, driver),
    withNext: true,
  };
}

/** An empty volume, thin or thick. */
export function createVolume(
  { driver, host }: At,
  volume: VolumeName & { readonly pool: string | null; readonly sizeBytes: number; readonly marks: Marks },
): Step {
  const { pool } = volume;
  const act: HostCall<void> =
    pool === null ? driver.volumes.createThick(volume) : driver.volumes.createThin({ ...volume, pool });
  return {
    name: `create-volume:${volume.name}`,
    title: `Create volume ${volume.name} (${formatSize(volume.sizeBytes)}, ${pool === null ? 'thick' : 'thin'})`,
    host,
    act,
    look: reading(driver.volumes.look(volume), (seen) => ours(seen, volume, volume.marks, volume.sizeBytes)),
    undo: removal(volume, volume.marks, driver),
  };
}

/** A volume made larger. It is not made smaller again: what a guest has written beyond the old end would be lost. */
export function extendVolume({ driver, host }: At, volume: VolumeName & { readonly sizeBytes: number }): Step {
  return {
    name: `extend-volume:${volume.name}`,
    title: `Extend ${volume.name} to ${formatSize(volume.sizeBytes)}`,
    host,
    act: driver.volumes.extend(volume),
    look: reading(
      driver.volumes.look(volume),
      (seen): Seen => ({ state: (seen?.sizeBytes ?? 0) >= volume.sizeBytes ? 'done' : 'absent' }),
    ),
    undo: 'nothing-to-undo',
  };
}

/** Another name for a volume; undo gives the old one back. Never of a volume in use: the VM is seen off first. */
export function renameVolume({ driver, host }: At, volume: VolumeName & { readonly to: string }, title: string): Step {
  const from = { vg: volume.vg, name: volume.name };
  const to = { vg: volume.vg, name: volume.to };
  return {
    name: `rename-volume:${volume.name}`,
    title,
    host,
    act: driver.volumes.rename(volume),
    look: reading(driver.volumes.look(to), present),
    undo: {
      act: driver.volumes.rename({ ...to, to: volume.name }),
      look: reading(
        driver.volumes.look(from),
        (seen): Seen => (seen === null ? { state: 'done' } : { state: 'absent' }),
      ),
    },
  };
}

/** Removes a volume for good. Only one that bears the tag. */
export function purgeVolume({ driver, host }: At, volume: VolumeName & { readonly tag: string }): Step {
  return {
    name: `purge-volume:${volume.name}`,
    title: `Remove volume ${volume.name}`,
    host,
    act: driver.volumes.removeMarked(volume),
    look: reading(driver.volumes.look(volume), (seen): Seen => {
      if (seen === null) return { state: 'done' };
      if (!seen.tags.includes(volume.tag))
        return { state: 'foreign', what: `Volume ${volume.vg}/${volume.name} without the mark ${volume.tag}` };
      return { state: 'absent' };
    }),
    undo: 'no-way-back',
  };
}

function present(value: unknown): Seen {
  return value === null ? { state: 'absent' } : { state: 'done' };
}

/** A small file in Hostler's directory, written whole; undo removes it. Its name holds the id that this operation minted. */
export function writeFile(
  { driver, host }: At,
  file: { readonly path: string; readonly bytes: number; readonly base64: string; readonly label: string },
): Step {
  return {
    name: `write-file:${file.path}`,
    title: `Write ${file.label}`,
    host,
    act: driver.files.write(file.path, { base64: file.base64, label: file.label }),
    look: reading(
      driver.files.look(file.path),
      (seen): Seen => (seen?.sizeBytes === file.bytes ? { state: 'done' } : { state: 'absent' }),
    ),
    undo: {
      act: driver.files.remove(file.path),
      look: reading(driver.files.look(file.path), present),
    },
    withNext: true,
  };
}

/** Another name for a file; undo gives the old one back. */
export function renameFile({ driver, host }: At, from: string, to: string, title: string): Step {
  return {
    name: `rename-file:${from}`,
    title,
    host,
    act: driver.files.rename(from, to),
    look: reading(driver.files.look(to), present),
    undo: {
      act: driver.files.rename(to, from),
      look: reading(driver.files.look(from), (seen): Seen => (seen === null ? { state: 'done' } : { state: 'absent' })),
    },
  };
}

/** Removes a file for good. */
export function purgeFile({ driver, host }: At, path: string): Step {
  return {
    name: `purge-file:${path}`,
    title: `Remove ${path}`,
    host,
    act: driver.files.remove(path),
    look: reading(driver.files.look(path), (seen): Seen => (seen === null ? { state: 'done' } : { state: 'absent' })),
    undo: 'no-way-back',
  };
}
