/**
 * What a disk goes through on its way into a backup, and on its way back: read → limit → compress → encrypt → file, and
 * file → decrypt → unpack → limit → volume.
 * All that is done to its bytes is put together here, and only here.
 */
import { isEncrypted } from '../../domain/backup.ts';
import type { Command, Detached, Pipeline, Stage } from '../../domain/command.ts';
import { type Remote, readPlace } from '../../domain/place.ts';
import type { Rate } from '../../operations/backup-verbs.ts';
import type { VolumeName } from '../../operations/driver.ts';
import { poolDevice } from '../lvm/mapper.ts';
import { devicePath } from '../lvm/volumes.ts';
import { decrypting, decryptTest, tellKey } from './key.ts';
import { intoFile, runThere } from './remote.ts';
import { FIND_CHANGES, READ_RANGES, READ_VOLUME, TO_RANGES, WRITE_RANGES, WRITE_VOLUME } from './scripts.ts';

/** A file of a backup, and the unit that reads it. */
interface Source {
  readonly path: string;
  readonly unit: string;
}

/**
 * Hands stdin on to stdout at so many bytes a second. It goes by what is read from a volume or written to it: zeros don't count, for most of
 * them are what a thin volume does not hold. What was not used up is saved for no more than half a second.
 *
 * A program of its own, since the hosts have none for it that Debian and Enterprise Linux both come with; the language is virt-install's, which
 * every host has. The limits of cgroups would do as well, but a user's own systemd is not given them.
 */
export const LIMITER = `import signal,sys,time
signal.signal(signal.SIGPIPE,signal.SIG_DFL)
rate=int(sys.argv[1])
step=max(4096,min(1<<20,rate//8))
due=time.monotonic()
while True:
    block=sys.stdin.buffer.read(step)
    if not block: break
    sys.stdout.buffer.write(block)
    if block==bytes(len(block)): continue
    now=time.monotonic()
    due=max(due,now-0.5)+len(block)/rate
    if due>now: time.sleep(due-now)
`;

function limiting(rate: number): Stage {
  return { argv: ['python3', '-c', LIMITER, String(rate)] };
}

/** A volume's content as a backup's file has it, onto stdout. -f: else zstd takes no block device, and no symbolic link, as which LVM names them. */
export function packed(volume: VolumeName, rate: Rate, encryptTo: string | null): Pipeline {
  const device = devicePath(volume);
  const compressed: Pipeline =
    rate === null
      ? [{ argv: ['zstd', '-q', '-T0', '-c', '-f', '--', device], sudo: true }]
      : [...slowly(device, rate), { argv: ['zstd', '-q', '-T0', '-c'] }];
  return [...compressed, ...encrypting(encryptTo)];
}

function encrypting(to: string | null): readonly Stage[] {
  return to === null ? [] : [{ argv: ['age', '-r', to] }];
}

/** A shell line that sudoers knows word for word. */
export function asRoot(script: string, ...given: readonly string[]): Stage {
  return { argv: ['bash', '-c', script, 'hostler', ...given], sudo: true };
}

function slowly(device: string, rate: number): Pipeline {
  return [asRoot(READ_VOLUME, device), limiting(rate)];
}

/**
 * A backup's file, which comes on stdin, into a volume. What reads as zeros is left out (--sparse, conv=sparse), so that a thin volume doesn't
 * hold it.
 */
export function unpackedInto(volume: VolumeName, rate: Rate, { path, unit }: Source): Pipeline {
  const device = devicePath(volume);
  const unpacked = unpackedOnto(device, rate);
  return isEncrypted(path) ? [decrypting(unit), ...unpacked] : unpacked;
}

function unpackedOnto(device: string, rate: Rate): Pipeline {
  if (rate === null) return [{ argv: ['zstd', '-q', '-d', '-f', '--sparse', '-o', device], sudo: true }];
  return [{ argv: ['zstd', '-q', '-d', '-c'] }, limiting(rate), asRoot(WRITE_VOLUME, device)];
}

/** The checksum of a volume's content, onto stdout. */
export function volumeSummed(volume: VolumeName, rate: Rate): Pipeline {
  const device = devicePath(volume);
  if (rate === null) return [{ argv: ['sha256sum', '--', device], sudo: true }];
  return [...slowly(device, rate), { argv: ['sha256sum'] }];
}

