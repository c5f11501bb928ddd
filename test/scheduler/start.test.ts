import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSchedule } from '../../src/scheduler/start.ts';
import { poster, type ScheduleWorld, scheduleWorld } from './kit.ts';

let made: ScheduleWorld;
afterEach(() => made.world.close());

const EACH_SECOND = '* * * * * *';
const EACH_MINUTE = { every: 'minute' } as const;
const MINUTE = 60_000;

describe('the schedule', () => {
  it('stops only when what runs has ended, and tells it to', async () => {
    made = await scheduleWorld('2026-05-04T10:00:30Z');
    const told: string[] = [];
    const long = poster({
      name: 'long',
      when: EACH_MINUTE,
      per: 'platform',
      run: ({ signal }) =>
        new Promise((resolve) => {
          told.push('began');
          // As a call to a host does: it ends a little after it was told to.
          signal.addEventListener('abort', () =>
            setImmediate(() => {
              told.push('ended');
              resolve('');
            }),
          );
        }),
    });
    const schedule = startSchedule(made.deps(new AbortController().signal), [long], EACH_SECOND);
    made.clock.at += MINUTE;
    await vi.waitFor(() => expect(told).toEqual(['began']), { timeout: 10_000 });
    await schedule.stop();
    expect(told).toEqual(['began', 'ended']);
  });

  it('logs a job that failed, tries it again, and ticks on', async () => {
    made = await scheduleWorld('2026-05-04T08:59:30Z');
    let tries = 0;
    const bad = poster({
      name: 'bad',
      when: { every: 'day', at: '09:00' },
      per: 'platform',
      run: async () => {
        tries += 1;
        throw new Error(`try ${tries}`);
      },
    });
    const ticker = made.start([bad]);
    for (let minute = 0; minute < 60; minute += 1) {
      ticker.tick();
      await ticker.settled();
      made.clock.at += MINUTE;
    }
    expect(tries).toBe(3);
    expect(made.error).toHaveBeenCalledWith('a scheduled job failed', expect.objectContaining({ job: 'bad' }));
    expect(made.world.rows.schedule.last({ job: 'bad', place: '' }, 5)).toMatchObject([
      { period: '2026-05-04', state: 'failed', result: 'try 3', attempts: 3 },
    ]);
  });

  it('never runs a job beside itself, and makes up for what it missed meanwhile', async () => {
    made = await scheduleWorld('2026-05-04T10:00:30Z');
    const ends: (() => void)[] = [];
    const slow = poster({
      name: 'slow',
      when: EACH_MINUTE,
      per: 'platform',
      run: () => new Promise((resolve) => ends.push(() => resolve(''))),
    });
    const ticker = made.start([slow]);
    ticker.tick();
    for (let minute = 0; minute < 4; minute += 1) {
      made.clock.at += MINUTE;
      ticker.tick();
      await Promise.resolve();
    }
    expect(ends.length).toBe(1);
    ends[0]?.();
    await ticker.settled();
    ticker.tick();
    await vi.waitFor(() => expect(ends.length).toBe(2));
    const periods = made.world.rows.schedule.last({ job: 'slow', place: '' }, 5).map(({ period }) => period);
    expect(periods).toEqual(['2026-05-04T10:04Z', '2026-05-04T10:01Z']);
    ends[1]?.();
    await ticker.settled();
  });

  it('makes up once for days that it was down, and leaves out what says so', async () => {
    made = await scheduleWorld('2026-05-04T10:00:00Z', { berlin: 'Europe/Berlin' });
    const when = { every: 'day', at: '09:00' } as const;
    const jobs = [poster({ name: 'made-up', when }), poster({ name: 'left-out', when, missed: 'skip' })];
    made.start(jobs).tick();
    made.clock.at = Date.parse('2026-05-08T12:00:00Z');
    const ticker = made.start(jobs);
    ticker.tick();
    await ticker.settled();
    expect(made.posted()).toEqual(['made-up:berlin:2026-05-08']);
    expect(made.world.rows.schedule.last({ job: 'left-out', place: 'berlin' }, 5)).toMatchObject([
      { period: '2026-05-08', state: 'skipped', result: 'missed' },
    ]);
  });

  it('goes with a team that comes, moves to another zone, and leaves', async () => {
    made = await scheduleWorld('2026-05-04T10:00:00Z', { berlin: 'Europe/Berlin' });
    const ticker = made.start([poster({ name: 'daily', when: { every: 'day', at: '09:00' } })]);
    ticker.tick();
    const [team] = made.settings.teams;
    if (team === undefined) throw new Error('no team');
    made.settings = {
      ...made.settings,
      teams: [
        { ...team, timezone: 'Asia/Tokyo' },
        { ...team, name: 'new' },
      ],
    };
    ticker.tick();
    expect(made.world.rows.schedule.jobs()).toMatchObject([
      { place: 'berlin', zone: 'Asia/Tokyo', nextDueAt: Date.parse('2026-05-05T00:00:00Z') },
      { place: 'new', zone: 'Europe/Berlin', nextDueAt: Date.parse('2026-05-05T07:00:00Z') },
    ]);
    made.settings = { ...made.settings, teams: [{ ...team, name: 'new' }] };
    ticker.tick();
    expect(made.world.rows.schedule.jobs().map(({ place }) => place)).toEqual(['new']);
  });

  it('runs a job that an admin asked for, once, and a member may not', async () => {
    made = await scheduleWorld('2026-05-04T10:00:00Z');
    const ticker = made.start([poster({ name: 'daily', when: { every: 'day', at: '09:00' } })]);
    ticker.tick();
    const refused = await made.world.ask('hostler.schedule.run', { job: 'daily' });
    expect(refused).toMatchObject({ kind: 'refused', error: { code: 'forbidden' } });
    const unknown = await made.world.ask('hostler.schedule.run', { job: 'dayly' }, 'admin');
    expect(unknown).toMatchObject({ kind: 'refused', error: { hint: 'Did you mean daily?' } });
    const row = await made.world.change('hostler.schedule.run', { job: 'daily' }, 'admin');
    expect(row.state).toBe('succeeded');
    for (let n = 0; n < 3; n += 1) {
      ticker.tick();
      await ticker.settled();
    }
    expect(made.posted().filter((key) => key.startsWith('daily'))).toEqual([`daily:team-01:asked:${row.id}`]);
    const list = await made.world.ask('hostler.schedule', {}, 'admin');
    expect(list).toMatchObject({
      json: [{ name: 'daily', team: 'team-01', last: { state: 'done', askedBy: 'admin' } }],
      notice: { buttons: [{ label: 'Run now' }] },
    });
  });
});
