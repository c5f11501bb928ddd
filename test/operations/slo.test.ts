import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monthIn } from '../../src/domain/slo/month.ts';
import type { UptimeStatus } from '../../src/domain/slo/uptime.ts';
import type { Vm } from '../../src/domain/vm.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { evaluateAlerts } from '../../src/operations/alert/evaluate.ts';
import { rowMetrics } from '../../src/operations/metrics.ts';
import { sloMonth } from '../../src/operations/slo/gather.ts';
import { sweepHost } from '../../src/operations/watch/sweep.ts';
import { vmRow } from '../kit/vm-row.ts';
import { makeWorld, type World } from '../kit/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let world: World;
let made = 0;
beforeEach(async () => {
  world = await makeWorld({ images: false });
});
afterEach(() => world.close());

function here<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it is missing');
  return value;
}

/** A VM's row alone. */
function row(name: string, createdAt: number, change: Partial<Vm> = {}): Vm {
  made += 1;
  const vm = vmRow(made, { name, createdAt, ...change });
  world.rows.vms.insert(vm);
  world.rows.watch.update(vm.id, { wanted: 'running' });
  return vm;
}

/** Looks each minute in `(from, to]`. */
function seen(vm: Vm, status: UptimeStatus, from: number, to: number): void {
  world.rows.transaction(() => {
    for (let at = from + MINUTE; at <= to; at += MINUTE) world.rows.slo.record(vm, status, at);
  });
}
const spans = (): number => Number(world.db.prepare('select count(*) from vm_uptime').pluck().get());
const month = (text: string, zone = 'UTC', now = Number.MAX_SAFE_INTEGER) =>
  sloMonth(world.rows, world.settings, 'team-01', monthIn(text, zone), now);
const minutes = ({ up, down, planned, off, unknown, ahead }: ReturnType<typeof month>['whole']['time']) =>
  [up, down, planned, off, unknown, ahead].map((ms) => ms / MINUTE);

