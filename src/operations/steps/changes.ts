/** What has changed in a disk since the last backup, out of the pool's metadata, and into a file. */
import type { BackupBase } from '../../domain/backup.ts';
import { snapTag } from '../../domain/marks.ts';
import { formatSize } from '../../domain/size.ts';
import type { VolumeName } from '../driver.ts';
import type { Seen, Step } from '../step.ts';
import { type Copy, partOf, storing, unwritten } from './backups.ts';
import { both, inOne, reading } from './call.ts';
import { type At, seenOf, waitFor } from './units.ts';

export interface Changes {
  /** `vda` … */
  readonly target: string;
  readonly pool: VolumeName;
  readonly base: VolumeName;
  readonly volume: VolumeName;
  /** The list of what has changed, on the host. */
  readonly ranges: string;
  readonly unit: string;
  readonly forMs: number;
}

/** Lists what has changed. Whatever becomes of it, no snapshot of the pool's metadata stays held. */
export function findChanges(at: At, { target, pool, base, volume, ranges, unit, forMs }: Changes): Step {
  const { driver, host } = at;
  const what = `Finding what has changed in ${target}`;
  const { act, look } = unwritten(at, unit, ranges);
  return {
    name: `find-changes:${target}`,
    title: `Find what has changed in ${target} since the last backup`,
    host,
    act: driver.changes.find({ pool, base, volume, into: ranges, unit }),
    look: reading(
      both(driver.images.pouring(unit), both(driver.changes.found(ranges), driver.changes.look(pool))),
      ([state, [found, seen]]) =>
        seenOf(
          state,
          what,
          () =>
            seen.metadata === 'held'
              ? `${what} failed: something other than Hostler holds a snapshot of the metadata of ${pool.vg}/${pool.name}. A full backup can be made: \`--full\``
              : `${what} failed: see \`journalctl --user -u ${unit}\` on ${host}`,
          () =>
            found === null
              ? { state: 'failed', what: `${what} failed: ${ranges} is gone from ${host}` }
              : { state: 'done', output: found },
        ),
    ),
    wait: waitFor(forMs, what),
    undo: {
      act: inOne<unknown>(what, [act, driver.changes.release(pool)]),
      look: reading(
        both(look, driver.changes.look(pool)),
        ([left, { metadata }]): Seen => (metadata === 'ours' ? { state: 'done' } : left),
      ),
    },
  };
}

/** What has changed, in the snapshot, into a file that isn't called as it will be yet. */
export function storeChanges(
  at: At,
  copy: Copy & { readonly ranges: string; readonly encryptTo: string | null },
): Step {
  const { volume, path, unit, ranges, target, rate, encryptTo } = copy;
  const act = at.driver.changes.store({ volume, ranges, path: partOf(path), unit, rate, encryptTo });
  return storing(at, copy, act, `Store what has changed in ${target} in ${path}`);
}

/** The list has served. */
export function dropRanges({ driver, host }: At, { target, ranges, unit }: Changes): Step {
  return {
    name: `drop-ranges:${target}`,
    title: 'Clean up behind the comparison',
    host,
    act: both(driver.images.stopPouring(unit), driver.files.remove(ranges)),
    look: reading(
      both(driver.images.pouring(unit), driver.files.look(ranges)),
      ([state, file]): Seen => ({ state: state === 'none' && file === null ? 'done' : 'absent' }),
    ),
    undo: 'nothing-to-undo',
  };
}

/** What was kept of an earlier backup. One that can't be removed just now is no reason to give up the new one. */
export function dropBase({ driver, host }: At, { snapshot, disks }: BackupBase): Step {
  const tag = snapTag(snapshot);
  const [first] = disks;
  return {
    name: `drop-base:${snapshot}`,
    title: 'Remove what was kept of the last backup',
    host,
    act: {
      title: `Remove snapshot ${snapshot}`,
      commands: disks
        .flatMap(({ vg, volume }) => driver.volumes.removeMarked({ vg, name: volume, tag }).commands)
        .map((command) => ({ ...command, onFailure: 'go-on' })),
      // What could not be removed is seen by the look.
      parse: () => undefined,
    },
    look: reading(
      driver.volumes.byTag(first?.vg ?? '', tag),
      (left): Seen => ({ state: left.length === 0 ? 'done' : 'under-way' }),
    ),
    wait: { forMs: 60_000, everyMs: 1_000, askAgainMs: 5_000, late: 'go-on' },
    undo: 'nothing-to-undo',
  };
}

/** `12 MiB in 40 places`. */
export function changesText({ ranges, bytes }: { readonly ranges: number; readonly bytes: number }): string {
  if (ranges === 0) return 'nothing';
  return `${formatSize(bytes)} in ${ranges} ${ranges === 1 ? 'place' : 'places'}`;
}
