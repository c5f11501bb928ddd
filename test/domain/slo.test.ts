import { describe, expect, it } from 'vitest';
import { burnOf, burnRate } from '../../src/domain/slo/burn.ts';
import { monthAt, monthBefore, monthIn } from '../../src/domain/slo/month.ts';
import { judgeUptime, NO_TIME, ratioText, type UptimeSeen, uptimeStatus } from '../../src/domain/slo/uptime.ts';
import type { Vm } from '../../src/domain/vm.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a month', () => {
  it.each([
    ['2026-03', 'Europe/Berlin', 31 * 24 - 1],
    ['2026-10', 'Europe/Berlin', 31 * 24 + 1],
    ['2026-03', 'America/Los_Angeles', 31 * 24 - 1],
    ['2026-11', 'America/Los_Angeles', 30 * 24 + 1],
    ['2026-02', 'UTC', 28 * 24],
    ['2028-02', 'Asia/Kolkata', 29 * 24],
    ['2026-12', 'UTC', 31 * 24],
  ])('%s in %s has its own hours', (month, zone, hours) => {
    const { from, to } = monthIn(month, zone);
    expect((to - from) / HOUR).toBe(hours);
    expect(monthAt(from, zone).month).toBe(month);
    expect(monthAt(to - 1, zone).month).toBe(month);
    expect(monthAt(to, zone).month).not.toBe(month);
    expect(monthBefore(to, zone).month).toBe(month);
  });

  it('begins at the local midnight, and has a name', () => {
    expect(new Date(monthIn('2026-03', 'Europe/Berlin').from).toISOString()).toBe('2026-02-28T23:00:00.000Z');
    expect(new Date(monthIn('2026-03', 'Europe/Berlin').to).toISOString()).toBe('2026-03-31T22:00:00.000Z');
    expect(monthIn('2026-03', 'UTC').title).toBe('March 2026');
    expect(() => monthIn('2026-13', 'UTC')).toThrow(RangeError);
  });
});

describe('the status of a VM', () => {
  const seen = (state: 'running' | 'shut off' | 'paused' | 'missing', reason = ''): Vm['seen'] => ({
    state,
    reason,
    at: 0,
  });
  const vm: UptimeSeen = {
    life: 'live',
    wanted: 'running',
    seen: seen('running'),
    maintenance: false,
    busy: () => false,
  };
  it.each<[string, Partial<UptimeSeen>, ReturnType<typeof uptimeStatus>]>([
    ['runs', {}, 'up'],
    ['runs while work is announced', { maintenance: true }, 'up'],
    ['crashed', { seen: seen('shut off', 'crashed') }, 'down'],
    ['shut down from inside', { seen: seen('shut off', 'shutdown') }, 'down'],
    ['shut down by its team', { seen: seen('shut off', 'shutdown'), wanted: 'off' }, 'off'],
    ['suspended by its team', { seen: seen('paused', 'user'), wanted: 'suspended' }, 'off'],
    ['paused on an I/O error', { seen: seen('paused', 'I/O error') }, 'down'],
    ['paused for a snapshot', { seen: seen('paused', 'snapshot') }, 'planned'],
    ['vanished', { seen: seen('missing') }, 'down'],
    ['vanished, and nobody said what it was to be', { seen: seen('missing'), wanted: null }, 'down'],
    ['vanished, and was to be off', { seen: seen('missing'), wanted: 'off' }, 'off'],
    ['off while its host is worked on', { seen: seen('shut off', 'destroyed'), maintenance: true }, 'planned'],
    ['off while an operation restarts it', { seen: seen('shut off', 'shutdown'), busy: () => true }, 'planned'],
    ['its host is silent', { seen: null }, null],
    ['its host is silent, for it is worked on', { seen: null, maintenance: true }, 'planned'],
    ['its host is silent, while an operation is on its way', { seen: null, busy: () => true }, null],
    ['its host is silent, and it was to be off', { seen: null, wanted: 'off' }, 'off'],
    ['in the trash', { life: 'trashed', seen: null }, 'off'],
    ['is being made', { life: 'creating', seen: null, wanted: null }, 'off'],
    ['left by a stuck operation', { life: 'faulted', seen: seen('shut off', 'crashed') }, 'down'],
  ])('that %s', (_what, change, status) => {
    expect(uptimeStatus({ ...vm, ...change })).toBe(status);
  });
});

