import { describe, expect, it } from 'vitest';
import { type Recurrence, slotAfter, slotBefore } from '../../src/domain/recurrence.ts';

const after = (rule: Recurrence, zone: string, at: string) => {
  const { period, dueAt } = slotAfter(rule, zone, Date.parse(at));
  return `${period} ${new Date(dueAt).toISOString()}`;
};

describe('the next time', () => {
  it.each<[Recurrence, string, string, string]>([
    [{ every: 'minute' }, 'UTC', '2026-05-04T10:00:00.000Z', '2026-05-04T10:01Z 2026-05-04T10:01:00.000Z'],
    [{ every: 'hour', minute: 7 }, 'UTC', '2026-05-04T10:07:00.000Z', '2026-05-04T11:07Z 2026-05-04T11:07:00.000Z'],
    [{ every: 'hour', minute: 7 }, 'UTC', '2026-05-04T10:06:59.999Z', '2026-05-04T10:07Z 2026-05-04T10:07:00.000Z'],
    // Already tomorrow in Kiritimati, still yesterday in Honolulu.
    [
      { every: 'day', at: '09:00' },
      'Pacific/Kiritimati',
      '2026-05-04T12:00:00Z',
      '2026-05-05 2026-05-04T19:00:00.000Z',
    ],
    [{ every: 'day', at: '09:00' }, 'Pacific/Honolulu', '2026-05-04T09:00:00Z', '2026-05-04 2026-05-04T19:00:00.000Z'],
    // Skipped: 02:30 is 03:30 in summer time.
    [{ every: 'day', at: '02:30' }, 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29 2026-03-29T01:30:00.000Z'],
    // Twice: the first.
    [{ every: 'day', at: '02:30' }, 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25 2026-10-25T00:30:00.000Z'],
    [{ every: 'day', at: '02:30' }, 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26 2026-10-26T01:30:00.000Z'],
    // Half an hour of summer time.
    [
      { every: 'day', at: '02:15' },
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00Z',
      '2026-10-04 2026-10-03T15:45:00.000Z',
    ],
    // Samoa had no 30 December 2011: its time is that of the 31st, which `slotBefore` then takes for both.
    [{ every: 'day', at: '09:00' }, 'Pacific/Apia', '2011-12-30T12:00:00Z', '2011-12-30 2011-12-30T19:00:00.000Z'],
    [{ every: 'week', weekday: 1, at: '08:00' }, 'UTC', '2026-05-04T08:00:00Z', '2026-05-11 2026-05-11T08:00:00.000Z'],
    [{ every: 'month', day: 31, at: '08:00' }, 'UTC', '2028-01-31T08:00:00Z', '2028-02 2028-02-29T08:00:00.000Z'],
    [{ every: 'month', day: 1, at: '08:00' }, 'UTC', '2026-12-15T00:00:00Z', '2027-01 2027-01-01T08:00:00.000Z'],
    [{ every: 'quarter', day: 1, at: '08:00' }, 'UTC', '2026-10-01T08:00:00Z', '2027-Q1 2027-01-01T08:00:00.000Z'],
  ])('of %j in %s after %s', (rule, zone, at, next) => {
    expect(after(rule, zone, at)).toBe(next);
  });

  it('is the last one once it has come', () => {
    for (const rule of [
      { every: 'minute' },
      { every: 'day', at: '02:30' },
      { every: 'quarter', day: 3, at: '23:59' },
    ] as const) {
      const next = slotAfter(rule, 'America/Los_Angeles', Date.parse('2026-03-07T12:00:00Z'));
      expect(slotBefore(rule, 'America/Los_Angeles', next.dueAt)).toEqual(next);
      expect(slotBefore(rule, 'America/Los_Angeles', next.dueAt - 1).dueAt).toBeLessThan(next.dueAt);
    }
  });
});