describe('uptime by rows', () => {
  it('is one row for a VM that stays as it is, and adds up to the whole month', () => {
    const from = Date.parse('2026-06-01T00:00:00Z');
    const vm = row('web-01', from - DAY);
    seen(vm, 'up', from - HOUR, from + 10 * DAY);
    seen(vm, 'down', from + 10 * DAY, from + 10 * DAY + 30 * MINUTE);
    seen(vm, 'planned', from + 10 * DAY + 30 * MINUTE, from + 11 * DAY);
    seen(vm, 'off', from + 11 * DAY, from + 12 * DAY);
    seen(vm, 'up', from + 12 * DAY, from + 31 * DAY);
    expect(spans()).toBe(5);
    const { whole, vms } = month('2026-06');
    expect(minutes(whole.time)).toEqual([28 * 1440, 30, 1410, 1440, 0, 0]);
    expect(vms).toHaveLength(1);
    expect(whole.judged).toMatchObject({ verdict: 'kept' });
    expect(whole.judged.leftMs / MINUTE).toBeCloseTo((28 * 1440 + 30) * 0.005 - 30);
  });

  it.each([
    ['2026-03', 'Europe/Berlin', 743],
    ['2026-10', 'Europe/Berlin', 745],
    ['2026-11', 'America/Los_Angeles', 721],
  ])('of %s in %s, whose clocks change, has %i hours', (text, zone, hours) => {
    const { from, to } = monthIn(text, zone);
    const vm = row('web-01', from - DAY);
    seen(vm, 'up', from - HOUR, to + HOUR);
    const { time, judged } = month(text, zone).whole;
    expect(minutes(time)).toEqual([hours * 60, 0, 0, 0, 0, 0]);
    expect(judged.budgetMs / MINUTE).toBeCloseTo(hours * 60 * 0.005);
  });

  it('calls a day without sweeps unknown, neither up nor down', () => {
    const from = Date.parse('2026-06-01T00:00:00Z');
    const vm = row('web-01', from - DAY);
    seen(vm, 'up', from - HOUR, from + 9 * DAY);
    // The first look after it stands for the minute before it, as each does.
    seen(vm, 'up', from + 10 * DAY, from + 30 * DAY);
    const { time, judged } = month('2026-06').whole;
    expect(minutes(time)).toEqual([29 * 1440, 0, 0, 0, 1440, 0]);
    expect(judged).toMatchObject({ ratio: 1, verdict: 'not known' });
  });

  it('of VMs made or deleted in mid-month is of their life alone', () => {
    const from = Date.parse('2026-06-01T00:00:00Z');
    const late = row('late', from + 20 * DAY);
    seen(late, 'up', from + 20 * DAY, from + 30 * DAY);
    const gone = row('gone', from - DAY);
    seen(gone, 'up', from - DAY, from + 5 * DAY);
    // Swept in the trash as well.
    seen(gone, 'off', from + 5 * DAY, from + 8 * DAY);
    world.rows.vms.update(gone.id, { life: 'trashed', trashedAt: from + 5 * DAY });
    row('before', from - 9 * DAY, { life: 'purged', trashedAt: from - DAY });
    row('after', from + 31 * DAY);
    const { vms } = month('2026-06');
    expect(vms.map(({ name, time }) => [name, ...minutes(time)])).toEqual([
      ['team-01/gone', 5 * 1440, 0, 0, 0, 0, 0],
      ['team-01/late', 10 * 1440, 0, 0, 0, 0, 0],
    ]);
    // Brought back, its days in the trash were wanted.
    world.rows.vms.update(gone.id, { life: 'live', trashedAt: null });
    expect(minutes(here(month('2026-06').vms[0]).time).slice(3, 5)).toEqual([3 * 1440, 22 * 1440]);
  });

  it('of no VM is nothing to measure', () => {
    expect(month('2026-06')).toMatchObject({ vms: [], whole: { judged: { verdict: 'nothing to measure' } } });
  });

  it('of the month under way counts what is to come of VMs that are to run', () => {
    const from = Date.parse('2026-06-01T00:00:00Z');
    const vm = row('web-01', from - DAY);
    const off = row('off', from - DAY);
    world.rows.watch.update(off.id, { wanted: 'off' });
    for (const each of [vm, off]) seen(each, each === vm ? 'up' : 'off', from - HOUR, from + DAY);
    expect(month('2026-06', 'UTC', from + DAY).vms.map(({ time }) => minutes(time))).toEqual([
      [0, 0, 0, 1440, 0, 0],
      [1440, 0, 0, 0, 0, 29 * 1440],
    ]);
  });

  it('takes a look twice, late, or by a clock that ran ahead', () => {
    const from = Date.parse('2026-06-01T00:00:00Z');
    const vm = row('web-01', from);
    const { slo } = world.rows;
    slo.record(vm, 'up', from + MINUTE);
    slo.record(vm, 'down', from + MINUTE);
    slo.record(vm, 'up', from + 3 * MINUTE);
    expect(spans()).toBe(1);
    slo.record(vm, 'up', from + 5 * DAY);
    slo.record(vm, 'down', from + 5 * DAY + MINUTE);
    slo.record(vm, 'up', from + 4 * MINUTE);
    slo.record(vm, 'up', from + 5 * MINUTE);
    expect(minutes(month('2026-06', 'UTC', from + 5 * MINUTE).whole.time).slice(0, 5)).toEqual([5, 0, 0, 0, 0]);
  });

  it('is forgotten with a VM that never came to be, and after its time', () => {
    const from = Date.parse('2026-06-01T00:00:00Z');
    const vm = row('web-01', from);
    const failed = row('failed', from, { life: 'creating' });
    seen(vm, 'up', from, from + HOUR);
    seen(failed, 'off', from, from + HOUR);
    world.rows.vms.forget(failed.id);
    expect(spans()).toBe(1);
    world.rows.slo.prune(from + 2 * HOUR);
    expect(spans()).toBe(0);
  });
});

