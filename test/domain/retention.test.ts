import { describe, expect, it } from 'vitest';
import { BotError } from '../../src/domain/error.ts';
import { formatRetention, parseRetention, prunable, snapshotDue } from '../../src/domain/retention.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const one = (text: string, isProtected = false) => ({ takenAt: at(text), protected: isProtected, text });
const left = (list: ReturnType<typeof one>[], keep: string, zone = 'UTC') => {
  const gone = prunable(list, parseRetention(keep), zone);
  return list.filter((each) => !gone.includes(each)).map(({ text }) => text);
};

describe('retention', () => {
  it('is read as people write it, and written the same way', () => {
    expect(parseRetention('3 daily, 2 weekly')).toEqual({ hourly: 0, daily: 3, weekly: 2 });
    expect(parseRetention('keep 24 Hourly and 7 daily')).toEqual({ hourly: 24, daily: 7, weekly: 0 });
    expect(formatRetention(parseRetention('2 weekly,3 daily'))).toBe('3 daily, 2 weekly');
  });

  it.each(['', 'daily', '3', '3 yearly', '0 daily', '101 daily', '3 daily, 4 daily', '-1 daily', '3 daily; 2 weekly'])(
    'refuses %j with an example',
    (text) => {
      expect(() => parseRetention(text)).toThrow(BotError);
    },
  );

  it('keeps the newest of each day and of each week', () => {
    const days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map((day) =>
      one(`2026-11-${String(day).padStart(2, '0')}T03:00:00Z`),
    );
    // The 16th is a Monday: its week, and the one whose last day is the 15th.
    expect(left(days, '3 daily, 2 weekly')).toEqual([
      '2026-11-14T03:00:00Z',
      '2026-11-15T03:00:00Z',
      '2026-11-16T03:00:00Z',
    ]);
    expect(left(days, '1 daily, 3 weekly')).toEqual([
      '2026-11-08T03:00:00Z',
      '2026-11-15T03:00:00Z',
      '2026-11-16T03:00:00Z',
    ]);
  });

  it('counts days that have one, so that a bot that was off for a week prunes nothing for it', () => {
    const list = [one('2026-11-01T03:00:00Z'), one('2026-11-02T03:00:00Z'), one('2026-11-20T03:00:00Z')];
    expect(left(list, '3 daily')).toHaveLength(3);
  });

  it('never prunes a protected one, nor the last', () => {
    const list = [one('2026-11-01T03:00:00Z', true), one('2026-11-02T03:00:00Z'), one('2026-11-03T03:00:00Z')];
    expect(left(list, '1 daily')).toEqual(['2026-11-01T03:00:00Z', '2026-11-03T03:00:00Z']);
    expect(prunable([one('2026-11-01T03:00:00Z')], { hourly: 0, daily: 0, weekly: 0 }, 'UTC')).toEqual([]);
  });

  it('takes days from the team’s zone', () => {
    // 23:30 and 00:30 in Berlin: two days there, one in UTC.
    const list = [one('2026-11-01T22:30:00Z'), one('2026-11-01T23:30:00Z')];
    expect(left(list, '2 daily', 'Europe/Berlin')).toHaveLength(2);
    expect(left(list, '2 daily', 'UTC')).toHaveLength(1);
  });

  it('is due once in each of its shortest periods, through the hour that a clock repeats', () => {
    const daily = parseRetention('3 daily, 2 weekly');
    const now = at('2026-11-26T10:00:00Z');
    expect(snapshotDue([], daily, now, 'UTC')).toBe(true);
    expect(snapshotDue([at('2026-11-26T00:01:00Z')], daily, now, 'UTC')).toBe(false);
    expect(snapshotDue([at('2026-11-25T23:59:00Z')], daily, now, 'UTC')).toBe(true);
    const hourly = parseRetention('24 hourly');
    // 2:30 comes twice in Berlin on 25 October 2026.
    const first = at('2026-10-25T00:30:00Z');
    expect(snapshotDue([first], hourly, first + HOUR, 'Europe/Berlin')).toBe(true);
    expect(snapshotDue([first], hourly, first + 60_000, 'Europe/Berlin')).toBe(false);
  });
});
