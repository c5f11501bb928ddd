/** The bot as a process of its own, on the local chat server, over the lab's real hypervisors. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterAll, beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type ChatServer, startChatServer } from '../../demo/slack/server.ts';
import { startProxy, type TcpProxy } from '../kit/tcp-proxy.ts';

const exec = promisify(execFile);
const LabConfig = z.looseObject({
  hosts: z.array(z.looseObject({ name: z.string(), port: z.number() })),
  people: z.array(z.looseObject({ name: z.string() })),
  teams: z.array(z.looseObject({ name: z.string(), channel: z.string() })),
});
/** Real hosts under emulation: a guest's start alone may take half a minute. */
export const PATIENCE = 10 * 60_000;

export interface LabBot {
  readonly chat: ChatServer;
  /** The lab's first host, the only one in this bot's configuration until `configure` says otherwise. */
  readonly host: string;
  /** The names of all that the lab has. */
  readonly hosts: readonly string[];
  /** All of them as the configuration has them, the first behind `link`: for `configure`. */
  readonly allHosts: () => readonly Readonly<Record<string, unknown>>[];
  /** Between the bot and that host's sshd. */
  readonly link: TcpProxy;
  readonly start: () => Promise<void>;
  /** Other keys of hostler.yaml from the next start on. */
  readonly configure: (change: Readonly<Record<string, unknown>>) => void;
  /** SIGKILL, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** `bin/hostler ARGS` with this bot's configuration. */
  readonly hostler: (
    ...args: readonly string[]
  ) => Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }>;
  /** `hostler run --json --yes`, as a person; its document. */
  readonly run: (as: string, ...words: readonly string[]) => Promise<unknown>;
  /** A command on the host (the first, where none is named) as root: the host's own word. */
  readonly root: (command: string, on?: string) => Promise<string>;
  /** Logs in to a guest through the host, with a person's key, as `ops` or as root, and runs a command there. */
  readonly guest: (person: string, address: string, command: string, as?: 'ops' | 'root') => Promise<string>;
  /** Rows of the bot's database, read beside it. */
  readonly rows: (sql: string, ...values: readonly string[]) => readonly Record<string, unknown>[];
}

