/** What Hostler costs when nobody asks for anything, and how long `--version` takes against node alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { makeSimHost } from '../demo/fleet/host.ts';
import { makeKeyPair } from '../demo/fleet/keys.ts';
import { type HostServer, serveHost } from '../demo/fleet/server.ts';
import { type ChatServer, startChatServer } from '../demo/slack/server.ts';
import { packageRoot } from '../src/main/version.ts';
import { type BenchContext, inTurn, run } from './kit.ts';

const BIN = join(packageRoot(), 'bin', 'hostler');
const HOSTS = 5;
const ROUNDS = 31;
/** After the start, until what it brought is done. */
const SETTLE_MS = 5_000;
const LOOK_MS = 10_000;

export async function bench(ctx: BenchContext): Promise<void> {
  await version(ctx);
  await idle(ctx);
}

async function version(ctx: BenchContext): Promise<void> {
  const node = async (...args: string[]): Promise<void> => {
    const { exit, stderr } = await run(process.execPath, args);
    if (exit !== 0) throw new Error(`node ${args.join(' ')}: ${stderr}`);
  };
  const took = await inTurn({ ours: () => node(BIN, '--version'), node: () => node('-e', '0') }, ROUNDS);
  const { ours = Number.NaN, node: theirs = Number.NaN } = took;
  ctx.row({ subject: 'hostler --version', ours, peer: 'node -e 0', theirs, unit: 'ms', rounds: ROUNDS });
}

/** The real bot with two sockets to the local chat server and a few simulated hosts. */
async function idle(ctx: BenchContext): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-bench-idle-'));
  const server = await startChatServer();
  const doors: HostServer[] = [];
  let bot: ChildProcess | undefined;
  try {
    const user = makeKeyPair('hostler');
    writeFileSync(join(folder, 'id'), user.privateKey, { mode: 0o600 });
    for (let n = 1; n <= HOSTS; n += 1)
      doors.push(await serveHost(makeSimHost({ name: `kvm-${n}` }), { authorizedKeys: [user.publicKey] }));
    writeFileSync(join(folder, 'hostler.yaml'), stringify(configOf(server, doors)));
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      ...server.env,
      HOSTLER_CONFIG: join(folder, 'hostler.yaml'),
    };
    bot = spawn(process.execPath, [BIN, 'start'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const pid = await up(bot);
    await sleep(SETTLE_MS);
    const [before, began] = [cpuMs(pid), performance.now()];
    await sleep(LOOK_MS);
    const share = (cpuMs(pid) - before) / (performance.now() - began);
    ctx.note(`memory of the idle bot, ${HOSTS} hosts: ${rssMiB(pid).toFixed(0)} MiB resident`);
    ctx.note(`CPU of the idle bot over ${LOOK_MS / 1000} s: ${(100 * share).toFixed(2)} % of a core`);
    bot.kill('SIGTERM');
    await once(bot, 'exit');
  } finally {
    bot?.kill('SIGKILL');
    for (const door of doors) await door.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(server: ChatServer, doors: readonly HostServer[]): Record<string, unknown> {
  const { id } = server.addUser({ name: 'admin' });
  server.addChannel({ name: 'team-01', members: [server.app.botUserId, id] });
  return {
    state_dir: 'state',
    host_defaults: { user: 'hostler', identity_files: ['id'] },
    hosts: doors.map((door, index) => ({
      name: `kvm-${index + 1}`,
      address: door.address,
      port: door.port,
      host_keys: [door.hostKey()],
    })),
    networks: [{ name: 'default', network: 'default' }],
    flavors: [{ name: 'small', vcpus: 1, memory: '1GiB', disk: '10GiB' }],
    people: [{ name: 'admin', slack: id, platform: 'admin' }],
    teams: [
      {
        name: 'team-01',
        channel: 'team-01',
        quota: { vms: 1, vcpus: 1, memory: '1GiB', disk: '10GiB' },
        leads: ['admin'],
        members: [],
      },
    ],
  };
}

/** Its pid when it says that it is up; throws with its last words when it ends before. */
async function up(bot: ChildProcess): Promise<number> {
  const said: string[] = [];
  if (bot.stderr === null || bot.pid === undefined) throw new Error('the bot did not start');
  for await (const line of createInterface({ input: bot.stderr })) {
    said.push(line);
    if (!line.includes('hostler is up')) continue;
    bot.stderr.resume();
    return bot.pid;
  }
  throw new Error(`the bot has ended: ${said.slice(-5).join('\n')}`);
}

/** User and system time; Linux counts in hundredths of a second (proc(5), fields 14 and 15). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
