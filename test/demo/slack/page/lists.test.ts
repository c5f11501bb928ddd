import { describe, expect, it } from 'vitest';
import { sortRows } from '../../../../demo/slack/page/blocks/sort-rows.ts';
import { listRows } from '../../../../demo/slack/page/chat/list-rows.ts';
import { filterTraffic, isLate } from '../../../../demo/slack/page/inspector/traffic-filter.ts';
import { narrowed } from '../../../../demo/slack/page/widgets/options.ts';
import type { TrafficEntity } from '../../../../demo/slack/ui/protocol.ts';

describe('the list of messages', () => {
  const start = Date.UTC(2026, 10, 26, 23, 50) / 1000;
  const ts = (seconds: number): string => `${start + seconds}.000100`;
  const by = new Map([
    [ts(0), 'U1'],
    [ts(60), 'U1'],
    [ts(120), 'U2'],
    [ts(500), 'U2'],
    [ts(1200), 'U2'],
  ]);
  const look = (one: string) => {
    const user = by.get(one);
    return user === undefined ? undefined : { user, ephemeral: false };
  };
  const shape = (newAfter?: string, own = 'U9'): string[] =>
    listRows([...by.keys()], look, { tz: 'UTC', newAfter, own }).map((row) =>
      row.kind === 'message' ? (row.joined ? 'joined' : 'message') : row.kind,
    );

  it('joins what one wrote within five minutes, and divides days', () => {
    expect(shape()).toEqual(['day', 'message', 'joined', 'message', 'message', 'day', 'message']);
  });

  it('marks where the new ones of others begin', () => {
    expect(shape(ts(0))).toEqual(['day', 'message', 'new', 'message', 'message', 'message', 'day', 'message']);
    expect(shape(ts(60), 'U2').includes('new')).toBe(false);
  });

  it('divides days where the reader is', () => {
    const rows = listRows([...by.keys()], look, { tz: 'Asia/Tokyo', newAfter: undefined, own: '' });
    expect(rows.filter(({ kind }) => kind === 'day')).toHaveLength(1);
  });

  it('leaves out what is not there', () => {
    expect(listRows(['1.0'], () => undefined, { tz: 'UTC', newAfter: undefined, own: '' })).toEqual([]);
  });
});

describe('rows of a table', () => {
  const rows = ['10', '9', '', '80 %', '1,000'];
  const order = (down: boolean) => sortRows(rows, { column: 0, down }, (row) => row);

  it('stand by size where they are numbers, empty ones last', () => {
    expect(order(false)).toEqual(['9', '10', '80 %', '1,000', '']);
    expect(order(true)).toEqual(['1,000', '80 %', '10', '9', '']);
  });

  it('stand by letters and the numbers in them', () => {
    expect(sortRows(['web-10', 'db-1', 'web-9'], { column: 0, down: false }, (row) => row)).toEqual([
      'db-1',
      'web-9',
      'web-10',
    ]);
  });

  it('stay as they came where nobody asked', () => {
    expect(sortRows(rows, undefined, (row) => row)).toEqual(rows);
  });
});

describe('choices of a select', () => {
  const choice = (value: string, description = '') => ({ value, label: value, description });
  const groups = [
    { label: 'A', choices: [choice('debian-12', 'stable'), choice('debian-13')] },
    { label: 'B', choices: [choice('ubuntu')] },
  ];

  it('are those that hold every word', () => {
    expect(narrowed(groups, 'deb 13')).toEqual([{ label: 'A', choices: [choice('debian-13')] }]);
    expect(narrowed(groups, 'STABLE')[0]?.choices).toHaveLength(1);
    expect(narrowed(groups, ' ')).toEqual(groups);
    expect(narrowed(groups, 'nothing')).toEqual([]);
  });
});

describe('what goes over the wire', () => {
  const entry = (more: Partial<TrafficEntity>): TrafficEntity => ({
    n: 1,
    at: 0,
    from: 'app',
    kind: 'api',
    name: 'chat.postMessage',
    ...more,
  });
  const all = [
    entry({ status: 200, answer: { ok: true }, sent: { channel: 'C01' } }),
    entry({ status: 429, answer: { ok: false, error: 'ratelimited' } }),
    entry({ status: 200, answer: { ok: false, error: 'invalid_blocks' } }),
    entry({ kind: 'envelope', name: 'events_api', from: 'server' }),
    entry({ kind: 'envelope', name: 'interactive', from: 'server' }),
    entry({ kind: 'ack', name: 'interactive', ms: 3100 }),
    entry({ kind: 'ack', name: 'interactive', ms: 20 }),
  ];

  it.each([
    ['all', 7],
    ['api', 3],
    ['events', 1],
    ['interactive', 1],
    ['acks', 2],
    ['errors', 3],
  ] as const)('%s: %i', (kind, count) => {
    expect(filterTraffic(all, kind, '')).toHaveLength(count);
  });

  it('is found by name and content', () => {
    expect(filterTraffic(all, 'all', 'c01')).toHaveLength(1);
    expect(filterTraffic(all, 'all', 'invalid_blocks')).toHaveLength(1);
  });

  it('is late after Slack’s three seconds', () => {
    expect(all.filter(isLate)).toHaveLength(1);
  });
});
