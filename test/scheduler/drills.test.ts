/** What the schedule does for drills: it asks, it calls when nobody answers, and it drills by itself where it may. */
import { afterEach, expect, it, vi } from 'vitest';
import type { Notice } from '../../src/domain/notice.ts';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { drDrills, drQueue } from '../../src/scheduler/jobs/dr-drills.ts';
import { drOverdues, drReminders } from '../../src/scheduler/jobs/dr-reminders.ts';
import { type ScheduleWorld, scheduleWorld } from './kit.ts';

const DAY = 86_400_000;
let made: ScheduleWorld;
afterEach(() => made.world.close());

const jobs = [drReminders, drOverdues, drDrills];

async function until(at: string): Promise<void> {
  const ticker = made.start(jobs);
  for (; made.clock.at <= Date.parse(at); made.clock.at += DAY / 4) {
    ticker.tick();
    await ticker.settled();
  }
  expect(made.error).not.toHaveBeenCalled();
}
function posts(key: string): { readonly key: string; readonly to: string; readonly notice: Notice }[] {
  const found = made.world.db
    .prepare('select key, wanted, notice_json from outbox where key like ? order by id')
    .all(`${key}:%`);
  return found.map((row) => {
    const notice = readNotice(JSON.parse(String(Object(row).notice_json)));
    if (notice === null) throw new Error(`no notice: ${Object(row).key}`);
    return { key: String(Object(row).key), to: String(Object(row).wanted), notice };
  });
}
async function begin(at: string): Promise<void> {
  made = await scheduleWorld(at);
  const { world } = made;
  await world.change('image.add', { name: 'tiny' }, 'admin');
  for (const name of ['web-01', 'web-02']) await world.change('vm.create', { name, image: 'tiny', flavor: 'small' });
}
const passed = (at: string) => {
  const vmId = made.world.rows.vms.byName('team-01', 'web-01')?.id ?? '';
  const ended = {
    verdict: 'passed',
    reason: null,
    rpoMs: 1,
    rtoMs: 1,
    checks: [],
    timeline: [],
    endedAt: Date.parse(at),
  } as const;
  const of = {
    id: `drill_${at}`,
    operationId: 'op_1',
    vmId,
    team: 'team-01',
    vmName: 'web-01',
    backup: 'team-01/web-01.1',
  };
  const where = { fromHost: 'kvm-1', host: 'kvm-2', objectives: { rpoMs: 1, rtoMs: 1 }, askedBy: 'ann' };
  made.world.rows.drills.insert({ ...of, ...where, ...ended, startedAt: Date.parse(at) });
};
const labels = ({ buttons = [] }: Notice) => buttons.map(({ label }) => label);

it('asks a team once a quarter, with its owner, a checklist and the ways to do it', async () => {
  await begin('2026-01-01T00:00:00Z');
  await made.world.change('vm.backup.now', { vm: 'web-01' });
  await until('2026-02-01T00:00:00Z');
  const [asked, ...more] = posts('dr-reminder');
  expect(more).toEqual([]);
  expect(asked).toMatchObject({ key: 'dr-reminder:team-01:2026-Q1', to: 'team-01' });
  expect(JSON.stringify(asked?.notice.lines)).toMatch(/Owner: .*01-lead.*☐ 1\. .*RPO.*☐ 5\. /);
  expect(labels(asked?.notice ?? { tone: 'plain', title: '' })).toEqual([
    'Run now: team-01/web-01',
    'Choose a VM',
    'Postpone with reason',
    'Show the plan',
    'Show drills',
  ]);
  const known = new Set(made.world.service.catalog.map(({ name }) => name));
  for (const { press } of asked?.notice.buttons ?? []) expect('name' in press && known.has(press.name)).toBe(true);
});

it('asks nobody who has drilled in the quarter', async () => {
  await begin('2026-01-01T00:00:00Z');
  passed('2026-01-02T00:00:00Z');
  await until('2026-02-01T00:00:00Z');
  expect(posts('dr-reminder')).toEqual([]);
});

it('tells the admins of one that is overdue, each week, until one has passed', async () => {
  await begin('2026-01-01T00:00:00Z');
  await until('2026-04-10T00:00:00Z');
  const told = posts('dr-overdue');
  expect(told.map(({ to }) => to)).toEqual(['ops', 'ops']);
  expect(told[0]?.notice.title).toBe('Team team-01 owes its disaster recovery test of quarter 1 of 2026');
  passed('2026-04-11T00:00:00Z');
  await until('2026-05-10T00:00:00Z');
  expect(posts('dr-overdue')).toHaveLength(2);
});

