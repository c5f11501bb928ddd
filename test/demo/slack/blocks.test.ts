/** What Slack would hold against the newer blocks, by JSON pointer. */
import { expect, test } from 'vitest';
import { checkMessageBlocks, checkView } from '../../../demo/slack/blocks/check-blocks.ts';

const raw = (text: string) => ({ type: 'raw_text', text });
const rich = (...elements: object[]) => ({ type: 'rich_text', elements });
const section = (...elements: object[]) => ({ type: 'rich_text_section', elements });
const row = (cells: number, text = 'x') => Array.from({ length: cells }, () => raw(text));
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

test.each<[string, object]>([
  [
    'a table',
    { type: 'table', rows: [row(20), row(20)], column_settings: [{ align: 'right', is_wrapped: true }, null] },
  ],
  [
    'numbers and rich text in cells',
    { type: 'table', rows: [[{ type: 'raw_number', value: 1.5, text: '1.5' }, rich(section())]] },
  ],
  [
    'a data table',
    { type: 'data_table', caption: 'VMs', rows: [row(3), row(3)], page_size: 100, row_header_column_index: 2 },
  ],
  [
    'a chart',
    { type: 'data_visualization', title: 'CPU', chart: { type: 'line', categories: ['a'], series: [{ name: 's' }] } },
  ],
  [
    'rich text of all kinds',
    rich(
      section(
        { type: 'text', text: 'a', style: { bold: true } },
        { type: 'link', url: 'https://example.com', text: 'b' },
        { type: 'emoji', name: 'eyes' },
        { type: 'user', user_id: 'U1' },
        { type: 'channel', channel_id: 'C1' },
        { type: 'usergroup', usergroup_id: 'S1' },
        { type: 'broadcast', range: 'here' },
        { type: 'color', value: '#fff000' },
        { type: 'date', timestamp: 1_700_000_000, format: '{date_short}', fallback: 'then' },
      ),
      { type: 'rich_text_list', style: 'ordered', indent: 1, elements: [section({ type: 'text', text: 'c' })] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'd' }], border: 1 },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'e' }] },
    ),
  ],
  ['markdown', { type: 'markdown', text: 'x'.repeat(12_000) }],
  ['an image', { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a' }],
])('fine: %s', (_, block) => {
  expect(checkMessageBlocks([block])).toEqual([]);
});

