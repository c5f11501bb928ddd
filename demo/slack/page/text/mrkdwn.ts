import { emojiOf } from './emoji.ts';

/** A part of a line. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike'; readonly of: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly url: string; readonly label: string }
  | { readonly kind: 'user' | 'channel' | 'group'; readonly id: string; readonly label: string }
  | { readonly kind: 'broadcast'; readonly range: string }
  | {
      readonly kind: 'date';
      readonly seconds: number;
      readonly format: string;
      readonly url: string | null;
      readonly fallback: string;
    }
  | { readonly kind: 'emoji'; readonly name: string; readonly char: string };

/** Lines, a quotation, or what stands between three backticks. */
export type Paragraph =
  | { readonly kind: 'lines'; readonly of: readonly Inline[] }
  | { readonly kind: 'quote'; readonly of: readonly Inline[] }
  | { readonly kind: 'pre'; readonly text: string };

const MARKS = [
  ['*', 'bold'],
  ['_', 'italic'],
  ['~', 'strike'],
] as const;
const TOKEN = /^<([^<>\n]{1,3000})>/;
const CODE = /^`([^`\n]+)`/;
const EMOJI = /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/;
const URL_LIKE = /^https?:\/\/[^\s<>|]+[^\s<>|.,:;!?'")\]}]/;
const MAIL_LIKE = /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;
const DATE = /^!date\^(\d{1,12})\^([^^|]+)(?:\^([^|]+))?$/;
/** Marks within marks, within marks: deeper is nobody's text. */
const DEEPEST = 6;

/** Reads Slack's markup. What it can't make sense of stays text: nothing is ever lost. */
export function parseMrkdwn(source: string, { verbatim = false } = {}): Paragraph[] {
  const found: Paragraph[] = [];
  // The line ends around a fence are its own.
  const fence = /\n?```\n?([\s\S]+?)\n?```\n?/g;
  let from = 0;
  for (const match of source.matchAll(fence)) {
    found.push(...paragraphs(source.slice(from, match.index), verbatim));
    found.push({ kind: 'pre', text: plainOf(match[1] ?? '') });
    from = match.index + match[0].length;
  }
  found.push(...paragraphs(source.slice(from), verbatim));
  return found;
}

/** A plain_text object: only emoji and line ends are more than they look. */
export function parsePlain(source: string): Inline[] {
  const found: Inline[] = [];
  let text = '';
  for (let at = 0; at < source.length; ) {
    const emoji = source[at] === ':' ? emojiAt(source.slice(at, at + 60)) : undefined;
    if (emoji === undefined) {
      text += source[at];
      at += 1;
      continue;
    }
    if (text !== '') found.push({ kind: 'text', text });
    text = '';
    found.push(emoji.node);
    at += emoji.length;
  }
  return text === '' ? found : [...found, { kind: 'text', text }];
}

/** `&amp;`, `&lt;` and `&gt;`, as Slack escapes them. */
function decode(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function paragraphs(source: string, verbatim: boolean): Paragraph[] {
  if (source === '') return [];
  const found: Paragraph[] = [];
  const quoted = /^(?:&gt;|>) ?/;
  let kind: 'lines' | 'quote' = 'lines';
  let lines: string[] = [];
  const flush = (): void => {
    const text = lines.join('\n');
    if (text !== '' && (kind === 'quote' || text.trim() !== '')) found.push({ kind, of: inline(text, verbatim, 0) });
    lines = [];
  };
  const all = source.split('\n');
  for (const [index, line] of all.entries()) {
    const rest = /^(?:&gt;|>){3} ?/.exec(line)?.[0];
    if (rest !== undefined) {
      flush();
      kind = 'quote';
      lines = [line.slice(rest.length), ...all.slice(index + 1)];
      break;
    }
    const mark = quoted.exec(line)?.[0];
    const here = mark === undefined ? 'lines' : 'quote';
    if (here !== kind) flush();
    kind = here;
    lines.push(mark === undefined ? line : line.slice(mark.length));
  }
  flush();
  return found;
}

function inline(source: string, verbatim: boolean, depth: number): Inline[] {
  const found: Inline[] = [];
  let text = '';
  const add = (node: Inline): void => {
    if (text !== '') found.push({ kind: 'text', text: decode(text) });
    text = '';
    found.push(node);
  };
  const reading: Reading = { source, verbatim, depth, hopeless: new Map() };
  for (let at = 0; at < source.length; ) {
    const next = nodeAt(reading, at);
    if (next === undefined) {
      text += source[at];
      at += 1;
    } else {
      add(next.node);
      at += next.length;
    }
  }
  if (text !== '') found.push({ kind: 'text', text: decode(text) });
  return found;
}

interface Reading {
  readonly source: string;
  readonly verbatim: boolean;
  readonly depth: number;
  /** Up to where a mark is known to have no end on its line: a text of nothing but marks must not be read again and again. */
  readonly hopeless: Map<string, number>;
}

interface Found {
  readonly node: Inline;
  readonly length: number;
}

function nodeAt(reading: Reading, at: number): Found | undefined {
  const { source, verbatim, depth } = reading;
  const char = source[at] ?? '';
  if (char === '<') {
    const token = TOKEN.exec(source.slice(at, at + 3002));
    const node = token === null ? undefined : tokenOf(token[1] ?? '');
    return node === undefined || token === null ? undefined : { node, length: token[0].length };
  }
  const before = source[at - 1] ?? ' ';
  if (char === ':') return emojiAt(source.slice(at, at + 60));
  if (char === '`' && !/\w/.test(before)) {
    const code = CODE.exec(source.slice(at, at + 3000));
    if (code !== null) return { node: { kind: 'code', text: plainOf(code[1] ?? '') }, length: code[0].length };
  }
  const mark = MARKS.find(([one]) => one === char);
  if (mark !== undefined) return depth < DEEPEST ? marked(reading, at, mark) : undefined;
  if (verbatim || /\w/.test(before)) return undefined;
  return linkAt(source.slice(at, at + 2000));
}