it('waits as long as it was put off, and then says who put it off and why', async () => {
  await begin('2026-01-01T00:00:00Z');
  await until('2026-01-20T00:00:00Z');
  const { rows } = made.world;
  const reason = 'the share comes in April';
  rows.drills.postpone({
    team: 'team-01',
    until: Date.parse('2026-04-20T00:00:00Z'),
    reason,
    person: '01-lead',
    at: made.clock.at,
  });
  await until('2026-04-19T00:00:00Z');
  expect(posts('dr-overdue')).toEqual([]);
  await until('2026-04-22T00:00:00Z');
  const [told, ...more] = posts('dr-overdue');
  expect(more).toEqual([]);
  expect(JSON.stringify(told?.notice.lines)).toContain(`01-lead put it off until then: ${reason}`);
});

it('takes a reason and a day that is to come from a lead', async () => {
  await begin('2026-01-01T00:00:00Z');
  const { world } = made;
  const day = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
  const why = { reason: 'the share comes later' };
  const code = async (input: Record<string, unknown>, as: string) => {
    const answer = await world.ask('dr.postpone', input, as);
    return answer.kind === 'refused' ? `${answer.error.code} ${answer.error.field ?? ''}`.trim() : answer.kind;
  };
  expect(await code({ ...why, until: day(10) }, '01-dev1')).toBe('forbidden');
  expect(await code({ ...why, until: day(-2) }, '01-lead')).toBe('invalid_input until');
  expect(await code({ ...why, until: day(200) }, '01-lead')).toBe('invalid_input until');
  expect(await code({ ...why, until: '2026-02-31' }, '01-lead')).toBe('invalid_input until');
  expect(await code({ until: day(10) }, '01-lead')).toBe('ask');
  expect(world.rows.drills.postponed('team-01')).toBeNull();
  const row = await world.change('dr.postpone', { ...why, until: day(10) }, '01-lead');
  expect([row.state, row.error]).toEqual(['succeeded', null]);
  expect(world.rows.drills.postponed('team-01')).toMatchObject({ person: '01-lead', reason: why.reason });
});

it('drills a VM once a month where the team wants it, and says so where it can’t', async () => {
  await begin('2026-01-01T00:00:00Z');
  await until('2026-02-13T00:00:00Z');
  expect(made.world.rows.drills.list(null)).toEqual([]);
  made.settings = {
    ...made.settings,
    teams: made.settings.teams.map((team) => ({ ...team, dr: { ...team.dr, monthly: true } })),
  };
  await until('2026-03-13T00:00:00Z');
  expect(posts('dr-drill')).toMatchObject([
    {
      key: 'dr-drill:team-01:2026-03',
      to: 'team-01',
      notice: { lines: ['No VM has a backup that could be restored'] },
    },
  ]);
  await made.world.change('vm.backup.now', { vm: 'web-01' });
  await until('2026-04-13T00:00:00Z');
  // There is one host only.
  expect(posts('dr-drill')[1]?.notice.lines?.join(' ')).toMatch(/No host but kvm-1.*--same-host/);
});

it('drills several VMs one after another, each in an operation of its own', async () => {
  await begin('2026-01-01T00:00:00Z');
  const { world } = made;
  const [host] = world.hosts;
  if (host === undefined) throw new Error('no host');
  for (const vm of ['web-01', 'web-02']) await world.change('vm.backup.now', { vm });
  const input = { vm: 'web-01', also: 'web-02,web-01', sameHost: true };
  expect((await world.change('dr.drill', input)).state).toBe('succeeded');
  expect(world.rows.drills.wanted()).toMatchObject([{ person: '01-dev1' }]);
  const tick = () =>
    drQueue.run(made.deps(new AbortController().signal), { period: '', dueAt: 0, team: null, zone: 'UTC' });
  expect(await tick()).toBe('1 begun');
  expect(world.rows.drills.wanted()).toEqual([]);
  await vi.waitFor(() => expect(world.rows.drills.list('team-01')).toHaveLength(2));
  const [second] = world.rows.drills.list('team-01');
  await world.service.follow(second?.operationId ?? '', 'end');
  expect(world.rows.drills.list('team-01')).toMatchObject([
    { vmName: 'web-02', verdict: 'passed', askedBy: 'hostler' },
    { vmName: 'web-01', verdict: 'passed', askedBy: '01-dev1' },
  ]);
  expect(await tick()).toBe('');
});

it('tells the team of one that it could not begin', async () => {
  await begin('2026-01-01T00:00:00Z');
  const { world } = made;
  const vmId = world.rows.vms.byName('team-01', 'web-02')?.id ?? '';
  world.rows.drills.want({ operationId: 'op_1', vmId, person: '01-dev1' });
  await drQueue.run(made.deps(new AbortController().signal), { period: '', dueAt: 0, team: null, zone: 'UTC' });
  expect(world.rows.drills.wanted()).toEqual([]);
  expect(posts('dr-queue')).toMatchObject([
    { to: 'team-01', notice: { title: 'The DR drill of team-01/web-02 could not be made' } },
  ]);
});
