/** What was stored against what was brought back: checksums of both, which units of the host work out. */
import type { Rate } from '../backup-verbs.ts';
import type { VolumeName } from '../driver.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Undo } from '../step.ts';
import { unwritten } from './backups.ts';
import { both, inOne, reading } from './call.ts';
import { type At, waitFor } from './units.ts';

interface Pair<T> {
  readonly file: T;
  readonly volume: T;
}

export interface Comparison {
  /** `vda` … */
  readonly target: string;
  /** The compressed file of the backup. */
  readonly path: string;
  readonly volume: VolumeName;
  /** Files for the checksums, and units that work them out. */
  readonly into: Pair<string>;
  readonly units: Pair<string>;
  readonly forMs: number;
  readonly rate: Rate;
}

/** SHA-256 of what the file holds, and of what the volume holds, from beginning to end: they must be the same. */
export function compareContent(at: At, of: Comparison): readonly Step[] {
  const { target, volume, into, units, rate } = of;
  const title = `Work out the SHA-256 of ${target} in the backup, and as it was restored`;
  const found = at.driver.backups.sumVolume({ volume, into: into.volume, unit: units.volume, rate });
  return [
    { ...bothSums(at, of, title, found), name: `sum-data:${target}` },
    {
      ...sameSums(at, of, `${target} as it was restored is not what the backup holds`),
      name: `compare-data:${target}`,
      title: `Compare ${target} with the backup`,
    },
  ];
}

/** An increment written onto the volume that holds what it builds on; then what the volume holds there is compared with what it should. */
export function applyIncrement(at: At, of: Comparison, number: number): readonly Step[] {
  const { target, path, volume, into, units, rate } = of;
  const { driver, host } = at;
  const title = `Apply ${path} to ${volume.name}, and read it back`;
  const act = driver.changes.apply({ path, volume, into: into.volume, unit: units.volume, rate });
  const which = `${target}:${number}`;
  const clear = inOne<unknown>(
    title,
    (['file', 'volume'] as const).map((each) => unwritten(at, units[each], into[each]).act),
  );
  const left = both(unwritten(at, units.file, into.file).look, unwritten(at, units.volume, into.volume).look);
  return [
    {
      ...bothSums(at, of, title, act, ': the file may be damaged, which `/vm backup verify` would tell'),
      name: `apply-increment:${which}`,
    },
    {
      ...sameSums(at, of, `${target} does not hold what ${path} has for it`),
      name: `compare-increment:${which}`,
      title: `Compare what was written with the increment`,
    },
    {
      name: `release-increment:${which}`,
      title: `Clean up behind the increment`,
      host,
      act: clear,
      look: reading(left, (all): Seen => ({ state: all.every(({ state }) => state === 'absent') ? 'done' : 'absent' })),
      undo: 'nothing-to-undo',
    },
  ];
}

/** Works out both sums at once. Undo ends the units: what they wrote to a volume goes with the step that made it. */
function bothSums(
  at: At,
  { path, into, units, forMs }: Comparison,
  title: string,
  act: HostCall<void>,
  cure = '',
): Omit<Step, 'name' | 'undo'> & { readonly undo: Undo } {
  const { driver, host } = at;
  const states = both(driver.images.pouring(units.file), driver.images.pouring(units.volume));
  const [file, volume] = [unwritten(at, units.file, into.file), unwritten(at, units.volume, into.volume)];
  return {
    title,
    host,
    act: both(driver.backups.sumContent({ path, into: into.file, unit: units.file }), act),
    look: reading(states, ([one, other]): Seen => {
      const bad = one === 'failed' ? units.file : other === 'failed' ? units.volume : null;
      if (bad !== null)
        return {
          state: 'failed',
          what: `${title}: that failed${cure}, see \`journalctl --user -u ${bad}\` on ${host}`,
        };
      if (one === 'done' && other === 'done') return { state: 'done' };
      return one === 'none' || other === 'none' ? { state: 'absent' } : { state: 'under-way' };
    }),
    wait: waitFor(forMs, title),
    undo: {
      act: inOne(title, [file.act, volume.act]),
      look: reading(
        both(file.look, volume.look),
        (left): Seen => ({ state: left.every(({ state }) => state === 'absent') ? 'absent' : 'done' }),
      ),
    },
  };
}

function sameSums({ driver, host }: At, { target, into }: Comparison, other: string): Omit<Step, 'name' | 'title'> {
  return {
    host,
    act: null,
    look: reading(
      both(driver.backups.contentSum(into.file), driver.backups.contentSum(into.volume)),
      ([held, found]): Seen => {
        if (held === null || found === null) return { state: 'absent' };
        if (held === found) return { state: 'done', output: { sha256: held } };
        return { state: 'failed', what: `${other}: its SHA-256 is another` };
      },
    ),
    wait: {
      forMs: 0,
      everyMs: 1_000,
      late: { message: `The checksums of ${target} are gone from ${host}`, hint: 'Ask again.' },
    },
    undo: 'nothing-to-undo',
  };
}