describe('a month judged', () => {
  const month = 30 * DAY;
  it('leaves 216 minutes of 30 days at 99.5 %', () => {
    const judged = judgeUptime({ ...NO_TIME, up: month - 16 * MINUTE, down: 16 * MINUTE }, 99.5);
    expect(judged.budgetMs / MINUTE).toBeCloseTo(216);
    expect(judged.leftMs / MINUTE).toBeCloseTo(200);
    expect(judged.leftAtLeastMs).toBe(judged.leftMs);
    expect(judged.verdict).toBe('kept');
    expect(judged.ratio).toBeCloseTo(1 - 16 / (30 * 24 * 60), 10);
  });

  it('counts neither planned work nor what its team wants off', () => {
    const half = judgeUptime({ ...NO_TIME, up: month / 2, planned: month / 4, off: month / 4 }, 99.5);
    expect([half.ratio, half.verdict]).toEqual([1, 'kept']);
    expect(half.budgetMs / MINUTE).toBeCloseTo(108);
  });

  it('is missed when down alone is too much, and not known when the unknown decides', () => {
    expect(judgeUptime({ ...NO_TIME, up: month - DAY, down: DAY }, 99.5).verdict).toBe('missed');
    const blind = judgeUptime({ ...NO_TIME, up: month - DAY, unknown: DAY }, 99.5);
    expect([blind.ratio, blind.verdict]).toEqual([1, 'not known']);
    expect(blind.leftMs / MINUTE).toBeCloseTo(216);
    expect(blind.leftAtLeastMs / MINUTE).toBeCloseTo(216 - 1440);
    expect(judgeUptime({ ...NO_TIME, up: month - HOUR, unknown: HOUR }, 99.5).verdict).toBe('kept');
  });

  it('counts what is to come of the month, and says when there is nothing to measure', () => {
    expect(judgeUptime({ ...NO_TIME, up: DAY, ahead: 29 * DAY }, 99.5).budgetMs / MINUTE).toBeCloseTo(216);
    expect(judgeUptime({ ...NO_TIME, off: month }, 99.5)).toMatchObject({ ratio: null, verdict: 'nothing to measure' });
    expect(judgeUptime(NO_TIME, 99.5)).toMatchObject({ ratio: null, leftMs: 0, verdict: 'nothing to measure' });
  });

  it('never reads better than it is', () => {
    expect([0.99499999, 0.995, 1, 0.99999999, 0, null].map(ratioText)).toEqual([
      '99.499 %',
      '99.5 %',
      '100 %',
      '99.999 %',
      '0 %',
      'not measured',
    ]);
  });
});

describe('the burn rate', () => {
  it('is 1 when the month’s budget lasts exactly as long as the month', () => {
    expect(burnRate({ vms: 1, downMs: 0.005 * HOUR }, HOUR, 99.5)).toBeCloseTo(1);
    expect(burnRate({ vms: 10, downMs: HOUR }, HOUR, 99.5)).toBeCloseTo(20);
    expect(burnRate({ vms: 0, downMs: 0 }, HOUR, 99.5)).toBeNull();
  });

  it('wants both windows: what is over counts no more, and what has just begun not yet', () => {
    const over = burnOf('fast', { vms: 1, downMs: 30 * MINUTE }, { vms: 1, downMs: 0 }, 99.5);
    expect(over).toBe(0);
    const begun = burnOf('fast', { vms: 1, downMs: MINUTE }, { vms: 1, downMs: MINUTE }, 99.5);
    expect(begun).toBeLessThan(14.4);
    expect(burnOf('fast', { vms: 1, downMs: 5 * MINUTE }, { vms: 1, downMs: 5 * MINUTE }, 99.5)).toBeGreaterThan(14.4);
    expect(burnOf('slow', { vms: 0, downMs: 0 }, { vms: 0, downMs: 0 }, 99.5)).toBeNull();
  });
});