test.each<[string, object, string]>([
  ['21 columns', { type: 'table', rows: [row(21)] }, 'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]'],
  [
    '101 rows',
    { type: 'table', rows: times(101, row(1)) },
    'no more than 100 items allowed [json-pointer:/blocks/0/rows]',
  ],
  [
    'an empty cell',
    { type: 'table', rows: [[raw('')]] },
    'must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]',
  ],
  [
    'a table of 10,001 characters',
    { type: 'table', rows: [row(5, 'x'.repeat(2000)), row(1)] },
    'must have less than 10001 characters in all cells [json-pointer:/blocks/0/rows]',
  ],
  [
    'an alignment that there isn’t',
    { type: 'table', rows: [row(1)], column_settings: [{ align: 'middle' }] },
    'must be a valid enum value: left, center, right [json-pointer:/blocks/0/column_settings/0/align]',
  ],
  [
    'a data table without rows',
    { type: 'data_table', caption: 'VMs', rows: [row(1)] },
    'must be at least 2 items [json-pointer:/blocks/0/rows]',
  ],
  [
    'a data table without a caption',
    { type: 'data_table', rows: [row(1), row(1)] },
    'missing required field: caption [json-pointer:/blocks/0]',
  ],
  [
    'a column that isn’t there',
    { type: 'data_table', caption: 'VMs', rows: [row(2), row(2)], row_header_column_index: 2 },
    'must be less than 2 [json-pointer:/blocks/0/row_header_column_index]',
  ],
  [
    'a number that is none',
    { type: 'table', rows: [[{ type: 'raw_number', value: '1', text: '1' }]] },
    'must be a number [json-pointer:/blocks/0/rows/0/0/value]',
  ],
  [
    'a chart of another kind',
    { type: 'data_visualization', title: 'CPU', chart: { type: 'radar' } },
    'must be a valid enum value: line, bar, area, pie [json-pointer:/blocks/0/chart/type]',
  ],
  [
    '13 series',
    { type: 'data_visualization', title: 'CPU', chart: { type: 'bar', series: times(13, {}) } },
    'no more than 12 items allowed [json-pointer:/blocks/0/chart/series]',
  ],
  [
    'a long category',
    { type: 'data_visualization', title: 'CPU', chart: { type: 'bar', categories: ['x'.repeat(21)] } },
    'must be less than 21 characters [json-pointer:/blocks/0/chart/categories/0]',
  ],
  [
    'a long chart title',
    { type: 'data_visualization', title: 'x'.repeat(51), chart: { type: 'bar' } },
    'must be less than 51 characters [json-pointer:/blocks/0/title]',
  ],
  [
    'a video',
    {
      type: 'video',
      video_url: 'https://x.example',
      thumbnail_url: 'x',
      alt_text: 'x',
      title: { type: 'plain_text', text: 'x' },
    },
    'unsupported type: video [json-pointer:/blocks/0/type]',
  ],
  [
    'an image without an address',
    { type: 'image', image_url: 'chart.png', alt_text: 'a' },
    'must be a valid URL [json-pointer:/blocks/0/image_url]',
  ],
  [
    'an image without words',
    { type: 'image', image_url: 'https://x.example/a.png' },
    'missing required field: alt_text [json-pointer:/blocks/0]',
  ],
  [
    'rich text of another kind',
    rich(section({ type: 'blink', text: 'x' })),
    'unsupported type: blink [json-pointer:/blocks/0/elements/0/elements/0/type]',
  ],
  [
    'empty rich text',
    rich(section({ type: 'text', text: '' })),
    'must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]',
  ],
  [
    'a style that there isn’t',
    rich(section({ type: 'text', text: 'x', style: { big: true } })),
    'invalid additional property: big [json-pointer:/blocks/0/elements/0/elements/0/style]',
  ],
  [
    'a list in a list',
    rich({
      type: 'rich_text_list',
      style: 'bullet',
      elements: [{ type: 'rich_text_list', style: 'bullet', elements: [] }],
    }),
    'unsupported type: rich_text_list [json-pointer:/blocks/0/elements/0/elements/0/type]',
  ],
  [
    'a user in code',
    rich({ type: 'rich_text_preformatted', elements: [{ type: 'user', user_id: 'U1' }] }),
    'unsupported type: user [json-pointer:/blocks/0/elements/0/elements/0/type]',
  ],
  [
    'a task in no state',
    { type: 'plan', title: 'x', tasks: [{ type: 'task_card', task_id: '1', title: 'x', status: 'lost' }] },
    'must be a valid enum value: pending, in_progress, complete, error [json-pointer:/blocks/0/tasks/0/status]',
  ],
])('refused: %s', (_, block, problem) => {
  expect(checkMessageBlocks([block])).toEqual([problem]);
});

test('what a message may hold only so often', () => {
  const chart = { type: 'data_visualization', title: 'CPU', chart: { type: 'bar' } };
  expect(checkMessageBlocks(times(3, chart))).toEqual([
    'no more than 2 data_visualization blocks allowed [json-pointer:/blocks]',
  ]);
  expect(checkMessageBlocks(times(2, { type: 'table', rows: [row(1)] }))).toEqual([
    'only one table allowed [json-pointer:/blocks]',
  ]);
  expect(checkMessageBlocks(times(2, { type: 'markdown', text: 'x'.repeat(6001) }))).toEqual([
    'must have less than 12001 characters in all markdown blocks [json-pointer:/blocks]',
  ]);
});

test('what only messages may hold is refused in views', () => {
  const blocks = [
    { type: 'table', rows: [row(1)] },
    { type: 'markdown', text: 'x' },
  ];
  const view = { type: 'home', blocks };
  expect(checkView(view, 'home')).toEqual([
    'unsupported type: table [json-pointer:/view/blocks/0/type]',
    'unsupported type: markdown [json-pointer:/view/blocks/1/type]',
  ]);
});
