/** A real OpenSSH server on loopback: own configuration, own keys, all in a temporary folder. Serves tests and benchmarks. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../src/domain/command.ts';
import type { HostConnection } from '../../src/infra/ssh/types.ts';
import { freePort } from './free-port.ts';

const SSHD = '/usr/sbin/sshd';

/** Undefined when an sshd can be started here, else why not. As root it installs what is missing. */
export function whyNoSshd(): string | undefined {
  if (existsSync(SSHD)) return undefined;
  if (userInfo().uid !== 0) return 'openssh-server is not installed, and we are not root to install it';
  try {
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'openssh-server', 'openssh-client'], {
      stdio: 'pipe',
    });
  } catch (error) {
    return `openssh-server can't be installed: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
  return existsSync(SSHD) ? undefined : 'openssh-server was installed without sshd';
}

export interface Sshd {
  readonly port: number;
  readonly dir: string;
  /** The full public host key: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** A private key that it lets in. */
  readonly identityFile: string;
  /** The configuration of a host that leads here. */
  readonly host: (name: string, changes?: Partial<HostConnection>) => HostConnection;
  /** Ends the server and every session of it. */
  readonly stop: () => Promise<void>;
  /** Starts it again on the same port with the same keys, after `stop`. */
  readonly start: () => Promise<void>;
  /** What it logged until now. */
  readonly log: () => string;
  /** Stops it and removes its folder. */
  readonly remove: () => Promise<void>;
}

export interface SshdOptions {
  /** Addresses that it listens on, all on one port. Default 127.0.0.1. */
  readonly listen?: readonly string[];
  /** Further lines of sshd_config. */
  readonly config?: readonly string[];
  /** What its sessions find in their environment, besides a HOME of their own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Types of host keys; the first is `hostKey`. Default ed25519. */
  readonly keyTypes?: readonly string[];
}

/** Starts one and waits until it answers. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = await mkdtemp(join(tmpdir(), 'hostler-sshd-'));
  const keyTypes = options.keyTypes ?? ['ed25519'];
  const listen = options.listen ?? ['127.0.0.1'];
  for (const type of [...keyTypes, 'user']) {
    const args = type === 'user' ? ['-t', 'ed25519'] : ['-t', type];
    execFileSync('ssh-keygen', ['-q', ...args, '-N', '', '-C', 'test', '-f', join(dir, type)]);
  }
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    ...listen.map((address) => `ListenAddress ${address}`),
    ...keyTypes.map((type) => `HostKey ${join(dir, type)}`),
    `AuthorizedKeysFile ${join(dir, 'user.pub')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'MaxSessions 10',
    'MaxStartups 1000',
    'AllowAgentForwarding no',
    // A bash that sshd starts reads ~/.bashrc: whatever stands there on this machine is not what we test or measure.
    // One line: sshd heeds only the first.
    `SetEnv ${Object.entries({ HOME: dir, ...options.env })
      .map((pair) => pair.join('='))
      .join(' ')}`,
    ...(options.config ?? []),
  ];
  await writeFile(join(dir, 'sshd_config'), `${lines.join('\n')}\n`);

  let child: ChildProcess | undefined;
  let log = '';
  const start = async (): Promise<void> => {
    const started = spawn(SSHD, ['-D', '-e', '-f', join(dir, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    started.stderr.on('data', (chunk) => {
      log += chunk;
    });
    child = started;
    await waitFor(`sshd on port ${port}`, async () => {
      if (started.exitCode !== null) throw new Error(`sshd ended with ${started.exitCode}: ${log}`);
      return answers(listen[0] ?? '127.0.0.1', port);
    });
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running?.pid === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    const sessions = descendants(running.pid);
    running.kill('SIGTERM');
    for (const pid of sessions) kill(pid);
    await ended;
  };
  const hostKey = readFileSync(join(dir, `${keyTypes[0]}.pub`), 'utf8').trim();
  const identityFile = join(dir, 'user');
  const remove = async (): Promise<void> => {
    await stop();
    await rm(dir, { recursive: true, force: true });
  };
  await start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    port,
    dir,
    hostKey,
    identityFile,
    host: (name, changes = {}) => ({
      name,
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      hostKeys: [hostKey],
      identityFiles: [identityFile],
      limits: DEFAULT_LIMITS,
      ...changes,
    }),
    start,
    stop,
    log: () => log,
    remove,
  };
}

/** Waits until `condition` holds: by default at most ten seconds. Throws when it does not come. */
export async function waitFor(what: string, condition: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const until = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** Processes below one, from /proc. */
function descendants(pid: number): number[] {
  let children: number[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
  return children.flatMap((child) => [...descendants(child), child]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
