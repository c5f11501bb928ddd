import type { types } from '@slack/bolt';
import type { Fact, Notice, Tone } from '../../domain/notice.ts';
import { drawButtons } from './buttons.ts';
import { LIMITS } from './limits.ts';
import { fitSteps } from './step-lines.ts';
import { drawTable, leftOut, tableText } from './table-block.ts';
import { clip, escapeMrkdwn, fallback, fitLines, more, mrkdwn } from './text.ts';

/** A notice as Slack takes it. */
export interface Drawn {
  readonly blocks: types.KnownBlock[];
  /** For notifications, screen readers, and where blocks are refused: the whole in words, as far as it fits. */
  readonly text: string;
  /** What did not fit and may follow as a file. */
  readonly file: { readonly name: string; readonly title: string; readonly text: string } | null;
}

/** Tables stand only in messages. `file`: the message may be followed by a file, so the text may say so. */
export interface DrawOptions {
  readonly surface?: 'message' | 'modal' | 'home';
  readonly file?: boolean;
}

const MARKS: Readonly<Record<Tone, string>> = {
  plain: '',
  busy: '⏳',
  wait: '✋',
  good: '✅',
  warn: '⚠️',
  bad: '❌',
};
/** Shares of a message's characters (buttons have 2,000); a table and preformatted text take what is left, 2,000 at least. */
const LINES_CHARS = 2400;
const FACTS_CHARS = 2600;
const FACT_CHARS = 600;
const FACT_NAME_CHARS = 80;
const MOST_FACTS = 50;
const STEPS_CHARS = 1900;
const FOOTER_CHARS = 300;
const CODE_CHARS = 2400;

/** The one builder: every message, modal text and Home tab is drawn here, within Slack's limits whatever is in the notice. */
export function draw(notice: Notice, { surface = 'message', file = false }: DrawOptions = {}): Drawn {
  const above = [...head(notice), ...facts(notice.facts ?? []), ...steps(notice)];
  const below = [...drawButtons(notice.buttons ?? []), ...foot(notice)];
  let room = LIMITS.messageChars - charsOf([...above, ...below]) - 200;
  const code = drawCode(notice, room, file);
  room -= charsOf(code.blocks);
  const table = drawTableBlocks(notice, room, surface === 'message');
  return {
    blocks: [...above, ...table, ...code.blocks, ...below],
    text: clip(fallbackText(notice), LIMITS.fallbackChars),
    file: code.file,
  };
}

/** A header where there is a body under it; else the title stands bold above the lines. */
function head(notice: Notice): types.KnownBlock[] {
  const mark = MARKS[notice.tone];
  const title = [mark, notice.title].filter((part) => part !== '').join(' ');
  const lines = (notice.lines ?? []).map(mrkdwn).filter((line) => line.trim() !== '');
  const withBody = [notice.facts, notice.steps, notice.buttons].some((part) => (part?.length ?? 0) > 0);
  const big = notice.title !== '' && (withBody || notice.table !== undefined || notice.code !== undefined);
  if (!big) {
    const bold = mrkdwn(notice.title === '' ? [] : [{ bold: clip(notice.title, 1000) }]);
    const first = [mark, bold].filter((part) => part !== '').join(' ');
    // Without a title the mark stands before the first line.
    const all = notice.title === '' ? [[first, lines[0] ?? ''].join(' ').trim(), ...lines.slice(1)] : [first, ...lines];
    const text = fitLines(all, LINES_CHARS);
    if (text === '' && (notice.code !== undefined || notice.table !== undefined)) return [];
    return [section(text === '' ? '…' : text)];
  }
  const whole = title.length <= LIMITS.headerChars ? [] : [escapeMrkdwn(clip(notice.title, 1000))];
  const rest = fitLines([...whole, ...lines], LINES_CHARS);
  return [
    { type: 'header', text: { type: 'plain_text', text: clip(title, LIMITS.headerChars), emoji: true } },
    ...(rest === '' ? [] : [section(rest)]),
  ];
}

