import { describe, expect, test } from 'vitest';
import {
  checkMessageBlocks,
  checkView,
  MESSAGE_BLOCKS_CHARS,
  textLength,
} from '../../../demo/slack/blocks/check-blocks.ts';
import type { Button, Notice, StepLine } from '../../../src/domain/notice.ts';
import { draw } from '../../../src/infra/slack/blocks.ts';

const step = (title: string, state: StepLine['state'], ms: number | null = null): StepLine => ({
  title,
  state,
  host: 'kvm-1',
  ms,
});
const accept: Button = { label: 'Create', press: { do: 'accept', op: 'op_1', digest: 'd' }, style: 'primary' };

const card: Notice = {
  tone: 'busy',
  title: 'Create team-01/web-01: running',
  lines: [['Asked by ', { person: '01-dev1', slack: 'U1' }, ': <!channel> & co']],
  facts: [{ name: 'Host', value: 'kvm-1' }],
  steps: [step('Clone image', 'done', 1234), step('Start', 'running', 65_000), step('Wait', 'waiting')],
  code: { label: 'Commands', text: 'lvcreate -s `x` <y>\n```' },
  buttons: [accept],
  footer: ['op_1 · ', { at: Date.UTC(2026, 10, 24, 3, 35) }],
};

/** Everything that Slack would hold against it. */
function problems(notice: Notice): string[] {
  const { blocks, text } = draw(notice);
  const found = checkMessageBlocks(blocks);
  if (textLength(blocks) > MESSAGE_BLOCKS_CHARS) found.push(`${textLength(blocks)} characters`);
  if (text.length > 4000 || text.length === 0) found.push(`fallback of ${text.length} characters`);
  for (const surface of ['modal', 'home'] as const) {
    const view = {
      type: surface,
      blocks: draw(notice, { surface }).blocks,
      ...(surface === 'modal' ? { title: { type: 'plain_text', text: 'x' } } : {}),
    };
    found.push(...checkView(view, surface));
  }
  return found;
}

test('a card: header, lines, facts, steps with marks, code, buttons, small print', () => {
  const { blocks, text, file } = draw(card);
  expect(blocks.map((block) => block.type)).toEqual([
    ...['header', 'section', 'section', 'section', 'section', 'rich_text', 'actions', 'context'],
  ]);
  const seen = JSON.stringify(blocks);
  expect(seen).toContain('✓  Clone image  ·  kvm-1 · 1.2 s');
  expect(seen).toContain('…  *Start*  ·  kvm-1 · 1 min 5 s');
  expect(seen).toContain('○  Wait');
  expect(seen).toContain('<@U1>');
  expect(seen).toContain('<!date^1795491300^{date_short_pretty} {time}|2026-11-24 03:35 UTC>');
  expect(text).toContain('<@U1>');
  expect(file).toBeNull();
  expect(problems(card)).toEqual([]);
});

test('nothing that people write becomes a mention, a link or a broadcast', () => {
  const { blocks, text } = draw(card);
  expect(JSON.stringify(blocks)).toContain('&lt;!channel&gt; &amp; co');
  expect(JSON.stringify(blocks)).not.toContain('<!channel>');
  expect(text).not.toContain('<!channel>');
  const code = draw({ tone: 'plain', title: '', lines: [[{ code: 'a`b\nc' }, { bold: '*x*' }]] });
  expect(JSON.stringify(code.blocks)).toContain('`aˋb c`');
});

test('a mark stands next to the words that it marks, for Slack shows it else', () => {
  const { blocks } = draw({ tone: 'plain', title: '', lines: [[{ bold: 'To do: ' }, 'nothing $&', { code: ' x ' }]] });
  expect(JSON.stringify(blocks)).toContain('*To do:* nothing $&amp; `x`');
});

test('a short word stands without a header; a reply without a title begins with its mark', () => {
  const plain = draw({ tone: 'bad', title: 'That did not work', lines: ['Type `/vm help`.'] });
  expect(plain.blocks).toEqual([
    { type: 'section', text: { type: 'mrkdwn', text: '❌ *That did not work*\nType `/vm help`.' } },
  ]);
  const reply = draw({ tone: 'good', title: '', lines: [[{ person: 'a', slack: 'U1' }, ' done']] });
  expect(reply.blocks).toEqual([{ type: 'section', text: { type: 'mrkdwn', text: '✅ <@U1> done' } }]);
  expect(reply.text).toBe('✅ <@U1> done');
});

test('a press returns as it went', () => {
  const { blocks } = draw(card);
  const actions = blocks.find((block) => block.type === 'actions');
  expect(JSON.parse(String(Object(actions).elements[0].value))).toEqual(accept.press);
});

