/** What the sweep of each minute costs the bot over a large simulated fleet: CPU time, memory, and where the rows' part of it goes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { configText } from '../demo/fleet/config-file.ts';
import { startFleet } from '../demo/fleet/fleet.ts';
import { peopleTheWorkspace } from '../demo/people.ts';
import { startChatServer } from '../demo/slack/server.ts';
import { loadConfig } from '../src/config.ts';
import type { Settings } from '../src/domain/settings.ts';
import { openDatabase, openReadOnly } from '../src/infra/sqlite/database.ts';
import { openRows } from '../src/infra/sqlite/rows.ts';
import { databaseFile } from '../src/main/core.ts';
import { catalog } from '../src/operations/catalog.ts';
import { manifestFor } from '../src/operations/manifest.ts';
import { burns } from '../src/operations/slo/burn.ts';
import { sloMetrics } from '../src/operations/slo/metrics.ts';
import { recordUptime } from '../src/operations/slo/record.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { type BenchContext, cpuMs, median } from './kit.ts';

const FLEETS = [
  { hosts: 50, vms: 1000 },
  { hosts: 500, vms: 10_000 },
] as const;
/** Sweeps that are measured, after the first one, which brings the VMs. */
const SWEEPS = 4;
const FIRST_MS = 20 * 60_000;
const NEXT_MS = 5 * 60_000;
/** What is promised of the largest. */
const BOUND = { cpuMs: 10_000, memoryMiB: 400 };
const MINUTE = 60_000;

export async function sweepFleets(ctx: BenchContext): Promise<void> {
  const each: number[] = [];
  for (const fleet of FLEETS) each.push((await oneFleet(ctx, fleet)) / fleet.hosts);
  const [small = Number.NaN, large = Number.NaN] = each;
  ctx.note(
    `CPU of a sweep a host: ${small.toFixed(1)} ms of 50, ${large.toFixed(1)} ms of 500: ${(large / small).toFixed(2)} times as much`,
  );
}

/** CPU time of a sweep, in milliseconds. */
async function oneFleet(ctx: BenchContext, { hosts, vms }: (typeof FLEETS)[number]): Promise<number> {
  const subject = `${hosts} hosts, ${vms} VMs`;
  const folder = mkdtempSync(join(tmpdir(), 'hostler-bench-fleet-'));
  const chat = await startChatServer({ manifest: manifestFor(catalog, { prefix: '' }) });
  const fleet = await startFleet({ hosts, vms, stateDir: join(folder, 'fleet'), osUser: userInfo().username });
  let bot: BotProcess | undefined;
  try {
    peopleTheWorkspace(chat, fleet.config);
    const configFile = join(folder, 'hostler.yaml');
    writeFileSync(configFile, configText([], fleet.config));
    const env = { PATH: process.env.PATH ?? '', HOME: folder, ...chat.env, HOSTLER_CONFIG: configFile };
    const config = loadConfig(configFile, env);
    bot = await startBot(env);
    ctx.note(`${subject}: the bot is up, and sees them for the first time`);
    const spent: number[] = [];
    const memory: number[] = [];
    let silent = 0;
    let last = await sweepAfter('', config.stateDir, FIRST_MS);
    let before = bot.cpuMs();
    ctx.note(
      `${subject}: the first sweep: ${seconds(before)} of CPU with the start, ${last.seconds.toFixed(0)} s in all`,
    );
    for (let n = 0; n < SWEEPS; n += 1) {
      last = await sweepAfter(last.period, config.stateDir, NEXT_MS);
      silent = Math.max(silent, Number(/(\d+) silent/.exec(last.result)?.[1] ?? 0));
      const now = bot.cpuMs();
      spent.push(now - before);
      memory.push(bot.memoryMiB().now);
      before = now;
    }
    const most = bot.memoryMiB().most;
    await bot.stop();
    ctx.note(
      `${subject}: CPU from one sweep's end to the next: ${spent.map(seconds).join(', ')}; the last took ${last.seconds.toFixed(0)} s; memory ${memory.map((it) => it.toFixed(0)).join(', ')} MiB, ${most.toFixed(0)} at most`,
    );
    // On a machine that has other work, the simulator answers late now and then.
    if (silent > 0) ctx.note(`${subject}: up to ${silent} hosts were silent in a sweep: ${troubles(config.stateDir)}`);
    if (silent > hosts / 50) throw new Error('the machine is too busy for this');
    if (hosts === FLEETS.at(-1)?.hosts) {
      const row = { subject, peer: 'the bound', rounds: SWEEPS };
      ctx.row({ ...row, ours: median(spent), theirs: BOUND.cpuMs, unit: 'ms' });
      ctx.row({ ...row, ours: Math.max(...memory), theirs: BOUND.memoryMiB, unit: 'MiB' });
    }
    ofRows(ctx, subject, config.stateDir, config.settings);
    return median(spent);
  } finally {
    bot?.kill();
    await fleet.close();
    await chat.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface SweepEnded {
  readonly period: string;
  readonly result: string;
  readonly seconds: number;
}

/** The first sweep after that period's that has ended, as the bot wrote it down. */
async function sweepAfter(period: string, stateDir: string, patience: number): Promise<SweepEnded> {
  const until = performance.now() + patience;
  while (performance.now() < until) {
    const db = openReadOnly(databaseFile(stateDir));
    const row: unknown = db
      .prepare(
        `select period, result, (ended_at - started_at) / 1000.0 as seconds from schedule_run
         where job = 'sweep' and state in ('done', 'failed') and period > ? order by due_at desc limit 1`,
      )
      .get(period);
    db.close();
    if (row !== undefined) {
      const { period: found, result, seconds: took } = Object(row);
      return { period: String(found), result: String(result), seconds: Number(took) };
    }
    await sleep(100);
  }
  throw new Error(`no sweep ended in ${patience / 60_000} minutes`);
}

/** Why hosts are silent just now. */
function troubles(stateDir: string): string {
  const db = openReadOnly(databaseFile(stateDir));
  const found = db.prepare('select distinct trouble from host where trouble is not null limit 3').pluck().all();
  db.close();
  return found.length === 0 ? 'all answer again' : found.map(String).join('; ');
}

/** The uptime's part, over the rows that the bot left. */
function ofRows(ctx: BenchContext, subject: string, stateDir: string, settings: Settings): void {
  const db = openDatabase(databaseFile(stateDir));
  try {
    const rows = openRows(db, { touchCard: () => {}, post: () => {} });
    let now = Date.now();
    const record = (): void => {
      now += MINUTE;
      for (const { name } of settings.hosts) rows.sighting(() => recordUptime(rows, name, true, now));
    };
    const parts = {
      'written after each host': record,
      'error budgets for the alerts': () => burns(rows, settings, now)(null),
      'a month for /metrics': () => sloMetrics(rows, settings, now),
    };
    const said = Object.entries(parts).map(([name, act]) => {
      const times = Array.from({ length: 5 }, () => {
        const before = cpuMs();
        act();
        return cpuMs() - before;
      });
      return `${name} ${median(times).toFixed(0)} ms`;
    });
    ctx.note(`${subject}: CPU of uptime's rows: ${said.join(', ')}`);
  } finally {
    db.close();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
