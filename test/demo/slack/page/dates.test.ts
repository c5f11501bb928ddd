import { describe, expect, it } from 'vitest';
import { fromLocal, toLocal } from '../../../../demo/slack/page/form/zoned.ts';
import { ago, clockTime, dayKey, dayTitle, formatDateToken } from '../../../../demo/slack/page/text/date-token.ts';

/** 2026-11-26 23:30 in UTC: the next day in Tokyo, the same in New York. */
const at = Date.UTC(2026, 10, 26, 23, 30, 5);
const seconds = at / 1000;
const utc = { tz: 'UTC', now: at };
/** Newer tables put a narrow space before AM and PM. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('date tokens', () => {
  it.each([
    ['{date_num}', '2026-11-26'],
    ['{date_slash}', '11/26/2026'],
    ['{date}', 'November 26th, 2026'],
    ['{date_short}', 'Nov 26, 2026'],
    ['{date_long}', 'Thursday, November 26th, 2026'],
    ['{date_short_pretty} at {time}', 'today at 11:30 PM'],
    ['{time_secs}', '11:30:05 PM'],
    ['{day_divider_pretty}', 'Today'],
    ['{no_such} token', '{no_such} token'],
  ])('%s', (pattern, expected) => {
    expect(plain(formatDateToken(seconds, pattern, utc))).toBe(expected);
  });

  it('are told in the zone of the reader', () => {
    expect(plain(formatDateToken(seconds, '{date_num} {time}', { tz: 'Asia/Tokyo', now: at }))).toBe(
      '2026-11-27 8:30 AM',
    );
    expect(plain(formatDateToken(seconds, '{date_num} {time}', { tz: 'America/New_York', now: at }))).toBe(
      '2026-11-26 6:30 PM',
    );
  });

  it.each([
    [-1, 'yesterday'],
    [0, 'today'],
    [1, 'tomorrow'],
    [3, 'Nov 29, 2026'],
  ])('%i days from now', (days, expected) => {
    expect(formatDateToken(seconds + days * 86_400, '{date_short_pretty}', utc)).toBe(expected);
  });

  it('are read as UTC where the zone is unknown here', () => {
    expect(plain(clockTime(at, 'Mars/Olympus'))).toBe('11:30 PM');
  });
});

describe('days', () => {
  it('begin and end where the reader is', () => {
    expect(dayKey(at, 'UTC')).toBe('2026-11-26');
    expect(dayKey(at, 'Asia/Tokyo')).toBe('2026-11-27');
  });

  it('have a title, with the year where it is another', () => {
    expect(dayTitle(Date.UTC(2026, 10, 2), utc)).toBe('Monday, November 2nd');
    expect(dayTitle(Date.UTC(2025, 10, 11), utc)).toBe('Tuesday, November 11th, 2025');
    expect(dayTitle(Date.UTC(2026, 10, 25), utc)).toBe('Yesterday');
  });
});

describe('how long ago', () => {
  it.each([
    [-3, 'just now'],
    [-45, '45 seconds ago'],
    [-120, '2 minutes ago'],
    [-7300, '2 hours ago'],
    [-86_400, 'yesterday'],
    [3600, 'in 1 hour'],
  ])('%i s', (shift, expected) => {
    expect(ago(at + shift * 1000, at)).toBe(expected);
  });
});

describe('a moment on the clock of a zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])('%s, there and back', (tz) => {
    expect(fromLocal(toLocal(seconds - 5, tz), tz)).toBe(seconds - 5);
  });

  it('holds over a change of the clocks', () => {
    expect(fromLocal('2026-03-29T12:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 10) / 1000);
    expect(fromLocal('2026-03-28T12:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 28, 11) / 1000);
  });
});
