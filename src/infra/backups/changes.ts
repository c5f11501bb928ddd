/** The verbs of incremental backups: what has changed since, into a file and back onto a volume. */
import type { Command } from '../../domain/command.ts';
import type { ChangesFound, ChangeVerbs } from '../../operations/change-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { lvs, readVolumes, selecting } from '../lvm/lvs.ts';
import { poolDevice } from '../lvm/mapper.ts';
import { appliedTo, asRoot, changedRanges, changes, withKey, work } from './pipeline.ts';
import { FIND_CHANGES, HELD_TAG } from './scripts.ts';

/** Where both Debian and Enterprise Linux have it. */
export const THIN_DELTA = '/usr/sbin/thin_delta';
const MISSING = 'No such file or directory';

export function changeVerbs(): ChangeVerbs {
  return {
    look: ({ vg, name }) => ({
      title: `Look whether pool ${vg}/${name} can tell what has changed`,
      commands: [
        { argv: ['test', '-x', THIN_DELTA], limit: 'quick', onFailure: 'go-on' },
        {
          argv: ['dmsetup', 'status', `${poolDevice({ vg, name })}-tpool`],
          sudo: true,
          limit: 'quick',
          onFailure: 'go-on',
        },
        lvs(vg, { select: selecting({ name }), onFailure: 'go-on' }),
      ],
      parse: readAbility,
    }),
    find: ({ pool, base, volume, into, unit }) => ({
      title: `Find what has changed in ${volume.vg}/${volume.name} since ${base.name}`,
      commands: [work(changes(pool, base, volume), { unit, output: into, gentle: true })],
      parse: nothing,
    }),
    found: (path) => ({
      title: `Read ${path}`,
      commands: [{ argv: ['cat', '--', path], limit: 'normal', onFailure: 'go-on' }],
      parse: (ran) => readFound(path, answerTo(ran)),
    }),
    release: (pool) => ({
      title: `See that Hostler holds no snapshot of the metadata of ${pool.vg}/${pool.name}`,
      commands: [releasing(pool)],
      parse: nothing,
    }),
    store: ({ volume, ranges, path, unit, rate, encryptTo }) => ({
      title: `Store what has changed in ${volume.vg}/${volume.name} in ${path}`,
      commands: [work(changedRanges(volume, rate, encryptTo), { unit, input: ranges, output: path, gentle: true })],
      parse: nothing,
    }),
    apply: ({ path, volume, into, unit, rate }) => ({
      title: `Apply ${path} to ${volume.vg}/${volume.name}, and read back what was written`,
      commands: withKey(
        unit,
        [path],
        work(appliedTo(volume, rate, { path, unit }), { unit, input: path, output: into, gentle: true }),
      ),
      parse: nothing,
    }),
  };
}

function releasing(pool: { readonly vg: string; readonly name: string }): Command {
  const names = [`${pool.vg}/${pool.name}`, poolDevice(pool)];
  return { ...asRoot(FIND_CHANGES, ...names), limit: 'long' };
}

/** `0 83886080 thin-pool 3 420/5120 1234/655360 - rw …`: the seventh says where the snapshot of the metadata lies, or `-`. */
const HELD = /^\d+ \d+ thin-pool \d+ \d+\/\d+ \d+\/\d+ (\S+) /m;

function readAbility(ran: readonly Ran[]): ReturnType<ReturnType<ChangeVerbs['look']>['parse']> {
  const [tool, status, pools] = [answerTo(ran, 0), answerTo(ran, 1), answerTo(ran, 2)];
  const held = HELD.exec(status.stdout)?.[1];
  const ours = pools.exit === 0 && readVolumes(pools)[0]?.tags.includes(HELD_TAG) === true;
  return {
    installed: tool.exit === 0,
    // What can't be read is none that we could use.
    metadata: status.exit !== 0 || held === undefined ? 'unknown' : ours ? 'ours' : held === '-' ? 'free' : 'held',
  };
}

function readFound(path: string, answer: Ran): ChangesFound | null {
  if (answer.exit === 1 && answer.stderr.includes(MISSING)) return null;
  if (answer.exit !== 0) throw refused(`Reading ${path}`, answer);
  if (answer.stdout === '') return null;
  const size = /^hostler-increment 1 (\d+)\n/.exec(answer.stdout)?.[1];
  const [, ranges, bytes] = /\ndata (\d+) (\d+)\n$/.exec(answer.stdout) ?? [];
  if (size === undefined || ranges === undefined || bytes === undefined) throw unreadable(`Reading ${path}`, answer);
  return { ranges: Number(ranges), bytes: Number(bytes), sizeBytes: Number(size) };
}
