/** What Hostler costs when nobody asks for anything, and how long `--version` takes against node alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { makeSimHost } from '../demo/fleet/host.ts';
import { makeKeyPair } from '../demo/fleet/keys.ts';
import { type HostServer, serveHost } from '../demo/fleet/server.ts';
import { type ChatServer, startChatServer } from '../demo/slack/server.ts';
import { BIN, type BotProcess, startBot } from './bot-process.ts';
import { type BenchContext, inTurn, run } from './kit.ts';

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
  let bot: BotProcess | undefined;
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
    bot = await startBot(env);
    await sleep(SETTLE_MS);
    const [before, began] = [bot.cpuMs(), performance.now()];
    await sleep(LOOK_MS);
    const share = (bot.cpuMs() - before) / (performance.now() - began);
    ctx.note(`memory of the idle bot, ${HOSTS} hosts: ${bot.memoryMiB().now.toFixed(0)} MiB resident`);
    ctx.note(`CPU of the idle bot over ${LOOK_MS / 1000} s: ${(100 * share).toFixed(2)} % of a core`);
    await bot.stop();
  } finally {
    bot?.kill();
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