function facts(all: readonly Fact[]): types.KnownBlock[] {
  const fields: types.MrkdwnElement[] = [];
  let used = 0;
  for (const { name, value } of all) {
    const title = mrkdwn([{ bold: clip(name, FACT_NAME_CHARS) }]);
    const text = `${title}\n${clip(mrkdwn(value), FACT_CHARS) || '–'}`;
    if (used + text.length > FACTS_CHARS || fields.length >= MOST_FACTS) break;
    fields.push({ type: 'mrkdwn', text });
    used += text.length;
  }
  const left = all.length - fields.length;
  if (left > 0) fields.push({ type: 'mrkdwn', text: more(left) });
  const sections: types.KnownBlock[] = [];
  for (let at = 0; at < fields.length; at += LIMITS.fieldsPerSection) {
    sections.push({ type: 'section', fields: fields.slice(at, at + LIMITS.fieldsPerSection) });
  }
  return sections;
}

function steps(notice: Notice): types.KnownBlock[] {
  if (notice.steps === undefined || notice.steps.length === 0) return [];
  return [section(fitSteps(notice.steps, STEPS_CHARS))];
}

function foot(notice: Notice): types.KnownBlock[] {
  if (notice.footer === undefined) return [];
  const text = clip(mrkdwn(notice.footer), FOOTER_CHARS);
  return text === '' ? [] : [context(text)];
}

function drawTableBlocks(notice: Notice, room: number, native: boolean): types.KnownBlock[] {
  const { table } = notice;
  if (table === undefined) return [];
  if (table.rows.length === 0) return [section(escapeMrkdwn(clip(table.empty || '–', 500)))];
  const drawn = drawTable(table, room - 40, native);
  if (drawn.kind === 'text') return [preformatted(drawn.text)];
  return [drawn.block, ...(drawn.left > 0 ? [context(leftOut(drawn.left))] : [])];
}

function drawCode(notice: Notice, room: number, file: boolean): Pick<Drawn, 'file'> & { blocks: types.KnownBlock[] } {
  const { code } = notice;
  if (code === undefined || code.text.trim() === '') return { blocks: [], file: null };
  const share = Math.min(CODE_CHARS, notice.table === undefined ? room : room / 2);
  const label = section(mrkdwn([{ bold: clip(code.label || 'Output', 200) }]));
  const fits = code.text.length <= share - 220;
  if (fits) return { blocks: [label, preformatted(code.text)], file: null };
  const shown = fitLines(code.text.split('\n'), Math.max(200, share - 260), 'lines');
  const note = file ? [context('The whole is in the file in the thread.')] : [];
  return {
    blocks: [label, preformatted(shown), ...note],
    file: { name: 'output.txt', title: clip(code.label || 'Output', 200), text: code.text },
  };
}

/** The notice in words: also what is sent where Slack refuses the blocks. */
function fallbackText(notice: Notice): string {
  const mark = MARKS[notice.tone];
  const parts = [
    [mark, escapeMrkdwn(notice.title)].filter((part) => part !== '').join(' '),
    ...(notice.lines ?? []).map(fallback),
    ...(notice.facts ?? []).map((fact) => `${escapeMrkdwn(fact.name)}: ${fallback(fact.value)}`),
    ...(notice.steps === undefined || notice.steps.length === 0 ? [] : [fitSteps(notice.steps, STEPS_CHARS, false)]),
    ...(notice.table === undefined
      ? []
      : [escapeMrkdwn(notice.table.rows.length === 0 ? notice.table.empty : tableText(notice.table, 2000))]),
    ...(notice.code === undefined ? [] : [escapeMrkdwn(clip(notice.code.text, 1500))]),
    ...(notice.footer === undefined ? [] : [fallback(notice.footer)]),
  ].filter((part) => part.trim() !== '');
  // A mention in the first line must not stand alone on a line after a bare mark.
  return notice.title === '' && mark !== ''
    ? `${parts[0]} ${parts.slice(1).join('\n')}`.trim()
    : parts.join('\n') || '…';
}

function section(text: string): types.SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: clip(text, LIMITS.sectionChars) } };
}

function context(text: string): types.ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text }] };
}

/** Monospaced, and as it is: no markup is read in it. */
function preformatted(text: string): types.RichTextBlock {
  const part = { type: 'text' as const, text };
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [part] }] };
}

/** Characters of all texts in blocks, at any depth. */
function charsOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + charsOf(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, field]) => sum + (name === 'text' && typeof field === 'string' ? field.length : charsOf(field)),
    0,
  );
}
