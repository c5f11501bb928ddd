import type { CommandEntity, CompletionEntity, SubcommandCompletion } from '../../ui/protocol.ts';
import { emojiLike } from '../text/emoji.ts';

/** One thing that could be typed. */
export interface Suggestion {
  readonly insert: string;
  readonly label: string;
  readonly detail: string;
}

/** What could stand from `from` up to the caret. */
export interface Suggestions {
  readonly from: number;
  readonly items: readonly Suggestion[];
  /** How the command goes on, whatever is suggested. */
  readonly hint: string;
}

/** What is known to complete from. */
export interface Known {
  readonly commands: readonly CommandEntity[];
  readonly completion: CompletionEntity | undefined;
  /** For `@`: handles. */
  readonly people: readonly { readonly name: string; readonly realName: string }[];
  /** For `#`: names. */
  readonly channels: readonly string[];
}

const MOST = 12;
const NOTHING: Suggestions = { from: 0, items: [], hint: '' };

/** What could be meant, by the text before the caret. */
export function complete(before: string, known: Known): Suggestions {
  const command = before.startsWith('/') ? completeCommand(before, known) : NOTHING;
  if (command.items.length > 0) return command;
  const { hint } = command;
  const [, mark = '', typed = ''] = /(?:^|\s|\()([@#:])([\w.+-]*)$/.exec(before) ?? [];
  const from = before.length - typed.length - 1;
  if (mark === '@') return { from, items: peopleLike(typed.toLowerCase(), known), hint };
  if (mark === '#') {
    const items = known.channels
      .filter((name) => name.includes(typed.toLowerCase()))
      .map((name) => ({ insert: `#${name} `, label: `#${name}`, detail: '' }));
    return { from, items: items.slice(0, MOST), hint };
  }
  if (mark === ':' && typed.length >= 2) {
    const items = emojiLike(typed, MOST).map(({ name, char }) => ({
      insert: `:${name}: `,
      label: `${char} :${name}:`,
      detail: '',
    }));
    return { from, items, hint };
  }
  return command;
}

function peopleLike(typed: string, { people }: Known): Suggestion[] {
  const all = [
    ...people.map(({ name, realName }) => ({ name, detail: realName })),
    { name: 'here', detail: 'Everybody who is active here' },
    { name: 'channel', detail: 'Everybody in this channel' },
  ];
  const fits = all.filter(
    ({ name, detail }) => name.toLowerCase().includes(typed) || detail.toLowerCase().includes(typed),
  );
  const first = (name: string): number => Number(!name.toLowerCase().startsWith(typed));
  return fits
    .sort((a, b) => first(a.name) - first(b.name))
    .slice(0, MOST)
    .map(({ name, detail }) => ({ insert: `@${name} `, label: `@${name}`, detail }));
}

function completeCommand(before: string, { commands, completion }: Known): Suggestions {
  const space = before.search(/\s/);
  if (space < 0) {
    const items = commands
      .filter(({ command }) => command.startsWith(before))
      .map(({ command, description, usageHint }) => ({
        insert: `${command} `,
        label: usageHint === '' ? command : `${command} ${usageHint}`,
        detail: description,
      }));
    return { from: 0, items, hint: '' };
  }
  const name = before.slice(0, space);
  const rest = before.slice(space + 1).replace(/^\s+/, '');
  const usageHint = commands.find(({ command }) => command === name)?.usageHint ?? '';
  const family = completion?.families[name.slice(1)];
  if (family === undefined)
    return { from: before.length, items: [], hint: usageHint === '' ? '' : `${name} ${usageHint}` };
  const sub = subcommandIn(rest, family.subcommands);
  if (sub === undefined) {
    const items = Object.entries(family.subcommands)
      .filter(([word]) => word.startsWith(rest.toLowerCase()))
      .map(([word, { summary }]) => ({ insert: `${word} `, label: word, detail: summary }));
    return { from: before.length - rest.length, items, hint: '' };
  }
  return completeArguments(
    before,
    rest.slice(sub.length).replace(/^\s+/, ''),
    `${name} ${sub}`,
    family.subcommands[sub],
  );
}

/** The longest subcommand (`disk extend`) that is typed out, with a space behind it. */
function subcommandIn(rest: string, subcommands: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(subcommands)
    .filter((word) => rest.startsWith(`${word} `))
    .sort((a, b) => b.length - a.length)[0];
}

function completeArguments(
  before: string,
  args: string,
  head: string,
  sub: SubcommandCompletion | undefined,
): Suggestions {
  if (sub === undefined) return NOTHING;
  const words = args.split(/\s+/);
  const current = words.at(-1) ?? '';
  const earlier = words.slice(0, -1);
  const hint = usage(head, sub);
  const flagOf = (word: string) => sub.flags.find(({ name }) => word === `--${name}`);
  const at = (typed: string, choices: readonly string[]): Suggestions => ({
    from: before.length - typed.length,
    items: choices
      .filter((choice) => choice.toLowerCase().startsWith(typed.toLowerCase()))
      .slice(0, 50)
      .map((choice) => ({ insert: `${choice} `, label: choice, detail: '' })),
    hint,
  });
  const joined = /^(--[\w-]+)=(.*)$/.exec(current);
  if (joined !== null) return at(joined[2] ?? '', flagOf(joined[1] ?? '')?.choices ?? []);
  const asked = flagOf(earlier.at(-1) ?? '');
  if (asked !== undefined && asked.kind !== 'boolean') return at(current, asked.choices ?? []);
  const flags = sub.flags
    .filter(({ name }) => !earlier.includes(`--${name}`) && `--${name}`.startsWith(current))
    .map(({ name, kind, summary = '' }) => ({
      insert: `--${name} `,
      label: kind === 'boolean' ? `--${name}` : `--${name} ${name.toUpperCase()}`,
      detail: summary,
    }));
  if (current.startsWith('-')) return { from: before.length - current.length, items: flags, hint };
  const given = earlier.filter(
    (word, index) => !word.startsWith('--') && !takesValue(flagOf(earlier[index - 1] ?? '')),
  ).length;
  const place = sub.positional[given];
  if (place?.choices !== undefined) return at(current, place.choices);
  return current === '' && place === undefined
    ? { from: before.length, items: flags, hint }
    : { from: before.length, items: [], hint };
}

function takesValue(flag: { readonly kind: string } | undefined): boolean {
  return flag !== undefined && flag.kind !== 'boolean';
}

/** `/vm create NAME [--image IMAGE]`. */
function usage(head: string, { positional, flags }: SubcommandCompletion): string {
  const places = positional.map(({ name, required }) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`));
  const options = flags.map(({ name, kind }) => (kind === 'boolean' ? `[--${name}]` : `[--${name} …]`));
  return [head, ...places, ...options].join(' ');
}