function emojiAt(rest: string): Found | undefined {
  const [all = '', name = ''] = EMOJI.exec(rest) ?? [];
  const char = emojiOf(name);
  return char === undefined ? undefined : { node: { kind: 'emoji', name, char }, length: all.length };
}

/** A mark counts where words begin and end, on one line. */
function marked(reading: Reading, at: number, [mark, kind]: (typeof MARKS)[number]): Found | undefined {
  const { source, verbatim, depth, hopeless } = reading;
  const before = source[at - 1] ?? ' ';
  const first = source[at + 1] ?? ' ';
  if (/\w/.test(before) || /\s/.test(first) || first === mark || at < (hopeless.get(mark) ?? 0)) return undefined;
  let close = at;
  for (;;) {
    close = endOfMark(source, close + 1, mark);
    if (close < 0) {
      const end = source.indexOf('\n', at);
      hopeless.set(mark, end < 0 ? source.length : end);
      return undefined;
    }
    const last = source[close - 1] ?? ' ';
    const after = source[close + 1] ?? ' ';
    if (close > at + 1 && !/\s/.test(last) && !/\w/.test(after) && after !== mark) break;
  }
  const inner = source.slice(at + 1, close);
  return { node: { kind, of: inline(inner, verbatim, depth + 1) }, length: close + 1 - at };
}

/** Where the next such mark stands on this line, outside of code and tokens; -1 where there is none. */
function endOfMark(source: string, from: number, mark: string): number {
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\n') return -1;
    if (char === mark) return at;
    const whole = char === '<' ? TOKEN : char === '`' ? CODE : undefined;
    const skip = whole?.exec(source.slice(at, at + 3002))?.[0].length;
    if (skip !== undefined) at += skip - 1;
  }
  return -1;
}

function linkAt(rest: string): Found | undefined {
  const url = /^https?:/.test(rest) ? URL_LIKE.exec(rest)?.[0] : undefined;
  if (url !== undefined) return { node: { kind: 'link', url: decode(url), label: decode(url) }, length: url.length };
  const mail = /^[\w.+-]{1,64}@/.test(rest) ? MAIL_LIKE.exec(rest)?.[0] : undefined;
  if (mail === undefined) return undefined;
  return { node: { kind: 'link', url: `mailto:${mail}`, label: mail }, length: mail.length };
}

/** What stands between `<` and `>`. */
function tokenOf(token: string): Inline | undefined {
  const bar = token.indexOf('|');
  const head = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? '' : decode(token.slice(bar + 1));
  if (/^@[UWB][A-Z0-9]+$/.test(head)) return { kind: 'user', id: head.slice(1), label };
  if (/^#[CGD][A-Z0-9]+$/.test(head)) return { kind: 'channel', id: head.slice(1), label };
  const group = /^!subteam\^([A-Z0-9]+)/.exec(head)?.[1];
  if (group !== undefined) return { kind: 'group', id: group, label };
  const date = DATE.exec(head);
  if (date !== null) {
    const [, seconds = '0', format = '', url] = date;
    return { kind: 'date', seconds: Number(seconds), format, url: safeUrl(url ?? ''), fallback: label };
  }
  const range = /^!(here|channel|everyone)$/.exec(head)?.[1];
  if (range !== undefined) return { kind: 'broadcast', range };
  if (head.startsWith('!')) return { kind: 'text', text: label === '' ? `<${head}>` : label };
  const url = safeUrl(decode(head));
  return url === null
    ? undefined
    : { kind: 'link', url, label: label === '' ? decode(head).replace(/^mailto:/, '') : label };
}

/** The address where it may be followed: web and mail, nothing that runs; else null. */
export function safeUrl(address: string): string | null {
  return /^(https?:\/\/|mailto:)\S+$/i.test(address.trim()) ? address.trim() : null;
}

/** Text in code: no marks, but tokens are their labels. */
function plainOf(source: string): string {
  const text = source.replaceAll(/<([^<>\n]+)>/g, (all, token: string) => {
    const node = tokenOf(token);
    if (node === undefined) return all;
    if (node.kind === 'link') return node.label;
    return node.kind === 'date' ? node.fallback : all;
  });
  return decode(text);
}
