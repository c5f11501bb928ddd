/**
 * What the database comes to in a year of fifty VMs on five hosts, with the rows that really store, roll up and forget. The year's
 * older samples are added thinner, never fewer than a row of each kind that is still there at its end: the numbers are asserted.
 */
import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { SAMPLE_METRICS, type Sample, type SampleKind } from '../../src/domain/samples.ts';
import { MiB } from '../../src/domain/size.ts';
import { UPTIME_STATUSES } from '../../src/domain/slo/uptime.ts';
import { pruneUptime } from '../../src/operations/slo/record.ts';
import { vmRow } from '../kit/vm-row.ts';
import { makeWorld, type World } from '../kit/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Long ago, so that no clock ran ahead. A midnight. */
const START = Date.UTC(2024, 0, 1);
const END = START + 365 * DAY;
const VMS = 50;
const HOSTS = 5;
/** Each VM has something done to it every fifth day, and is up or not up anew every other hour. */
const OPERATIONS = (VMS / 5) * 365;
const CHANGE_MS = 2 * HOUR;
const LIMIT = 300 * MiB;

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  world.db.pragma('synchronous = OFF');
});
afterEach(() => world.close());

/** The worst to store: nothing is missing, and nothing is a whole number. */
function sample(kind: SampleKind, object: string, at: number): Sample {
  const values = Object.keys(SAMPLE_METRICS[kind]).map((name, index) => [name, 50 + (at / MINUTE + index) / 7]);
  return { kind, object, values: Object.fromEntries(values) };
}

const count = (sql: string): number => z.number().parse(world.db.prepare(sql).pluck().get());

function fileBytes(): number {
  world.db.pragma('wal_checkpoint(TRUNCATE)');
  return statSync(world.db.name).size;
}

/** What an operation leaves behind: its row, journal, audit, card and messages. */
async function bytesOfAnOperation(): Promise<number> {
  const kinds = ['vm.create', 'vm.restart', 'vm.shutdown', 'vm.start', 'vm.resize', 'vm.delete', 'vm.purge'] as const;
  const before = fileBytes();
  let done = 0;
  for (let round = 0; round < 6; round += 1) {
    const vm = `vm-${round}`;
    const inputs: Readonly<Record<(typeof kinds)[number], Record<string, unknown>>> = {
      'vm.create': { name: vm, image: 'tiny', flavor: 'small' },
      'vm.restart': { vm },
      'vm.shutdown': { vm },
      'vm.start': { vm },
      'vm.resize': { vm, flavor: 'large', restart: true },
      'vm.delete': { vm },
      'vm.purge': { vm: `team-01/${vm}` },
    };
    for (const kind of kinds) {
      const { state, error } = await world.change(kind, inputs[kind], kind === 'vm.purge' ? 'admin' : '01-lead');
      expect([kind, state, error]).toEqual([kind, 'succeeded', null]);
      done += 1;
    }
  }
  return (fileBytes() - before) / done;
}

// Its deadline is part of it: where forgetting reads all that is kept, it takes ten times as long.
it('stays under 300 MiB', { timeout: 120_000 }, async () => {
  const each = await bytesOfAnOperation();
  const { rows } = world;
  const vms = Array.from({ length: VMS }, (_, n) =>
    vmRow(n + 1, { name: `web-${n}`, host: `kvm-${(n % HOSTS) + 1}`, createdAt: START }),
  );
  rows.transaction(() => vms.forEach(rows.vms.insert));
  const hosts = Array.from({ length: HOSTS }, (_, n) => `kvm-${n + 1}`);
  const objects: readonly (readonly [SampleKind, string])[] = [
    ...hosts.flatMap((host) => [['host', host] as const, ['pool', `${host}/thinpool`] as const]),
    ...vms.map(({ id }) => ['vm', id] as const),
  ];

  let at = START;
  /** A sample of each thing every so often until then, tidied every so often. */
  const run = (until: number, every: number, tidied: number): void => {
    while (at < until) {
      const stop = Math.min(until, at + tidied);
      rows.transaction(() => {
        for (; at < stop; at += every) {
          rows.samples.add(
            at,
            objects.map(([kind, object]) => sample(kind, object, at)),
          );
          if (at % CHANGE_MS !== 0) continue;
          const status = UPTIME_STATUSES[(at / CHANGE_MS) % UPTIME_STATUSES.length] ?? 'up';
          for (const vm of vms) rows.slo.record(vm, status, at);
        }
        rows.samples.tidy(at);
        pruneUptime(rows, at);
      });
    }
  };
  // Hours are kept for longer than the year, ten minutes for 30 days, minutes for 2: a day of each is rolled up and forgotten as ever.
  run(END - 31 * DAY, HOUR, DAY / 2);
  run(END - 3 * DAY, 10 * MINUTE, HOUR);
  run(END, MINUTE, 10 * MINUTE);

  const slots = { 1: 2 * 1440, 10: 30 * 144, 60: 365 * 24 };
  for (const [kind, things] of [
    ['host', HOSTS],
    ['pool', HOSTS],
    ['vm', VMS],
  ] as const) {
    for (const [minutes, expected] of Object.entries(slots))
      expect([kind, minutes, count(`select count(*) from ${kind}_sample where minutes = ${minutes}`)]).toEqual([
        kind,
        minutes,
        things * expected,
      ]);
  }
  expect(count('select count(*) from vm_uptime')).toBeGreaterThanOrEqual(VMS * ((365 * DAY) / CHANGE_MS - 1));
  const watched = fileBytes();
  const whole = watched + each * OPERATIONS;
  const parts = `${(watched / MiB).toFixed(0)} MiB watched, ${OPERATIONS} operations of ${(each / 1024).toFixed(1)} KiB`;
  expect(whole, parts).toBeLessThan(LIMIT);
});
