/** The backup verbs: compressed copies of volumes, their checksums, and the way back. */
import { type Remote, readPlace, writePlace } from '../../domain/place.ts';
import type { BackupVerbs, TargetSeen } from '../../operations/backup-verbs.ts';
import type { HostCall, Ran } from '../../operations/ports.ts';
import { answerTo, lastWords, nothing, refused, unreadable } from '../answer.ts';
import { readExit } from '../images/schema.ts';
import { readSumFile } from '../sum-file.ts';
import { showUnit, unitState } from '../units.ts';
import { contentSummed, filesSummed, packed, tested, unpackedInto, volumeSummed, withKey, work } from './pipeline.ts';
import { callAt, lineThere, NOT_REACHED, sshTo } from './remote.ts';

/** What `timeout` ends with: around the whole, and around the wait for the key. */
const OUT_OF_TIME = 124;
const MISSING = 'No such file or directory';

export function backupVerbs(): BackupVerbs {
  return {
    target: (directory) => {
      const { remote, path } = readPlace(directory);
      return remote === null ? lookHere(path) : lookThere(remote, path, directory);
    },
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
      commands: [work(filesSummed(paths), { unit, output: into, gentle: true })],
      parse: nothing,
    }),
    test: ({ paths, unit }) => ({
      title: 'Try to unpack the files',
      commands: withKey(unit, paths, work(tested(paths, unit), { unit, gentle: true })),
      parse: nothing,
    }),
    sumContent: ({ path, into, unit }) => ({
      title: `Work out the checksum of what ${path} holds`,
      commands: withKey(unit, [path], contentSummed({ path, unit }, into)),
      parse: nothing,
    }),
    sumVolume: ({ volume, into, unit, rate }) => ({
      title: `Work out the checksum of volume ${volume.vg}/${volume.name}`,
      commands: [work(volumeSummed(volume, rate), { unit, output: into, gentle: true })],
      parse: nothing,
    }),
    summing: (unit) => ({
      ...showUnit(unit, ',ExecMainStatus'),
      parse: (ran) => {
        const answer = answerTo(ran);
        const exit = readExit(answer.stdout);
        return { state: unitState(unit, answer), reached: exit !== NOT_REACHED, inTime: exit !== OUT_OF_TIME };
      },
    }),
    contentSum: (path) => ({
      title: `Read ${path}`,
      commands: [{ argv: ['cat', '--', path], limit: 'quick', onFailure: 'go-on' }],
      parse: (ran) => readContentSum(path, answerTo(ran)),
    }),
    sums: (file) => {
      const { remote } = readPlace(file);
      return callAt([file], ([path = '']) => ({
        title: `Read ${file}`,
        commands: [{ argv: ['cat', '--', path], limit: 'quick', onFailure: 'go-on' }],
        parse: (ran) =>
          readSumFile(file, answerTo(ran))?.map((each) => ({
            path: writePlace({ remote, path: each.path }),
            sha256: each.hex,
          })) ?? null,
      }));
    },
    sizes: (files) => {
      const remote = readPlace(files[0] ?? '').remote;
      return callAt(files, (paths) => ({
        title: 'Look at the files',
        commands: [{ argv: ['stat', '-c', '%s %n', '--', ...paths], limit: 'quick', onFailure: 'go-on' }],
        parse: (ran) =>
          readSizes(answerTo(ran)).map((each) => ({ ...each, path: writePlace({ remote, path: each.path }) })),
      }));
    },
    discard: (file) =>
      callAt([file], ([path = '']) => ({
        title: `Remove ${file}`,
        commands: [{ argv: ['rm', '-f', '--', path, `${path}.part`], limit: 'quick', onFailure: 'go-on' }],
        parse: (ran) => {
          const answer = answerTo(ran);
          if (answer.exit !== 0 && !notReached(file, answer)) throw refused(`Removing ${file}`, answer);
        },
      })),
    left: (file) =>
      callAt([file], ([path = '']) => ({
        title: `Look at ${file}`,
        commands: [{ argv: ['stat', '-c', '%s %n', '--', path, `${path}.part`], limit: 'quick', onFailure: 'go-on' }],
        parse: (ran) => {
          const answer = answerTo(ran);
          return !notReached(file, answer) && readSizes(answer).length > 0;
        },
      })),
    manifest: (content) => {
      const bytes = Buffer.from(`${JSON.stringify({ format: 1, ...content }, null, 2)}\n`, 'utf8');
      return { base64: bytes.toString('base64'), bytes: bytes.length };
    },
  };
}

/** Whether it is on another machine that could not be asked. */
function notReached(path: string, { exit }: Ran): boolean {
  return exit === NOT_REACHED && readPlace(path).remote !== null;
}

function lookHere(directory: string): HostCall<TargetSeen> {
  return {
    title: `Look at ${directory}`,
    commands: [
      { argv: ['test', '-w', directory], limit: 'quick', onFailure: 'go-on' },
      { argv: ['df', '-B1', '--output=avail', directory], limit: 'quick', onFailure: 'go-on' },
    ],
    parse: (ran) => ({
      writable: answerTo(ran, 0).exit === 0,
      freeBytes: readFree(answerTo(ran, 1)),
      unreached: null,
    }),
  };
}

const WRITABLE = 'writable\n';

/** In one line, since each costs a handshake. */
function lookThere(remote: Remote, path: string, directory: string): HostCall<TargetSeen> {
  const writable = `${lineThere(['test', '-w', path])} && echo writable`;
  const line = `${writable}; ${lineThere(['df', '-B1', '--output=avail', path])}`;
  return {
    title: `Look at ${directory}`,
    commands: [{ argv: [...sshTo(remote), line], limit: 'normal', onFailure: 'go-on' }],
    parse: (ran) => {
      const answer = answerTo(ran);
      return {
        writable: answer.stdout.startsWith(WRITABLE),
        freeBytes: readFree(answer),
        unreached: notReached(directory, answer) ? lastWords(answer, 1) : null,
      };
    },
  };
}

function readFree({ exit, stdout }: Ran): number | null {
  const free = /^\s*(\d+)\s*$/m.exec(stdout)?.[1];
  return exit !== 0 || free === undefined ? null : Number(free);
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
