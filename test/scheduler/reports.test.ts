import { afterEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../src/domain/notice.ts';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { schedule } from '../../src/scheduler/schedule.ts';
import { ALWAYS } from '../kit/settings.ts';
import { type ScheduleWorld, scheduleWorld } from './kit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let made: ScheduleWorld;
afterEach(() => made.world.close());

/** The jobs that post; what looks at hosts is left out. */
const jobs = schedule.filter(
  ({ name }) => name !== 'sweep' && name !== 'empty-trash' && name !== 'expire' && name !== 'capacity-day',
);

/** Lets the clock go on, and the schedule with it. */
async function until(at: string, stepMs = 10 * MINUTE): Promise<void> {
  const ticker = made.start(jobs);
  for (; made.clock.at <= Date.parse(at); made.clock.at += stepMs) {
    ticker.tick();
    await ticker.settled();
  }
  expect(made.error).not.toHaveBeenCalled();
}

function posts(key: string): { readonly key: string; readonly to: string; readonly notice: Notice }[] {
  const found = made.world.db
    .prepare('select key, wanted, notice_json from outbox where key like ? order by id')
    .all(`${key}%`);
  return found.map((row) => {
    const notice = readNotice(JSON.parse(String(Object(row).notice_json)));
    if (notice === null) throw new Error(`no notice: ${Object(row).key}`);
    return { key: String(Object(row).key), to: String(Object(row).wanted), notice };
  });
}

const words = ({ title, lines = [], table }: Notice): string => JSON.stringify([title, lines, table]);

/** Days of a scope on which memory grows from a fifth on. */
function history(scope: string, days: number): void {
  const today = Math.floor(made.clock.at / DAY);
  const part = (limit: number, allocated: number) => ({ size: limit, limit, allocated, held: 0, used: allocated / 3 });
  const GiB = 1024 ** 3;
  made.world.rows.capacity.save(
    Array.from({ length: days }, (_, n) => ({
      scope,
      day: today - days + 1 + n,
      measures: { vcpus: part(64, 8), memory: part(100 * GiB, (20 + n) * GiB), disk: part(900 * GiB, 100 * GiB) },
    })),
  );
}

describe('reports', () => {
  it('of a fleet with no data: said once, in words, without charts', async () => {
    made = await scheduleWorld('2026-10-31T20:00:00Z');
    await until('2026-11-02T12:00:00Z');
    const [fleet, ...more] = posts('capacity-plan:fleet');
    expect(more).toEqual([]);
    expect(fleet).toMatchObject({ key: 'capacity-plan:fleet:2026-11', to: 'ops', notice: { charts: [] } });
    expect(words(fleet?.notice ?? { tone: 'plain', title: '' })).toContain('No day is on record yet');
    // Teams without VMs and without a past are left alone; nothing happened, so there is no digest.
    expect(posts('capacity-plan:team')).toEqual([]);
    expect(posts('digest')).toEqual([]);
    expect(posts('dr-reminder')).toEqual([]);
  });

  it('each month: what grew, what runs out and when, what to do; with charts, their words, and numbers to compute with', async () => {
    made = await scheduleWorld('2026-10-31T20:00:00Z', {
      'team-01': 'Europe/Berlin',
      'team-02': 'America/Los_Angeles',
    });
    history('fleet', 60);
    history('team/team-01', 60);
    await until('2026-11-02T12:00:00Z');
    const [fleet] = posts('capacity-plan:fleet');
    const [team, ...others] = posts('capacity-plan:team');
    expect([team?.to, others]).toEqual(['team-01', []]);
    for (const each of [fleet, team]) {
      const notice = each?.notice ?? { tone: 'plain', title: '' };
      expect(notice.title).toContain('October 2026');
      expect(notice.tone).toBe('warn');
      expect(words(notice)).toMatch(/"50 GiB","79 GiB","\+29 GiB","100 GiB"/);
      expect(words(notice)).toMatch(/Memory promised: .{0,20}grows by 30 GiB in 30 days; 80 % about 2026-11-0\d/);
      expect(words(notice)).toContain('To do: ');
      const [memory] = notice.charts ?? [];
      expect(memory?.alt).toMatch(
        /^Line chart of 60 days and 60 days ahead\. Memory promised of .* 100 % about 2026-11-2\d/,
      );
      expect(memory?.labels).toHaveLength(120);
      expect(memory?.labels[59]).toBe('2026-10-31');
      for (const { values } of memory?.series ?? []) expect(values).toHaveLength(120);
      expect(notice.files?.[0]?.text.split('\n')[1]).toMatch(/^(fleet|team\/team-01),2026-10-02,64,/);
    }
    expect(fleet?.notice.charts?.map(({ title }) => title)).toEqual([
      'Memory promised, all hosts',
      'Disk promised, all hosts',
      'Thin pools’ data, all hosts',
      'Memory by team: promised and used',
    ]);
  });

  it('each day, when there is something to tell', async () => {
    made = await scheduleWorld('2026-10-31T20:00:00Z', { 'team-01': 'Europe/Berlin' });
    const row = await made.world.change('hostler.key.add', {
      name: 'laptop',
      key: (await import('../kit/settings.ts')).TEST_KEY,
    });
    made.world.db.prepare('update operation set ended_at = ? where id = ?').run(made.clock.at, row.id);
    await until('2026-11-03T12:00:00Z');
    const digests = posts('digest:team-01');
    expect(digests.map(({ key }) => key)).toEqual(['digest:team-01:2026-11-01']);
    expect(digests[0]?.notice.facts).toContainEqual({ name: 'Changes since yesterday', value: '1 done' });
  });
});

describe('reminders', () => {
  it('of an approval that nobody gives: once, at half of its time, with whom to ask', async () => {
    made = await scheduleWorld('2026-10-31T20:00:00Z');
    const rule = { when: { ...ALWAYS, kinds: ['hostler.key.add'] }, from: 'lead', count: 1, validMs: DAY } as const;
    Object.assign(made.world.settings, { approvals: [rule] });
    const { TEST_KEY } = await import('../kit/settings.ts');
    const asked = await made.world.ask('hostler.key.add', { name: 'laptop', key: TEST_KEY });
    if (asked.kind !== 'operation') throw new Error('no plan');
    const { id, digest } = asked.row;
    await made.world.service.press({ press: { do: 'accept', op: id, digest }, actor: made.world.actor('01-dev1') });
    const approval = made.world.rows.approvals.ofOperation(id);
    made.clock.at = (approval?.createdAt ?? 0) + HOUR;
    await until(new Date(made.clock.at + 9 * HOUR).toISOString());
    expect(posts('approval-reminder')).toEqual([]);
    await until(new Date(made.clock.at + 9 * HOUR).toISOString());
    const [reminder, ...more] = posts('approval-reminder');
    expect(more).toEqual([]);
    expect(reminder).toMatchObject({ to: 'C0TEAM01', notice: { buttons: [{ label: 'Approve' }, { label: 'Deny' }] } });
    expect(words(reminder?.notice ?? { tone: 'plain', title: '' })).toContain('U01LEAD');
  });

  it('of VMs in the trash: each once, before it is purged; and of recovery, each quarter', {
    timeout: 60_000,
  }, async () => {
    made = await scheduleWorld('2026-10-01T00:00:00Z');
    await made.world.change('image.add', { name: 'tiny' }, 'admin');
    for (const name of ['one', 'two', 'kept'])
      await made.world.change('vm.create', { name, image: 'tiny', flavor: 'small' });
    for (const name of ['one', 'two']) await made.world.change('vm.delete', { vm: name });
    const set = made.world.db.prepare('update vm set trashed_at = ? where name = ?');
    set.run(Date.parse('2026-10-01T12:00:00Z'), 'one');
    set.run(Date.parse('2026-10-02T12:00:00Z'), 'two');
    await until('2026-10-12T00:00:00Z');
    // A week in the trash: two days before.
    expect(
      posts('trash-reminder').map(({ key, notice }) => [key, JSON.stringify(notice.lines).match(/team-01\/\w+/g)]),
    ).toEqual([
      ['trash-reminder:team-01:2026-10-07', ['team-01/one']],
      ['trash-reminder:team-01:2026-10-08', ['team-01/two']],
    ]);
    const [dr, ...more] = posts('dr-reminder');
    expect(more).toEqual([]);
    expect(dr?.notice.title).toBe('Disaster recovery test of team team-01, quarter 4 of 2026');
    // Buttons only for what there is.
    const known = new Set(made.world.service.catalog.map(({ name }) => name));
    for (const { press } of dr?.notice.buttons ?? []) expect('name' in press && known.has(press.name)).toBe(true);
  });
});
