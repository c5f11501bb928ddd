import { isEncrypted } from '../../domain/backup.ts';
import { opTag, snapTag } from '../../domain/marks.ts';
import type { Rate, TargetSeen } from '../backup-verbs.ts';
import type { SnapshotSpec, VolumeName } from '../driver.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Undo } from '../step.ts';
import { both, reading } from './call.ts';
import { type At, seenOf, type UnitWork, unitEnded, waitFor } from './units.ts';

/** A file while it is written. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** Less than this is no room: a write that met the end leaves the last few blocks. */
const FULL_BELOW = 16 * 1024 * 1024;

/** That the target can't be worked on at all; null where it is there. */
export function goneFrom(host: string, directory: string, { freeBytes, unreached }: TargetSeen): string | null {
  if (unreached !== null) return `${host} can’t reach ${directory}: ${unreached}`;
  return freeBytes === null ? `${directory} is gone from ${host}` : null;
}

/** Why work on the target failed, as far as the target itself tells. */
export function blame(what: string, at: At, unit: string, directory: string, target: TargetSeen): string {
  const gone = goneFrom(at.host, directory, target);
  if (gone !== null) return `${what} failed: ${gone}`;
  if (target.freeBytes !== null && target.freeBytes < FULL_BELOW)
    return `${what} failed: ${directory} on ${at.host} is full`;
  if (!target.writable) return `${what} failed: ${directory} on ${at.host} can’t be written to any more`;
  return `${what} failed: see \`journalctl --user -u ${unit}\` on ${at.host}`;
}

/** Undo of what a unit wrote: the unit ended, and its file gone. */
export function unwritten({ driver }: At, unit: string, path: string): Undo {
  const left: HostCall<Seen> = reading(
    both(driver.images.pouring(unit), driver.backups.left(path)),
    ([state, file]) => ({ state: state === 'none' && !file ? 'absent' : 'done' }),
  );
  return { act: both(driver.images.stopPouring(unit), driver.backups.discard(path)), look: left };
}

export interface Copy {
  /** `vda` … */
  readonly target: string;
  readonly volume: VolumeName;
  readonly path: string;
  readonly unit: string;
  readonly directory: string;
  readonly forMs: number;
  readonly rate: Rate;
}

/** A volume's content into a file that isn't called as it will be yet. Neither the link nor the bot ends it; undo does. */
export function storeDisk(at: At, copy: Copy & { readonly encryptTo: string | null }): Step {
  const { volume, path, unit, target, rate, encryptTo } = copy;
  const act = at.driver.backups.store({ volume, path: partOf(path), unit, rate, encryptTo });
  return storing(at, copy, act, `Store ${target} in ${path}`);
}

/** Whatever of a disk a unit writes into a file. */
export function storing(
  at: At,
  { target, path, unit, directory, forMs }: Copy,
  act: HostCall<void>,
  title: string,
): Step {
  const { driver, host } = at;
  const what = `Storing ${target}`;
  return {
    name: `store-disk:${target}`,
    title,
    host,
    act,
    look: reading(both(driver.images.pouring(unit), driver.backups.target(directory)), ([state, seen]) =>
      seenOf(state, what, () => blame(what, at, unit, directory, seen)),
    ),
    wait: waitFor(forMs, what),
    undo: unwritten(at, unit, path),
  };
}

/** Gives what a unit has written its name, and lets systemd forget the unit. */
export function finishFile({ driver, host }: At, path: string, unit: string, title: string): Step {
  return {
    name: `finish-file:${path}`,
    title,
    host,
    act: both(driver.images.stopPouring(unit), driver.files.rename(partOf(path), path)),
    look: reading(
      both(driver.images.pouring(unit), driver.files.look(path)),
      ([state, file]): Seen => ({ state: state === 'none' && file !== null ? 'done' : 'absent' }),
    ),
    undo: {
      act: driver.files.rename(path, partOf(path)),
      look: reading(driver.files.look(path), (file): Seen => ({ state: file === null ? 'absent' : 'done' })),
    },
  };
}

