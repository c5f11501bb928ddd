import { type BackupFile, damageOf } from '../../domain/backup.ts';
import { readPlace } from '../../domain/place.ts';
import type { TargetSeen } from '../backup-verbs.ts';
import type { UnitState } from '../image-verbs.ts';
import type { Seen, Step } from '../step.ts';
import { goneFrom, unwritten } from './backups.ts';
import { both, reading } from './call.ts';
import { type At, lost, unitEnded, waitFor } from './units.ts';

export interface Verification {
  /** The backups that are read, the full one first, each with its own of the files; none in plans of before increments. */
  readonly chain: readonly { readonly name: string; readonly paths: readonly string[] }[];
  /** As they were written. */
  readonly files: readonly BackupFile[];
  /** The compressed ones among them. */
  readonly packed: readonly string[];
  /** Where they lie. */
  readonly directory: string;
  /** Where the checksums go meanwhile. */
  readonly into: string;
  readonly units: { readonly sum: string; readonly test: string };
  readonly forMs: number;
}

/**
 * Reads all files of a backup: their checksums, and whether they can be unpacked. What is wrong with them is no failure yet, but the output of
 * `note-findings`, which stands when the rest is taken back.
 */
export function readBackup(at: At, { files, packed, directory, into, units, forMs }: Verification): Step[] {
  const { driver, host } = at;
  const paths = files.map(({ path }) => path);
  // What can't be unpacked may have been cut short on its way: then the checksums alone tell.
  const linked = readPlace(directory).remote !== null;
  const target = driver.backups.target(directory);
  /** The unit has come to an end, and what it could not read was not for want of the whole target. */
  const judge = (state: UnitState, seen: TargetSeen): Seen => {
    if (state === 'running') return { state: 'under-way' };
    if (state === 'none') return lost('Reading the backup');
    const gone = goneFrom(host, directory, seen);
    return gone === null ? { state: 'done' } : { state: 'failed', what: gone };
  };
  const sumUnit = both(driver.backups.summing(units.sum), target);
  const testUnit = both(driver.backups.summing(units.test), target);
  return [
    {
      name: 'sum-files',
      title: 'Work out the SHA-256 of each file',
      host,
      act: driver.backups.sum({ paths, into, unit: units.sum }),
      look: reading(sumUnit, ([{ state, reached }, seen]) =>
        reached ? judge(state, seen) : { state: 'failed', what: `${host} lost ${directory} while it was read` },
      ),
      wait: waitFor(forMs, 'Working out the checksums'),
      undo: unwritten(at, units.sum, into),
    },
    {
      name: 'unpack-files',
      title: 'Unpack each disk into nothing',
      host,
      act: driver.backups.test({ paths: packed, unit: units.test }),
      // What was not read is not damaged.
      look: reading(testUnit, ([{ state, inTime }, seen]) =>
        inTime ? judge(state, seen) : { state: 'failed', what: `${host} had no time, or no key, to unpack the disks` },
      ),
      wait: waitFor(forMs, 'Unpacking the files'),
      undo: unitEnded(at, units.test),
    },
    {
      name: 'note-findings',
      title: 'Note what was read',
      host,
      act: null,
      look: reading(
        both(driver.images.pouring(units.test), driver.backups.sums(into)),
        ([state, sums]): Seen => ({ state: 'done', output: { sums: sums ?? [], whole: state === 'done' || linked } }),
      ),
      undo: 'nothing-to-undo',
    },
  ];
}

/** Says what `readBackup` found: fails where the backup is not what was written. */
export function judgeBackup({ driver, host }: At, { chain, files, into, units, directory }: Verification): Step {
  const builtOn = chain.slice(0, -1);
  /** A file by itself says nothing to whoever verified another backup than the one that it is of. */
  const whose = (path: string): string => {
    const name = builtOn.find(({ paths }) => paths.includes(path))?.name ?? '';
    return name === '' ? '' : `of ${name}, which it builds on, `;
  };
  return {
    name: 'judge-backup',
    title: 'Compare them with what was written',
    host,
    act: null,
    look: reading(both(driver.images.pouring(units.test), driver.backups.sums(into)), ([state, sums]): Seen => {
      const damage = files.flatMap((file) => damageOf([file], sums ?? []).map((told) => `${whose(file.path)}${told}`));
      if (damage.length > 0) return { state: 'failed', what: `The backup is damaged: ${damage.join('; ')}` };
      if (state !== 'failed') return { state: 'done' };
      const linked = readPlace(directory).remote !== null;
      return {
        state: 'failed',
        what: linked
          ? `Its files are as they were written, but a disk could not be unpacked: was the link to ${directory} cut? Verify it again`
          : 'The backup is damaged: a disk can’t be unpacked',
      };
    }),
    wait: { forMs: 0, everyMs: 1_000, late: 'go-on' },
    undo: 'nothing-to-undo',
  };
}

/** Clears away what `readBackup` left on the host. */
export function clearReading(at: At, { into, units }: Verification): Step {
  const { driver, host } = at;
  const { act, look } = unwritten(at, units.sum, into);
  return {
    name: 'clear-reading',
    title: 'Clean up behind the reading',
    host,
    act: both(driver.images.stopPouring(units.test), act),
    look: reading(
      both(driver.images.pouring(units.test), look),
      ([state, left]): Seen => ({
        state: state === 'none' && left.state === 'absent' ? 'done' : 'absent',
      }),
    ),
    undo: 'nothing-to-undo',
  };
}
