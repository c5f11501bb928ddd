// The programs that the lab needs on this machine, and the Debian packages that they come from.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, LabError, run } from './command.ts';

type Tool = readonly [packageName: string, fileOrProgram: string];

/** Enough to run hosts from a finished build. */
export const RUN_TOOLS: readonly Tool[] = [
  ['qemu-system-x86', 'qemu-system-x86_64'],
  ['qemu-utils', 'qemu-img'],
  ['openssh-client', 'ssh'],
  ['openssh-client', 'ssh-keygen'],
];

/** What building takes as well. */
export const BUILD_TOOLS: readonly Tool[] = [
  ...RUN_TOOLS,
  ['mmdebstrap', 'mmdebstrap'],
  ['debian-archive-keyring', '/usr/share/keyrings/debian-archive-keyring.gpg'],
  ['e2fsprogs', 'mke2fs'],
  ['cpio', 'cpio'],
  ['syslinux', 'syslinux'],
  ['syslinux-common', '/usr/lib/syslinux/mbr/mbr.bin'],
  ['mtools', 'mcopy'],
  ['dosfstools', 'mkfs.vfat'],
  ['fdisk', 'sfdisk'],
  ['lz4', 'lz4'],
  ['xz-utils', 'xz'],
  ['zstd', 'zstd'],
  ['gzip', 'gzip'],
];

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** `PATH` with the sbin folders, which a plain user's lacks. */
export const TOOL_PATH = [...(process.env.PATH ?? '').split(':'), ...FOLDERS].filter(Boolean).join(':');

function present(name: string): boolean {
  if (name.startsWith('/')) return existsSync(name);
  return TOOL_PATH.split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The packages whose files are not here, each once. */
export function missingPackages(tools: readonly Tool[], isPresent: (name: string) => boolean = present): string[] {
  return [...new Set(tools.filter(([, name]) => !isPresent(name)).map(([packageName]) => packageName))];
}

function hasPackageLists(): boolean {
  const folder = '/var/lib/apt/lists';
  return existsSync(folder) && readdirSync(folder).some((name) => name.includes('_Packages'));
}

/** Installs what is missing with apt-get. Throws a LabError that names the packages when that is not possible. */
export async function ensureTools(tools: readonly Tool[], say: (line: string) => void): Promise<void> {
  const missing = missingPackages(tools);
  if (missing.length === 0) return;
  const byHand = `install them yourself: apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!present('apt-get')) throw new LabError(`this machine lacks ${missing.join(', ')}, and has no apt-get`);
  if (process.getuid?.() !== 0) throw new LabError(`this machine lacks packages, and you are not root; ${byHand}`);
  say(`installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missing];
  if (!hasPackageLists()) await run('apt-get', ['update', '-q'], { env });
  const first = await attempt('apt-get', install, { env });
  if (first.code !== 0) {
    await run('apt-get', ['update', '-q'], { env }); // old lists name versions that the mirror no longer has
    await run('apt-get', install, { env });
  }
  const still = missingPackages(tools);
  if (still.length > 0)
    throw new LabError(`apt-get installed them, yet their files are not there: ${still.join(', ')}`);
}