test('an input too long for a button loses its longest field, and is asked for instead of run', () => {
  const input = { name: 'web-01', reason: 'x'.repeat(3000) };
  const { blocks } = draw({
    tone: 'plain',
    title: 't',
    buttons: [{ label: 'Run', press: { do: 'run', name: 'vm.create', input } }],
  });
  const value = String(Object(blocks.find((block) => block.type === 'actions')).elements[0].value);
  expect(JSON.parse(value)).toEqual({ do: 'open', name: 'vm.create', input: { name: 'web-01' } });
});

describe('tables', () => {
  const rows = (count: number, text = 'x') => Array.from({ length: count }, (_, at) => [`vm-${at}`, text, '']);
  const table = (count: number, text?: string): Notice => ({
    tone: 'plain',
    title: 'VMs',
    table: { columns: ['Name', 'State', 'Host'], rows: rows(count, text), empty: 'No VMs.' },
  });
  test('small ones are Slack tables', () => {
    const { blocks } = draw(table(3));
    expect(blocks[1]).toMatchObject({ type: 'table', rows: { length: 4 } });
    expect(problems(table(3))).toEqual([]);
  });
  test('an empty one says so', () => {
    expect(JSON.stringify(draw(table(0)).blocks)).toContain('No VMs.');
  });
  test.each([
    ['many rows', table(500)],
    ['long cells', table(60, 'y'.repeat(2000))],
  ])('%s: what fits, and how many more', (_, notice) => {
    const { blocks } = draw(notice);
    const drawn = Object(blocks[1]);
    const shown = drawn.rows.length - 1;
    expect(shown).toBeGreaterThan(10);
    expect(JSON.stringify(blocks)).toContain(`… ${(notice.table?.rows.length ?? 0) - shown} more rows`);
    expect(problems(notice)).toEqual([]);
  });
  test('on a Home tab and in modals they are monospaced', () => {
    const { blocks } = draw(table(2), { surface: 'home' });
    expect(JSON.stringify(blocks)).toContain('Name  State  Host\\nvm-0  x      –');
  });
  test('twenty-one columns are text', () => {
    const columns = Array.from({ length: 21 }, (_, at) => `c${at}`);
    const wide: Notice = { tone: 'plain', title: 'Wide', table: { columns, rows: [columns], empty: '' } };
    expect(draw(wide).blocks.map((block) => block.type)).toEqual(['header', 'rich_text']);
    expect(problems(wide)).toEqual([]);
  });
});

test('long output is shortened, and whole in a file', () => {
  const text = Array.from({ length: 2000 }, (_, at) => `line ${at} <&>`).join('\n');
  const drawn = draw({ ...card, code: { label: 'Commands', text } }, { file: true });
  expect(drawn.file?.text).toBe(text);
  expect(JSON.stringify(drawn.blocks)).toMatch(/… \d+ more lines/);
  expect(problems({ ...card, code: { label: 'Commands', text } })).toEqual([]);
});

test('of very many steps those around the present one are shown', () => {
  const steps = Array.from({ length: 200 }, (_, at) =>
    step(`Step number ${at}`, at < 100 ? 'done' : at === 100 ? 'running' : 'waiting'),
  );
  const seen = JSON.stringify(draw({ ...card, steps }).blocks);
  expect(seen).toContain('*Step number 100*');
  expect(seen).toMatch(/✓ {2}… \d+ before/);
  expect(seen).toMatch(/○ {2}… \d+ after/);
});

test('whatever is in a notice, Slack takes it', () => {
  const long = ['', 'x', '&<>"`*', '𝒳'.repeat(4000), '<@U1> & '.repeat(3000), 'a\n'.repeat(5000), '`'.repeat(999)];
  const notices = long.flatMap((text): Notice[] => [
    { tone: 'warn', title: text },
    { tone: 'plain', title: '', lines: [text, [{ bold: text }, { code: text }, { person: text, slack: null }]] },
    {
      tone: 'bad',
      title: text,
      lines: Array.from({ length: 60 }, () => text),
      facts: Array.from({ length: 70 }, () => ({ name: text, value: text })),
      steps: Array.from({ length: 60 }, () => ({ ...step(text, 'failed', 5), note: text })),
      table: { columns: [text, 'b'], rows: Array.from({ length: 150 }, () => [text, text]), empty: text },
      code: { label: text, text },
      buttons: Array.from({ length: 40 }, () => ({
        label: text,
        press: { do: 'open' as const, name: 'vm.create', input: { a: text, b: text } },
        style: 'danger' as const,
        confirm: { title: text || 'T', text: text || 'T', yes: text || 'Y' },
      })),
      footer: text,
    },
  ]);
  for (const notice of notices) expect(problems(notice)).toEqual([]);
});
