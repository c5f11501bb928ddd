/** A whole sweep, stored: ours with reading and rows against the same script over bare connections and the usual tools; and a large fleet. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { configFile, configText } from '../demo/fleet/config-file.ts';
import { simulatedFleet } from '../demo/fleet/exec.ts';
import { loadConfig } from '../src/config.ts';
import { DEFAULT_LIMITS } from '../src/domain/command.ts';
import { systemClock } from '../src/infra/clock.ts';
import { makeDriver } from '../src/infra/driver.ts';
import { randomIds } from '../src/infra/ids.ts';
import { renderScript } from '../src/infra/ssh/script.ts';
import { openCore } from '../src/main/core.ts';
import type { Fleet } from '../src/operations/ports.ts';
import { sweep } from '../src/scheduler/jobs/sweep.ts';
import { whyNoSshd } from '../test/kit/sshd.ts';
import type { BenchContext } from './kit.ts';
import { type Contender, compare } from './peers.ts';
import { sweepFleets } from './sweep-fleet.ts';
import { PROBES, type SweptHosts, sweptHosts, TEAMS } from './sweep-hosts.ts';

/** Hosts with a few VMs, where a sweep is mostly its way, and with many, where it is mostly reading and rows. */
const SIZES = [
  { hosts: 10, vms: 5, rounds: 5, pairs: 21 },
  { hosts: 10, vms: 20, rounds: 5, pairs: 21 },
  { hosts: 50, vms: 1, rounds: 3, pairs: 15 },
  { hosts: 50, vms: 20, rounds: 3, pairs: 15 },
  { hosts: 200, vms: 1, rounds: 2, pairs: 7 },
  { hosts: 200, vms: 20, rounds: 2, pairs: 7 },
] as const;
/** How many times as fast as each peer we are to be: a tenth slower than bare connections at most. The others are of fifty hosts. */
const BARE = { 'bare kept ssh2': 1 / 1.1 };
const TOOLS = { 'OpenSSH ControlMaster': 1.4, pdsh: 15, clush: 15, 'ansible raw': 10 };

/** `-- fleet` for the large fleet alone, `-- 50` for the comparison on so many hosts alone. */
export async function bench(ctx: BenchContext): Promise<void> {
  const only = ctx.args.map(Number).filter((it) => it > 0);
  const reason = whyNoSshd();
  if (reason !== undefined) ctx.note(`can't compare: ${reason}`);
  else if (!ctx.args.includes('fleet')) {
    for (const size of SIZES) if (only.length === 0 || only.includes(size.hosts)) await oneSize(ctx, size);
  }
  if (only.length === 0) await sweepFleets(ctx);
}

async function oneSize(ctx: BenchContext, { hosts, vms, rounds, pairs }: (typeof SIZES)[number]): Promise<void> {
  const subject = `${hosts} hosts, ${hosts * vms} VMs`;
  ctx.note(`${subject}: connecting`);
  const { sweep: call } = makeDriver();
  const swept = await sweptHosts(hosts, vms, (probe) => call('cloudvg', probe));
  try {
    // Any guest will do, for the answer is the same.
    const { commands } = call('cloudvg', Array(PROBES).fill('00000000-0000-4000-8000-000000000000'));
    const work = {
      script: renderScript(commands, DEFAULT_LIMITS, randomBytes(16).toString('hex')),
      proof: 'MemTotal:',
    };
    const ours = await ourSweep(swept, hosts * vms);
    const bounds = hosts === 50 ? { ...BARE, ...TOOLS } : BARE;
    await compare(ctx, { subject, sshd: swept.sshd, hosts: swept.hosts, work, ours, rounds, pairs, bounds });
  } finally {
    await swept.remove();
  }
}

/** The bot's own job over the bot's own core: every host's sweep, rows, rollups, uptime, alerts. */
async function ourSweep({ sshd, hosts, simulated }: SweptHosts, vms: number): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-sweep-bot-'));
  writeFileSync(join(folder, 'hostler.yaml'), configText([], configOf(sshd, hosts, join(folder, 'state'))));
  const core = openCore(loadConfig(join(folder, 'hostler.yaml'), {}), {});
  const run = async (fleet: Fleet): Promise<void> => {
    const now = systemClock.now();
    const said = await sweep.run(
      {
        ...core,
        fleet,
        driver: makeDriver(),
        clock: systemClock,
        ids: randomIds(),
        signal: new AbortController().signal,
      },
      { period: '', dueAt: now, team: null, zone: 'UTC' },
    );
    if (said !== `${hosts.length} hosts`) throw new Error(`ours: ${said}`);
  };
  // The VMs are known beforehand, as they are to a bot that has run for a minute.
  await run(simulatedFleet(simulated));
  // Thousands of VMs' models are no part of a bot: its rubbish would be looked for among them.
  simulated.splice(0);
  const known = core.rows.vms.list(null).length;
  if (known !== vms) throw new Error(`ours: ${known} VMs are known`);
  return {
    run: async () => {
      const before = Math.min(...hosts.map(({ name }) => core.rows.hosts.find(name)?.seenAt ?? 0));
      await run(core.fleet);
      const after = Math.min(...hosts.map(({ name }) => core.rows.hosts.find(name)?.seenAt ?? 0));
      if (after <= before) throw new Error('ours: a host was not seen');
    },
    end: async () => {
      await core.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(sshd: SweptHosts['sshd'], hosts: SweptHosts['hosts'], stateDir: string) {
  const large = { vms: 10_000, vcpus: 100_000, memory: '100000GiB', disk: '1000000GiB' };
  const file = configFile({
    teams: TEAMS,
    hosts: hosts.map(({ name }) => ({ name, port: sshd.port, hostKey: sshd.hostKey })),
    keyFile: sshd.identityFile,
    osUser: userInfo().username,
    keys: new Map(),
    quota: large,
    hostDefaults: { user: userInfo().username, overcommit: { vcpus: 64, memory: 16, disk: 64 } },
    flavors: [{ name: 'small', vcpus: 1, memory: '1GiB', disk: '10GiB' }],
    images: [],
    stateDir,
  });
  return { ...file, hosts: file.hosts?.map((host, index) => ({ ...host, address: hosts[index]?.address ?? '' })) };
}
