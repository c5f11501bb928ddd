import { BotError } from '../domain/error.ts';

/** One word of a command. */
export interface Word {
  readonly text: string;
  /** It began with a quote or a backslash: then it is a value, whatever its first characters are. */
  readonly quoted: boolean;
}

const DOUBLE = '"“”„‟';
const SINGLE = "'‘’‚‛`";
/** A plain space, and the no-break one that comes along in pasted text. */
const SPACE = ' \u00a0';

/**
 * Splits what was typed. A quote opens only at the beginning of a word or after `=`, and closes only at a word's end, so that
 * `don't` needs none; phones' “smart” quotes count as plain ones. A backslash keeps a quote, a space or a backslash.
 * Everything else, newlines and control characters too, stays as typed. Throws `invalid_input` for a quote that isn't closed.
 */
export function splitWords(text: string): Word[] {
  const chars = [...text];
  const words: Word[] = [];
  let word = '';
  let begun = false;
  let quoted = false;
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    const next = chars[at + 1];
    if (SPACE.includes(char)) {
      if (begun) words.push({ text: word, quoted });
      word = '';
      begun = false;
      quoted = false;
    } else if (char === '\\' && next !== undefined && isKept(next)) {
      quoted ||= !begun;
      word += next;
      begun = true;
      at += 1;
    } else if (isQuote(char) && (!begun || isValueStart(word))) {
      const end = closing(chars, at);
      if (end === null) {
        throw new BotError(
          'invalid_input',
          `The quote before ${JSON.stringify(shown(chars.slice(at + 1)))} isn’t closed`,
          {
            hint: 'Close it with the same quote, or put a backslash before it where it belongs to the text.',
          },
        );
      }
      quoted ||= !begun;
      word += unescaped(chars.slice(at + 1, end));
      begun = true;
      at = end;
    } else {
      word += char;
      begun = true;
    }
  }
  if (begun) words.push({ text: word, quoted });
  return words;
}

/** Where the quote that opens at `at` ends: a quote of its family before a space or the end. */
function closing(chars: readonly string[], at: number): number | null {
  const family = DOUBLE.includes(chars[at] ?? '') ? DOUBLE : SINGLE;
  for (let i = at + 1; i < chars.length; i += 1) {
    const next = chars[i + 1];
    if (chars[i] === '\\' && next !== undefined && isKept(next)) i += 1;
    else if (family.includes(chars[i] ?? '') && (next === undefined || SPACE.includes(next))) return i;
  }
  return null;
}

function unescaped(chars: readonly string[]): string {
  let text = '';
  for (let i = 0; i < chars.length; i += 1) {
    const next = chars[i + 1];
    if (chars[i] === '\\' && next !== undefined && isKept(next)) i += 1;
    text += chars[i] ?? '';
  }
  return text;
}

function isQuote(char: string): boolean {
  return DOUBLE.includes(char) || SINGLE.includes(char);
}

function isKept(char: string): boolean {
  return char === '\\' || isQuote(char) || SPACE.includes(char);
}

/** `--reason=` and what phones make of it, before a quoted value. */
function isValueStart(word: string): boolean {
  return /^(?:--|[–—―]{1,2})[A-Za-z][A-Za-z-]*=$/.test(word);
}

function shown(chars: readonly string[]): string {
  return chars.length > 30 ? `${chars.slice(0, 29).join('')}…` : chars.join('');
}