describe('uptime by sweeps', () => {
  let vm: Vm;
  beforeEach(async () => {
    await world.change('image.add', { name: 'tiny' }, 'admin');
    await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    vm = here(world.rows.vms.byName('team-01', 'web-01'));
  });
  const host = () => here(world.hosts[0]);
  const sweep = async (times = 1): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      world.clock.advance(MINUTE);
      await sweepHost({ ...world, driver: makeDriver() }, 'kvm-1', new AbortController().signal);
    }
  };
  const statuses = (): unknown[] => world.db.prepare('select status from vm_uptime order by from_at').pluck().all();

  it('tells up, down, wanted off and announced work apart, and records nothing of a silent host', async () => {
    await sweep(2);
    expect(statuses()).toEqual(['up']);
    host().sh(['virsh', 'destroy', '--domain', vm.uuid]);
    await sweep();
    expect(statuses()).toEqual(['up', 'down']);
    await world.change('host.maintenance', { host: 'kvm-1', for: '2h' }, 'admin');
    await sweep();
    expect(statuses()).toEqual(['up', 'down', 'planned']);
    host().trouble.down = true;
    await sweep();
    expect(statuses()).toEqual(['up', 'down', 'planned']);
    await world.change('alert.unsilence', { what: 'kvm-1' }, 'admin');
    const before = spans();
    await sweep(5);
    expect(spans()).toBe(before);
    host().trouble.down = false;
    await world.change('vm.start', { vm: 'web-01' });
    await world.change('vm.shutdown', { vm: 'web-01' });
    await sweep();
    expect(statuses().at(-1)).toBe('off');
    const shown = await world.ask('slo.show', { vm: 'web-01' });
    expect(here(shown.kind === 'reading' ? shown.json : null)).toMatchObject({
      team: 'team-01',
      targetPercent: 99.5,
      unknownSeconds: expect.any(Number),
    });
  });

  it('is told of when the budget burns: once, in the team’s channel, with the numbers; and when it is over', async () => {
    const evaluate = () => evaluateAlerts({ ...world, ids: randomIds() });
    const firing = () =>
      world.rows.alerts
        .all()
        .filter(({ rule, state }) => rule.includes('slo') && state === 'firing')
        .map(({ rule, team, detail }) => [rule, team, detail]);
    await sweep(3);
    evaluate();
    expect(firing()).toEqual([]);
    host().sh(['virsh', 'destroy', '--domain', vm.uuid]);
    // It burns from the fifth minute on, and is told of after another quarter of an hour.
    for (let minute = 0; minute < 18; minute += 1) {
      await sweep();
      evaluate();
      expect(firing()).toEqual([]);
    }
    for (let minute = 18; minute < 21; minute += 1) {
      await sweep();
      evaluate();
    }
    expect(firing()).toEqual([
      [
        'team-slo-fast',
        'team-01',
        expect.stringMatching(/^1 VM down for 2[01] min.* in 1 h, (?:6[6-9]|70)(?:\.\d)? times what 99.5 % allows/),
      ],
    ]);
    host().sh(['virsh', 'start', '--domain', vm.uuid]);
    await sweep(6);
    evaluate();
    expect(firing()).toEqual([]);
  });

  it('is shown to its own team alone, and to who may look at all', async () => {
    await sweep(2);
    const mine = await world.ask('slo.show', {});
    expect(mine).toMatchObject({ kind: 'reading', notice: { title: expect.stringContaining('team-01') } });
    expect(await world.ask('slo.show', {}, '02-dev1', { team: 'team-01' })).toMatchObject({
      error: { code: 'forbidden' },
    });
    expect(await world.ask('slo.show', { vm: 'team-01/web-01' }, '02-dev1')).toMatchObject({
      error: { code: 'forbidden' },
    });
    expect(await world.ask('slo.show', {}, '02-dev1', { all: true })).toMatchObject({ error: { code: 'forbidden' } });
    const all = await world.ask('slo.show', {}, 'auditor', { all: true });
    expect(all).toMatchObject({ json: { teams: [{ name: 'team-01' }, { name: 'team-02' }] } });
    expect(await world.ask('slo.show', { vm: 'web-02' })).toMatchObject({
      error: { code: 'not_found', hint: expect.stringContaining('web-01') },
    });
    expect(await world.ask('slo.show', { month: '2999-01' })).toMatchObject({ error: { code: 'invalid_input' } });
    expect(await world.ask('slo.show', { month: 'March' })).toMatchObject({ error: { code: 'invalid_input' } });
  });

  it('stands in /metrics, by team', async () => {
    await sweep(2);
    const metrics = rowMetrics(world.rows, world.settings, world.clock.now());
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.samples;
    expect(of('hostler_slo_uptime_ratio')).toEqual([{ labels: { team: 'team-01' }, value: 1 }]);
    expect(of('hostler_slo_target_ratio')).toHaveLength(2);
    expect(of('hostler_slo_budget_left_seconds')?.[0]?.value).toBeGreaterThan(0);
  });
});
