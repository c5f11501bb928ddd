import { BotError } from '../domain/error.ts';
import { nearest } from '../domain/names.ts';
import { commonOptions } from './common-options.ts';
import { fieldsOf } from './fields.ts';
import { readArguments } from './read-arguments.ts';
import type { RequestOptions } from './service.ts';
import type { Operation } from './spec.ts';
import { familiesOf, familyOf } from './usage.ts';
import { splitWords, type Word } from './words.ts';

/** What a command asks for. Its values are as they were typed: `checkInput` judges them. */
export type ParsedCommand =
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      readonly input: Readonly<Record<string, unknown>>;
      readonly options: RequestOptions;
    }
  /** Help on an operation, on a family, or on everything. */
  | { readonly kind: 'help'; readonly family: string | null; readonly operation: Operation | null }
  /** A family and nothing else: `/vm`. */
  | { readonly kind: 'bare'; readonly family: string };

/** Parses a slash command: `family` is `vm` or `/vm`, `text` the rest of the line. Throws `invalid_input`, which names the nearest. */
export function parseCommand(family: string, text: string, catalog: readonly Operation[]): ParsedCommand {
  return parseIn(family.replace(/^\//, ''), splitWords(text), catalog);
}

/** Parses words that a shell has split already: `vm list --all`. */
export function parseArgv(argv: readonly string[], catalog: readonly Operation[]): ParsedCommand {
  const [first, ...rest] = argv;
  const words = rest.map((text) => ({ text, quoted: false }));
  if (first === undefined || isHelp(first)) return { kind: 'help', family: null, operation: null };
  return parseIn(first.replace(/^\//, ''), words, catalog);
}

function parseIn(family: string, words: readonly Word[], catalog: readonly Operation[]): ParsedCommand {
  const families = familiesOf(catalog);
  if (!families.includes(family)) {
    throw new BotError('invalid_input', `Unknown command /${family}`, { hint: suggest(family, families, '/', '') });
  }
  const mine = catalog.filter((operation) => familyOf(operation) === family);
  const first = words[0];
  if (first === undefined) return { kind: 'bare', family };

  const found = findOperation(mine, words);
  if (found !== null) {
    if (words.slice(found.taken).some((word) => !word.quoted && /^(?:--|[–—―]{1,2})help$|^-h$/.test(word.text))) {
      return { kind: 'help', family, operation: found.operation };
    }
    const fields = fieldsOf(found.operation);
    const common = commonOptions(found.operation, fields);
    const read = readArguments(words.slice(found.taken), found.operation, fields, common);
    return { kind: 'operation', operation: found.operation, ...read };
  }
  if (!first.quoted && isHelp(first.text)) {
    if (words.length === 1) return { kind: 'help', family, operation: null };
    const about = findOperation(mine, words.slice(1));
    if (about !== null) return { kind: 'help', family, operation: about.operation };
    throw unknown(family, words.slice(1), mine);
  }
  throw unknown(family, words, mine);
}

/** The operation whose words stand first; `disk extend` before `disk`. Phones write the first letter large: case doesn't count. */
function findOperation(
  mine: readonly Operation[],
  words: readonly Word[],
): { readonly operation: Operation; readonly taken: number } | null {
  for (let taken = Math.min(3, words.length); taken > 0; taken -= 1) {
    const said = words
      .slice(0, taken)
      .map((word) => word.text.toLowerCase())
      .join('.');
    const operation = mine.find((each) => each.name.split('.').slice(1).join('.') === said);
    if (operation !== undefined) return { operation, taken };
  }
  return null;
}

function unknown(family: string, words: readonly Word[], mine: readonly Operation[]): BotError {
  const first = words[0]?.text ?? '';
  if (/^(?:--|[–—―]{1,2})/.test(first)) {
    return new BotError('invalid_input', `After /${family} comes a command, not ${first}`, {
      hint: `See \`/${family} help\`.`,
    });
  }
  const verbs = mine.map((operation) => operation.name.split('.').slice(1));
  const under = verbs.filter((parts) => parts.length > 1 && parts[0] === first.toLowerCase());
  if (under.length > 0) {
    const second = words[1]?.text;
    const known = under.map((parts) => parts.slice(1).join(' '));
    if (second === undefined || second.startsWith('-')) {
      return new BotError('invalid_input', `/${family} ${first} needs one word more`, {
        hint: `It is one of: ${known.map((verb) => `\`/${family} ${first} ${verb}\``).join(', ')}.`,
      });
    }
    return new BotError('invalid_input', `Unknown command /${family} ${first} ${clip(second)}`, {
      hint: suggest(second, known, `/${family} ${first} `, family),
    });
  }
  const said = verbs.map((parts) => parts.join(' '));
  return new BotError('invalid_input', `Unknown command /${family} ${clip(first)}`, {
    hint: suggest(
      first,
      [...said, ...verbs.flatMap((parts) => (parts.length > 1 ? [parts[0] ?? ''] : []))],
      `/${family} `,
      family,
    ),
  });
}

/** `Did you mean create?`, or the list where nothing is near. */
function suggest(word: string, known: readonly string[], before: string, family: string): string {
  const near = nearest(word, [...new Set(known)]);
  const help = family === '' ? '`/hostler help`' : `\`/${family} help\``;
  if (near.length > 0)
    return `Did you mean ${near.map((each) => `\`${before}${each}\``).join(' or ')}? See ${help} for all.`;
  const few = known.slice(0, 12);
  return `There ${known.length === 1 ? 'is' : 'are'}: ${few.join(', ')}${known.length > few.length ? ' …' : ''}. See ${help}.`;
}

function isHelp(text: string): boolean {
  return /^(?:(?:--|[–—―]{1,2})?help|-h)$/i.test(text);
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
