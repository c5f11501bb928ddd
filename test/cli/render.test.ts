import { describe, expect, it } from 'vitest';
import { renderNotice, screenOf } from '../../src/cli/render.ts';
import { clip, columns, plain } from '../../src/cli/text-width.ts';
import type { Notice } from '../../src/domain/notice.ts';

const PIPE = { width: null, colors: false, zone: 'UTC' };

describe('renderNotice', () => {
  it('shows every part of a notice, without its buttons', () => {
    const notice: Notice = {
      tone: 'good',
      title: 'Create team-01/web-01: done',
      lines: [['Asked by ', { person: 'anna', slack: 'U1' }, ' at ', { at: 0 }, ': ', { bold: 'why' }]],
      facts: [
        { name: 'Address', value: [{ code: '10.0.0.5' }] },
        { name: 'Host', value: 'kvm-1' },
      ],
      steps: [
        { title: 'Clone', state: 'done', host: 'kvm-1', ms: 1200 },
        { title: 'Start', state: 'failed', host: 'kvm-1', ms: 80, note: 'no KVM' },
        { title: 'Wait', state: 'waiting', host: 'kvm-1', ms: null },
      ],
      code: { label: 'kvm-1, exit 1', text: '$ virsh start\nerror: no' },
      buttons: [{ label: 'Show', press: { do: 'run', name: 'vm.show', input: {} } }],
      footer: 'op_1',
    };
    expect(renderNotice(notice, PIPE)).toBe(
      [
        'Create team-01/web-01: done',
        'Asked by anna at 1970-01-01 00:00: why',
        '',
        '  Address  10.0.0.5',
        '  Host     kvm-1',
        '',
        '  ✓ Clone (kvm-1, 1 s)',
        '  ✗ Start (kvm-1, 80 ms) no KVM',
        '  · Wait (kvm-1)',
        '',
        'kvm-1, exit 1:',
        '  $ virsh start',
        '  error: no',
        '',
        'op_1',
      ].join('\n'),
    );
  });

  const table: Notice = {
    tone: 'plain',
    title: 'VMs',
    table: {
      columns: ['Name', 'State'],
      rows: [
        ['team-01/web-01', 'running'],
        ['team-01/ü', 'shutoff'],
      ],
      empty: 'No VMs.',
    },
  };

  it('aligns tables, and says when there is nothing', () => {
    expect(renderNotice(table, PIPE).split('\n').slice(1)).toEqual([
      'Name            State',
      'team-01/web-01  running',
      'team-01/ü       shutoff',
    ]);
    expect(renderNotice({ ...table, table: { columns: ['A'], rows: [], empty: 'No VMs.' } }, PIPE)).toBe(
      'VMs\nNo VMs.',
    );
  });

  it('fits a table into a narrow terminal, and leaves a pipe its whole words', () => {
    const long = {
      ...table,
      table: { columns: ['Command', 'What'], rows: [['x'.repeat(60), 'y'.repeat(60)]], empty: '' },
    };
    for (const line of renderNotice(long, { ...PIPE, width: 50 }).split('\n'))
      expect(columns(line)).toBeLessThanOrEqual(50);
    expect(renderNotice(long, PIPE)).toContain('x'.repeat(60));
  });

  it('wraps words, and leaves a long one whole', () => {
    const notice: Notice = { tone: 'plain', title: 'T', lines: [`one two three ${'z'.repeat(50)}`] };
    expect(
      renderNotice(notice, { ...PIPE, width: 40 })
        .split('\n')
        .slice(1),
    ).toEqual(['one two three', 'z'.repeat(50)]);
  });

  it('lets nothing steer the terminal', () => {
    const evil = '\u001b[2J\u001b]0;x\u0007 \u202egnp.exe \r\b';
    const shown = renderNotice(
      { tone: 'bad', title: evil, lines: [evil], code: { label: evil, text: evil }, footer: evil },
      PIPE,
    );
    for (const char of ['\u001b', '\u0007', '\u202e', '\r', '\b']) expect(shown).not.toContain(char);
    expect(plain('a\tb\nc')).toBe('a\tb\nc');
  });
});

describe('screenOf', () => {
  it('has colours and a width only on a terminal, and heeds NO_COLOR', () => {
    expect(screenOf({ isTTY: true, columns: 100 }, {})).toMatchObject({ width: 100, colors: true });
    expect(screenOf({ isTTY: true, columns: 100 }, { NO_COLOR: '1' }).colors).toBe(false);
    expect(screenOf({ isTTY: true, columns: 10 }, { TERM: 'dumb' })).toMatchObject({ width: 40, colors: false });
    expect(screenOf({}, {})).toMatchObject({ width: null, colors: false });
  });
});

describe('clip', () => {
  it.each([
    ['abcdef', 4, 'abc…'],
    ['漢字漢字', 5, '漢字…'],
    ['abc', 3, 'abc'],
  ])('%s to %d', (text, width, shown) => {
    expect(clip(text, width)).toBe(shown);
    expect(columns(clip(text, width))).toBeLessThanOrEqual(width);
  });
});
