/** The backup verbs: compressed copies of volumes, their checksums, and the way back. */
import type { BackupVerbs, TargetSeen } from '../../operations/backup-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { readSumFile } from '../sum-file.ts';
import { contentSummed, packed, tested, unpackedInto, volumeSummed, withKey, work } from './pipeline.ts';

const MISSING = 'No such file or directory';

export function backupVerbs(): BackupVerbs {
  return {
    target: (directory) => ({
      title: `Look at ${directory}`,
      commands: [
        { argv: ['test', '-w', directory], limit: 'quick', onFailure: 'go-on' },
        { argv: ['df', '-B1', '--output=avail', directory], limit: 'quick', onFailure: 'go-on' },
      ],
      parse: readTarget,
    }),
    store: ({ volume, path, unit, rate, encryptTo }) => ({
      title: `Store volume ${volume.vg}/${volume.name} in ${path}`,
      commands: [work(packed(volume, rate, encryptTo), { unit, output: path, gentle: true })],
      parse: nothing,
    }),
    unpack: ({ path, volume, unit, rate }) => ({
      title: `Unpack ${path} into ${volume.vg}/${volume.name}`,
      commands: withKey(
        unit,
        [path],
        work(unpackedInto(volume, rate, { path, unit }), { unit, input: path, gentle: true }),
      ),
      parse: nothing,
    }),
    sum: ({ paths, into, unit }) => ({
      title: 'Work out the checksums',
      commands: [work([{ argv: ['sha256sum', '--', ...paths] }], { unit, output: into, gentle: true })],
      parse: nothing,
    }),
    test: ({ paths, unit }) => ({
      title: 'Try to unpack the files',
      commands: withKey(unit, paths, work(tested(paths, unit), { unit, gentle: true })),
      parse: nothing,
    }),
    sumContent: ({ path, into, unit }) => ({
      title: `Work out the checksum of what ${path} holds`,
      commands: withKey(
        unit,
        [path],
        work(contentSummed({ path, unit }), { unit, input: path, output: into, gentle: true }),
      ),
      parse: nothing,
    }),
    sumVolume: ({ volume, into, unit, rate }) => ({
      title: `Work out the checksum of volume ${volume.vg}/${volume.name}`,
      commands: [work(volumeSummed(volume, rate), { unit, output: into, gentle: true })],
      parse: nothing,
    }),
    contentSum: (path) => ({
      title: `Read ${path}`,
      commands: [{ argv: ['cat', '--', path], limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) => readContentSum(path, answerTo(ran)),
    }),
    sums: (path) => ({
      title: `Read ${path}`,
      commands: [{ argv: ['cat', '--', path], limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) =>
        readSumFile(path, answerTo(ran))?.map(({ path: file, hex }) => ({ path: file, sha256: hex })) ?? null,
    }),
    sizes: (paths) => ({
      title: 'Look at the files',
      commands: [{ argv: ['stat', '-c', '%s %n', '--', ...paths], limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) => readSizes(answerTo(ran)),
    }),
    manifest: (content) => {
      const bytes = Buffer.from(`${JSON.stringify({ format: 1, ...content }, null, 2)}\n`, 'utf8');
      return { base64: bytes.toString('base64'), bytes: bytes.length };
    },
  };
}

function readTarget(ran: readonly Ran[]): TargetSeen {
  const [writable, df] = [answerTo(ran, 0), answerTo(ran, 1)];
  const free = /^\s*(\d+)\s*$/m.exec(df.stdout)?.[1];
  return {
    writable: writable.exit === 0,
    freeBytes: df.exit !== 0 || free === undefined ? null : Number(free),
  };
}

function readContentSum(path: string, answer: Ran): string | null {
  if (answer.exit === 1 && answer.stderr.includes(MISSING)) return null;
  if (answer.exit !== 0) throw refused(`Reading ${path}`, answer);
  const sum = /^([0-9a-f]{64}) [ *]\S+\n$/.exec(answer.stdout)?.[1];
  if (sum === undefined) throw unreadable(`Reading ${path}`, answer);
  return sum;
}

/** Some may be missing: then stat tells of the others, and fails. */
function readSizes(answer: Ran): readonly { readonly path: string; readonly sizeBytes: number }[] {
  if (answer.exit !== 0 && !answer.stderr.includes(MISSING)) throw refused('Looking at the files', answer);
  return answer.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, size, path] = /^(\d+) (\/.+)$/.exec(line) ?? [];
      if (size === undefined || path === undefined) throw unreadable('Looking at the files', answer);
      return { path, sizeBytes: Number(size) };
    });
}
