import { describe, expect, it } from 'vitest';
import { drillSubnet, missed, objectiveCheck, pickBy } from '../../src/domain/drill.ts';
import { overdue, quarterAt } from '../../src/domain/drill-due.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);

describe('objectives', () => {
  it('are met up to the last millisecond', () => {
    const objectives = { rpoMs: HOUR, rtoMs: HOUR };
    expect(missed({ rpoMs: HOUR, rtoMs: HOUR, objectives })).toEqual([]);
    expect(missed({ rpoMs: HOUR + 60_000, rtoMs: 3 * HOUR, objectives })).toEqual([
      'RPO 1 h 1 min, and at most 1 h are accepted',
      'RTO 3 h, and at most 1 h are accepted',
    ]);
    expect(missed({ rpoMs: HOUR, rtoMs: null, objectives })).toEqual([]);
    expect(objectiveCheck('RTO', null, HOUR)).toEqual({ name: 'RTO', result: 'not reached', found: 'at most 1 h' });
    expect(objectiveCheck('RPO', HOUR + 1, HOUR).result).toBe('failed');
  });
});

describe('a drill’s network', () => {
  it('lies in the range that is set aside for tests, whatever the id', () => {
    const nets = Array.from({ length: 2000 }, (_, n) => drillSubnet(`drill_01J${n}`));
    expect(nets.filter((net) => !/^198\.1[89]\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/.test(net))).toEqual([]);
    expect(new Set(nets).size).toBeGreaterThan(450);
  });
});

describe('a random choice', () => {
  it('stands until the salt is another, and leaves nobody out', () => {
    const all = ['a', 'b', 'c', 'd'];
    const pick = (salt: string) => pickBy(all, (one) => one, salt);
    expect(pick('x')).toBe(pick('x'));
    expect(new Set(Array.from({ length: 60 }, (_, n) => pick(`salt ${n}`)))).toEqual(new Set(all));
    expect(pickBy([], () => '', 'x')).toBeUndefined();
  });
});

describe('what a team owes', () => {
  const zone = 'Europe/Berlin';
  const none = { zone, asked: [], passed: [], postponed: null };
  const asked = [at('2026-01-05T09:00:00Z')];
  const put = (until: string, when: string) => ({
    team: 't',
    until: at(until),
    at: at(when),
    reason: 'moving',
    person: 'ann',
  });

  it('has quarters by its own calendar', () => {
    expect(quarterAt(at('2026-03-31T21:59:59Z'), zone)).toMatchObject({ name: '2026-Q1', title: 'quarter 1 of 2026' });
    expect(quarterAt(at('2026-03-31T22:00:00Z'), zone)).toMatchObject({ name: '2026-Q2' });
    expect(quarterAt(at('2026-11-27T12:00:00Z'), zone)).toMatchObject({
      from: at('2026-09-30T22:00:00Z'),
      to: at('2026-12-31T23:00:00Z'),
    });
  });

  it('is nothing where nobody asked, and nothing before the quarter is over', () => {
    expect(overdue(at('2027-01-01T00:00:00Z'), none)).toBeNull();
    expect(overdue(at('2026-03-31T21:59:59Z'), { ...none, asked })).toBeNull();
  });

  it('is one drill from then on, week by week', () => {
    expect(overdue(at('2026-03-31T22:00:00Z'), { ...none, asked })).toMatchObject({
      quarter: { name: '2026-Q1' },
      since: at('2026-03-31T22:00:00Z'),
      weeks: 0,
    });
    expect(overdue(at('2026-04-14T22:00:00Z'), { ...none, asked })?.weeks).toBe(2);
    // It was asked again meanwhile: what it owed it owes still.
    const again = [at('2026-04-05T09:00:00Z'), ...asked];
    expect(overdue(at('2026-04-14T22:00:00Z'), { ...none, asked: again })?.quarter.name).toBe('2026-Q1');
  });

  it('is settled by one that passed since the quarter began', () => {
    const passed = [at('2026-01-02T00:00:00Z')];
    expect(overdue(at('2026-05-01T00:00:00Z'), { ...none, asked, passed })).toBeNull();
    const before = [at('2025-12-30T00:00:00Z')];
    expect(overdue(at('2026-05-01T00:00:00Z'), { ...none, asked, passed: before })).not.toBeNull();
  });

  it('is put off, and owed from that day on, were it before the end of the quarter', () => {
    const later = put('2026-05-01T00:00:00Z', '2026-02-01T00:00:00Z');
    expect(overdue(at('2026-04-20T00:00:00Z'), { ...none, asked, postponed: later })).toBeNull();
    expect(overdue(at('2026-05-01T00:00:00Z'), { ...none, asked, postponed: later })?.since).toBe(later.until);
    const sooner = put('2026-02-20T00:00:00Z', '2026-02-01T00:00:00Z');
    expect(overdue(at('2026-02-20T00:00:00Z'), { ...none, asked, postponed: sooner })?.since).toBe(sooner.until);
    // An old one says nothing of a new quarter.
    const old = put('2026-02-20T00:00:00Z', '2025-12-01T00:00:00Z');
    expect(overdue(at('2026-02-21T00:00:00Z'), { ...none, asked, postponed: old })).toBeNull();
  });
});
