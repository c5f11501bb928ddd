// Makes what hosts start from: the image (Debian, guests), and the saved state of a host that has booted from it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, contentHash, filesBelow } from './cache.ts';
import { attempt, LabError, run } from './command.ts';
import { quitQemu, startQemu } from './machine.ts';
import { freeTcpPort, freeUdpPort } from './ports.ts';
import { HOST_SIZE, machineArgs, shellWord } from './qemu.ts';
import { withQmp } from './qmp.ts';
import { greets, type SshTarget, sshScript } from './ssh.ts';
import { BUILD_TOOLS, ensureTools, TOOL_PATH } from './tools.ts';
import { waitFor } from './wait.ts';

export type Say = (line: string) => void;

/** The scripts that run on a booted host, and so change the state or nothing, but not the image. */
const NOT_OF_THE_IMAGE = ['warm.sh', 'identity.sh', 'grant.sh'];

/** Room for the image, the saved state and hosts that write a little, in bytes. */
const BUILD_SPACE = 4 * 2 ** 30;

/** The content hash of the image: its scripts and package list. */
export function imageHash(scripts: string): string {
  const files = filesBelow(join(scripts, 'image')).filter((file) => !NOT_OF_THE_IMAGE.includes(basename(file)));
  return contentHash(scripts, files, [process.arch]);
}

/**
 * The content hash of the saved state: what warmed it, the machine, the very QEMU that wrote it, and which build of the
 * image it sits on (known by its host key: the same scripts run twice give two images that don't match each other's state).
 */
export function stateHash(scripts: string, imageKey: string, qemuVersion: string): string {
  const texts = [imageKey, qemuVersion, ...machineArgs(), HOST_SIZE.dataDisk];
  return contentHash(scripts, [join(scripts, 'image', 'warm.sh')], texts);
}

/** The version line of the QEMU on this machine. */
async function qemuVersion(): Promise<string> {
  const text = await run('qemu-system-x86_64', ['--version']);
  return text.split('\n')[0] ?? '';
}

/** How to reach root on a host that has not got its own host key yet. */
export function imageRoot(image: string, port: number): SshTarget {
  const knownHosts = join(image, 'keys', 'known_hosts');
  return { name: 'image', port, user: 'root', keyFile: join(image, 'keys', 'root'), knownHosts };
}

/** The image's folder, built when there is none: base.raw, vmlinux, initrd, guests/, keys/. Takes about two minutes. */
export async function ensureImage(cache: string, scripts: string, say: Say): Promise<string> {
  const hash = imageHash(scripts);
  return cached(cache, 'image', hash, async (folder) => {
    if (process.getuid?.() !== 0) throw new LabError("building the lab's image needs root (chroot)");
    await ensureTools(BUILD_TOOLS, say);
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < BUILD_SPACE) throw new LabError(`building takes 4 GiB below ${cache}, and there is less`);
    say('building the image (about two minutes)');
    const env = { ...process.env, PATH: TOOL_PATH };
    const [program = 'bash', ...wrapped] = [...(await cage()), 'bash', join(scripts, 'image', 'build.sh'), folder];
    await run(program, wrapped, { env, onLine: (line) => say(`  ${line}`) });
    if (imageHash(scripts) !== hash) throw new LabError('lab/image was edited while it was building: run it again');
    const key = readFileSync(join(folder, 'keys', 'image_host.pub'), 'utf8');
    writeFileSync(join(folder, 'keys', 'known_hosts'), `image ${key}`);
  });
}

/**
 * Words before the build's command: in namespaces of its own it dies with us however we end, and what it had mounted below
 * its root (mmdebstrap does: /proc, /dev/shm) is gone with it. Where namespaces are not allowed, mmdebstrap mounts nothing.
 */
async function cage(): Promise<string[]> {
  const words = [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const [program = '', ...rest] = words;
  return (await attempt(program, [...rest, 'true'])).code === 0 ? words : [];
}

/** The saved state's folder, made when there is none: `state` (memory) and root.qcow2 over the image's base.raw. */
export async function ensureState(cache: string, scripts: string, image: string, say: Say): Promise<string> {
  const hash = stateHash(scripts, readFileSync(join(image, 'keys', 'known_hosts'), 'utf8'), await qemuVersion());
  return cached(cache, 'state', hash, async (folder) => {
    say('booting a host to save its state (about two minutes)');
    const inFolder = (name: string) => join(folder, name);
    // Relative, so that the cache can be moved; resolved from where root.qcow2 lies, which is beside the image.
    const base = join('..', basename(image), 'base.raw');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, inFolder('root.qcow2')]);
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', inFolder('data.qcow2'), HOST_SIZE.dataDisk]);
    const sshPort = await freeTcpPort();
    const segment = { localPort: await freeUdpPort(), hubPort: await freeUdpPort() }; // no hub yet: it speaks to nobody
    const mark = await startQemu({ name: 'seed', number: 99, folder, image, sshPort, segment });
    try {
      await waitFor('the seed host to answer', 300_000, async () => (await greets(sshPort)) || undefined, 500);
      say('  it answers; warming it up');
      const warm = readFileSync(join(scripts, 'image', 'warm.sh'), 'utf8');
      const { code, stderr } = await sshScript(imageRoot(image, sshPort), warm, 300_000);
      if (code !== 0) throw new LabError(`warm.sh failed (exit ${code}): ${stderr.trim().slice(-1500)}`);
      await save(inFolder('qmp'), inFolder('state'));
    } finally {
      await quitQemu(folder, mark);
    }
    for (const name of readdirSync(folder)) if (!['root.qcow2', 'state'].includes(name)) rmSync(inFolder(name));
    if (!existsSync(inFolder('state'))) throw new LabError('QEMU saved no state');
    say('  state saved');
  });
}

async function save(monitor: string, file: string): Promise<void> {
  await withQmp(monitor, async (execute) => {
    await execute('stop');
    await execute('migrate-set-parameters', { 'max-bandwidth': 10 * 2 ** 30 });
    await execute('migrate', { uri: `exec:cat > ${shellWord(file)}` });
    await waitFor('the state to be saved', 120_000, async () => {
      const status = String(Object(await execute('query-migrate')).status);
      if (status === 'failed' || status === 'cancelled') throw new LabError('QEMU could not save the state');
      return status === 'completed' || undefined;
    });
  });
}