/** The checksum of what a backup's file holds goes into another. */
export function contentSummed({ path, unit }: Source, output: string): Command {
  const detached = { unit, output, gentle: true } as const;
  const summed: Stage = { argv: ['sha256sum'] };
  const unpack = ['zstd', '-q', '-d', '-c'] as const;
  if (isEncrypted(path)) return work([decrypting(unit), { argv: unpack }, summed], { ...detached, input: path });
  if (readPlace(path).remote !== null) return work([{ argv: unpack }, summed], { ...detached, input: path });
  // Read by its name, so that one that is gone is the unit's end as any other fault.
  return work([{ argv: [...unpack, '--', path] }, summed], detached);
}

/** The checksums of files, worked out where these are, onto stdout. */
export function filesSummed(files: readonly string[]): Pipeline {
  const { remote, paths } = placed(files);
  const argv = ['sha256sum', '--', ...paths] as const;
  return [remote === null ? { argv } : runThere(remote, argv)];
}

/** What differs between two thin volumes of a pool, as the head of an increment, onto stdout. */
export function changes(pool: VolumeName, base: VolumeName, volume: VolumeName): Pipeline {
  const names = [pool, poolDevice(pool), base, volume].map((it) =>
    typeof it === 'string' ? it : `${it.vg}/${it.name}`,
  );
  return [asRoot(FIND_CHANGES, ...names), { argv: ['awk', TO_RANGES] }];
}

/** What a volume holds in ranges whose list comes on stdin, as an increment's file has it, onto stdout. */
export function changedRanges(volume: VolumeName, rate: Rate, encryptTo: string | null): Pipeline {
  return [
    asRoot(READ_RANGES, devicePath(volume)),
    ...(rate === null ? [] : [limiting(rate)]),
    { argv: ['zstd', '-q', '-T0', '-c'] },
    ...encrypting(encryptTo),
  ];
}

/** An increment's file, which comes on stdin, onto a volume; the checksum of what is there then onto stdout. */
export function appliedTo(volume: VolumeName, rate: Rate, { path, unit }: Source): Pipeline {
  const applied: Pipeline = [
    { argv: ['zstd', '-q', '-d', '-c'] },
    ...(rate === null ? [] : [limiting(rate)]),
    asRoot(WRITE_RANGES, devicePath(volume)),
    { argv: ['sha256sum'] },
  ];
  return isEncrypted(path) ? [decrypting(unit), ...applied] : applied;
}

/** Unpacks files into nothing. From another machine compressed ones come behind each other; encrypted ones can't. */
export function tested(files: readonly string[], unit: string): Pipeline {
  const { remote, paths } = placed(files);
  if (paths.some(isEncrypted)) return [decryptTest(unit, paths, remote)];
  if (remote === null) return [{ argv: ['zstd', '-q', '-t', '--', ...paths] }];
  return [runThere(remote, ['cat', '--', ...paths]), { argv: ['zstd', '-q', '-t'] }];
}

/** As a command has it. */
function piped([first, ...behind]: Pipeline): Pick<Command, 'argv' | 'sudo' | 'pipe'> {
  return behind.length === 0 ? first : { ...first, pipe: behind };
}

/** Files that lie on one machine, and their paths there. */
function placed(files: readonly string[]): { readonly remote: Remote | null; readonly paths: readonly string[] } {
  const places = files.map(readPlace);
  return { remote: places[0]?.remote ?? null, paths: places.map(({ path }) => path) };
}

/** Where the files are encrypted, the unit that reads them is told the key. */
export function withKey(unit: string, paths: readonly string[], begin: Command): readonly Command[] {
  return paths.some(isEncrypted) ? [begin, tellKey(unit)] : [begin];
}

/**
 * Work on a backup, as a unit of the host's own. systemd opens the files that it reads and writes; of those on another machine, ssh stands in
 * for it, at the pipeline's beginning or end.
 */
export function work(pipeline: Pipeline, { input, output, ...detached }: Detached): Command {
  const [from, into] = [input, output].map((path) => (path === undefined ? null : readPlace(path)));
  let stages: Pipeline = pipeline;
  if (from?.remote) stages = [runThere(from.remote, ['cat', '--', from.path]), ...stages];
  if (into?.remote) stages = intoFile(stages, into.remote, into.path);
  const files = {
    ...(input === undefined || from?.remote ? {} : { input }),
    ...(output === undefined || into?.remote ? {} : { output }),
  };
  return { ...piped(stages), limit: 'long', detached: { ...detached, ...files } };
}