/** The volumes of a snapshot that was taken only to be read. What holds one open a moment longer is waited for. */
export function dropSnapshot({ driver, host }: At, spec: SnapshotSpec): Step {
  const mine = reading(driver.volumes.byTag(spec.vg, snapTag(spec.snapshot)), (found): Seen => {
    const left = found.filter(({ tags }) => tags.includes(opTag(spec.marks.op)));
    return { state: left.length === 0 ? 'done' : 'under-way' };
  });
  return {
    name: `drop-snapshot:${spec.snapshot}`,
    title: 'Remove the snapshot again',
    host,
    act: driver.snapshots.drop({ ...spec, hold: 'none' }),
    look: mine,
    wait: {
      forMs: 60_000,
      everyMs: 1_000,
      askAgainMs: 5_000,
      late: {
        message: 'The snapshot that was stored can’t be removed',
        hint: 'Something on the host has it open: look with `lsblk`.',
      },
    },
    undo: 'nothing-to-undo',
  };
}

/** Checksums of files that are written to their end, and their sizes: the step's output. */
export function sumFiles(
  at: At,
  of: {
    readonly paths: readonly string[];
    readonly into: string;
    readonly unit: string;
    readonly directory: string;
    readonly forMs: number;
  },
): Step {
  const { driver, host } = at;
  const { paths, into, unit, directory, forMs } = of;
  const what = 'Working out the checksums';
  const facts = both(driver.backups.sums(partOf(into)), driver.backups.sizes(paths));
  const unitAndTarget = both(driver.images.pouring(unit), driver.backups.target(directory));
  return {
    name: 'sum-files',
    title: 'Work out the SHA-256 of each file',
    host,
    act: driver.backups.sum({ paths, into: partOf(into), unit }),
    look: reading(both(unitAndTarget, facts), ([[state, target], [sums, sizes]]) =>
      seenOf(
        state,
        what,
        () => blame(what, at, unit, directory, target),
        () => {
          const files = paths.flatMap((path) => {
            const sum = sums?.find((each) => each.path === path);
            const size = sizes.find((each) => each.path === path);
            return sum === undefined || size === undefined ? [] : [{ ...sum, sizeBytes: size.sizeBytes }];
          });
          if (files.length === paths.length) return { state: 'done', output: { files } };
          return { state: 'failed', what: `${what} failed: files of the backup are gone from ${directory}` };
        },
      ),
    ),
    wait: waitFor(forMs, what),
    undo: unwritten(at, unit, into),
  };
}

/** A file's content into a volume that was made for it. Undo ends the unit: the volume goes with the step that made it. */
export function unpacking(at: At, copy: Copy, cure: string): UnitWork {
  const { target, volume, path, unit, directory, forMs, rate } = copy;
  const { driver, host } = at;
  const what = `Unpacking ${target}`;
  return {
    name: `unpack-disk:${target}`,
    title: `Unpack ${path} into ${volume.name}`,
    unit,
    act: driver.backups.unpack({ path, volume, unit, rate }),
    look: reading(
      both(driver.images.pouring(unit), both(driver.backups.left(path), driver.backups.target(directory))),
      ([state, [there, seen]]) =>
        seenOf(state, what, () => {
          const gone = goneFrom(host, directory, seen);
          if (gone !== null) return `${what} failed: ${gone}`;
          if (!there) return `${what} failed: ${path} is gone`;
          const key = isEncrypted(path) ? ', or the key for it did not arrive' : '';
          return `${what} failed: the file may be damaged${cure}, or the pool full${key}: see \`journalctl --user -u ${unit}\` on ${host}`;
        }),
    ),
    undo: unitEnded(at, unit),
    forMs,
  };
}

/** The same in one step, for a disk of a backup. */
export function unpackDisk(at: At, copy: Copy): Step {
  const work = unpacking(at, copy, ', which `/vm backup verify` would tell');
  const { name, title, act, look, undo, forMs } = work;
  return { name, title, host: at.host, act, look, wait: waitFor(forMs, `Unpacking ${copy.target}`), undo };
}
