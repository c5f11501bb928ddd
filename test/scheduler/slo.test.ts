import { afterEach, expect, it } from 'vitest';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { sloStatement, sloStatementFleet } from '../../src/scheduler/jobs/slo-statement.ts';
import { vmRow } from '../kit/vm-row.ts';
import { type ScheduleWorld, scheduleWorld } from './kit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let made: ScheduleWorld;
afterEach(() => made.world.close());

async function until(at: string): Promise<void> {
  const ticker = made.start([sloStatement, sloStatementFleet]);
  for (; made.clock.at <= Date.parse(at); made.clock.at += 10 * MINUTE) {
    ticker.tick();
    await ticker.settled();
  }
  expect(made.error).not.toHaveBeenCalled();
}

function posts() {
  return made.world.db
    .prepare('select key, wanted, notice_json from outbox order by key')
    .all()
    .map((row) => ({
      key: String(Object(row).key),
      to: String(Object(row).wanted),
      notice: readNotice(JSON.parse(String(Object(row).notice_json))),
    }));
}

/** VMs that were up from one instant to another, but for an hour. */
function vms(team: string, count: number, from: number, to: number): void {
  const { rows } = made.world;
  rows.transaction(() => {
    for (let n = 0; n < count; n += 1) {
      const vm = vmRow(Number(team.slice(-1)) * 10_000 + n, { team, name: `web-${n}`, createdAt: from });
      rows.vms.insert(vm);
      const span = made.world.db.prepare('insert into vm_uptime values (?, ?, ?, ?)');
      span.run(vm.id, from, from + HOUR, 'down');
      span.run(vm.id, from + HOUR, to, 'up');
    }
  });
}

it('posts each team’s statement of the month that ended by its own calendar, once, with every VM in a file', async () => {
  made = await scheduleWorld('2026-03-31T12:00:00Z', {
    'team-01': 'Europe/Berlin',
    'team-02': 'America/Los_Angeles',
    'team-03': 'UTC',
  });
  const [from, to] = [Date.parse('2026-02-28T23:00:00Z'), Date.parse('2026-03-31T22:00:00Z')];
  vms('team-01', 25, from, to);
  vms('team-02', 1, from + 10 * 24 * HOUR, to - HOUR);
  await until('2026-04-01T20:00:00Z');
  const all = posts();
  expect(all.map(({ key, to: channel }) => [key, channel])).toEqual([
    ['slo-statement:fleet:2026-04', 'ops'],
    ['slo-statement:team-01:2026-04', 'team-01'],
    ['slo-statement:team-02:2026-04', 'team-02'],
  ]);
  const [fleet, first, second] = all.map(({ notice }) => notice);
  expect(first?.title).toBe('Uptime of team team-01: March 2026');
  // 743 hours: the clocks went forward. An hour down of 3.715 that are allowed.
  expect(first?.facts).toContainEqual({ name: 'Uptime', value: '99.865 %' });
  expect(first?.facts).toContainEqual({ name: 'Error budget', value: '4072.5 min of 5572.5 min left' });
  expect(first?.lines?.join(' ')).toContain('The target was kept. The 20 VMs with the least left are shown');
  expect(first?.table?.rows).toHaveLength(20);
  const csv = first?.files?.[0]?.text.trim().split('\n') ?? [];
  expect(csv).toHaveLength(26);
  expect(csv[1]).toBe('2026-03,team-01/web-0,team-01,99.5,99.86541,44520,60,0,0,0,222.9,162.9,kept');
  // Of its life alone; the last hours of its month nobody saw.
  expect(second?.facts).toContainEqual({ name: 'Unknown', value: '600 min' });
  expect(second?.lines?.[0]).toContain('depends on the time that nobody saw');
  expect(fleet?.table?.rows.map(([name]) => name)).toEqual(['team-02', 'team-01']);
  expect(fleet?.lines).toContain('1 team had no VM.');
});

it('says of a fleet without a VM that there is nothing to measure, and leaves teams alone', async () => {
  made = await scheduleWorld('2026-05-31T12:00:00Z');
  await until('2026-06-01T20:00:00Z');
  const [fleet, ...more] = posts();
  expect(more).toEqual([]);
  expect(fleet?.notice).toMatchObject({ title: 'Uptime of all teams: May 2026', files: [] });
  expect(fleet?.notice?.lines).toEqual(['No VM was to be up: there is nothing to measure.']);
  expect([fleet?.notice?.facts, fleet?.notice?.table]).toEqual([undefined, undefined]);
});