/** Prepares everything; `start` begins the bot. */
export async function labBot(): Promise<LabBot> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-lab-bot-'));
  const config = LabConfig.parse(
    parse(execFileSync(process.execPath, ['dist/lab/main.js', 'config'], { encoding: 'utf8' })),
  );
  const [host] = config.hosts;
  if (host === undefined) throw new Error('the lab has no host');
  const link = await startProxy(host.port);
  const file = join(folder, 'hostler.yaml');
  const configure = (change: Readonly<Record<string, unknown>>): void => {
    writeFileSync(file, stringify({ ...config, hosts: [{ ...host, port: link.port }], ...change }));
  };
  configure({});
  const chat = await startChatServer({ manifest: parse(readFileSync('manifest.yml', 'utf8')) });
  const people = config.people.map(({ name }) => name);
  for (const name of people) chat.addUser({ name });
  for (const channel of [...config.teams.map((team) => team.channel), 'hostler-admin', 'hostler-audit']) {
    chat.addChannel({ name: channel, members: [...people, 'Hostler'] });
  }
  const env = {
    ...process.env,
    ...chat.env,
    HOSTLER_STATE_DIR: join(folder, 'state'),
    HOSTLER_CONFIG: file,
    LOG_LEVEL: 'warn',
  };
  let child: ChildProcess | null = null;

  const hostler: LabBot['hostler'] = async (...args) => {
    try {
      const { stdout, stderr } = await exec('bin/hostler', [...args], { env, timeout: PATIENCE, maxBuffer: 1 << 26 });
      return { exit: 0, stdout, stderr };
    } catch (cause) {
      const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() }).parse(cause);
      return { exit: failed.code, stdout: failed.stdout, stderr: failed.stderr };
    }
  };
  const gone = async (signal: NodeJS.Signals): Promise<void> => {
    const dying = child;
    child = null;
    if (dying === null || dying.exitCode !== null) return;
    const over = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill(signal);
    await over;
  };
  return {
    chat,
    host: host.name,
    hosts: config.hosts.map(({ name }) => name),
    allHosts: () => config.hosts.map((each) => (each === host ? { ...host, port: link.port } : each)),
    link,
    start: async () => {
      child = spawn('bin/hostler', ['start'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
      await chat.waitFor(() => chat.sockets().length > 0 || undefined, {
        deadline: 60_000,
        what: 'the bot on the chat server',
      });
    },
    configure,
    kill: () => gone('SIGKILL'),
    stop: async () => {
      await gone('SIGTERM');
      await chat.close();
      await link.close();
      rmSync(folder, { recursive: true, force: true });
    },
    hostler,
    run: async (as, ...words) => {
      const { exit, stdout, stderr } = await hostler('run', '--as', as, '--json', '--yes', '--', ...words);
      if (exit !== 0) throw new Error(`hostler run ${words.join(' ')}: exit ${exit}\n${stdout}\n${stderr}`);
      return JSON.parse(stdout);
    },
    root: async (command, on = host.name) =>
      (await exec(process.execPath, ['dist/lab/main.js', 'ssh', on, '--', command], { timeout: PATIENCE })).stdout,
    guest: async (person, address, command, as = 'ops') => {
      const lab = process.env.HOSTLER_LAB_DIR ?? join(homedir(), '.cache', 'hostler-lab');
      const through = `${process.execPath} dist/lab/main.js ssh ${host.name} -- busybox nc ${address} 22`;
      const options = [
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'LogLevel=ERROR',
        'BatchMode=yes',
        `ProxyCommand=${through}`,
      ];
      const key = join(lab, 'keys', 'people', person);
      const args = [
        '-F',
        'none',
        '-i',
        key,
        ...options.flatMap((option) => ['-o', option]),
        `${as}@${address}`,
        command,
      ];
      return (await exec('ssh', args, { timeout: PATIENCE })).stdout.trim();
    },
    rows: (sql, ...values) => {
      const db = new Database(join(folder, 'state', 'hostler.db'), { readonly: true });
      try {
        return db
          .prepare(sql)
          .all(...values)
          .map((row) => z.record(z.string(), z.unknown()).parse(row));
      } finally {
        db.close();
      }
    },
  };
}

/** All that operations could leave on the host, by its own tools: domains, volumes, Hostler's files, seeds, units, what programs note of root. */
export async function inventory(bot: LabBot, on?: string): Promise<string> {
  return bot.root(
    'virsh list --all --name | sort; lvs --noheadings -o lv_name | sort; find /var/lib/hostler /etc/libvirt/qemu -type f | sort; find /root/.cache -type f 2>/dev/null | sort; runuser -u hostler -- env XDG_RUNTIME_DIR=/run/user/$(id -u hostler) systemctl --user list-units --all --plain --no-legend "hostler-*"',
    on,
  );
}

/** Those that the lab makes (lab/README.md). */
type Image = 'tiny' | 'full' | 'full-xfs';

/** Makes the image there and takes it away again: it isn't what is tested, and the lab is shared. */
export async function withImage(bot: LabBot, name: Image = 'tiny'): Promise<() => Promise<void>> {
  const added = await bot.hostler('run', '--as', 'admin', '--json', '--yes', '--', 'image', 'add', name);
  if (added.exit !== 0) throw new Error(`image add: ${added.stdout}${added.stderr}`);
  const images = bot.rows('select host, volume from image');
  return async () => {
    for (const { host, volume } of images) await bot.root(`lvremove -y cloudvg/${String(volume)}`, String(host));
  };
}

/** A bot over the lab for the tests of a file, with an image to make VMs of; both are gone afterwards. */
export function useBot(image: Image, take: (bot: LabBot) => void): void {
  let bot: LabBot | undefined;
  let dropImage: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    bot = await labBot();
    take(bot);
    dropImage = await withImage(bot, image);
    await bot.start();
  }, PATIENCE);
  afterAll(async () => {
    await dropImage?.();
    await bot?.stop();
  }, PATIENCE);
}
