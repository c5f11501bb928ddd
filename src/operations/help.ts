import type { Fact, Notice } from '../domain/notice.ts';
import { commonOptions } from './common-options.ts';
import { type Field, fieldsOf, flagOf } from './fields.ts';
import type { Operation } from './spec.ts';
import { familiesOf, familyOf, typed, usageLine, valueWord } from './usage.ts';

/** Lines of a list that help shows before it says how many more there are. */
const MOST = 40;

/** What the notice of a `help` command shows: an operation, a family, or everything. */
export function helpNotice(
  about: { readonly family: string | null; readonly operation: Operation | null },
  catalog: readonly Operation[],
): Notice {
  if (about.operation !== null) return operationHelp(about.operation);
  if (about.family !== null) return familyHelp(about.family, catalog);
  return everything(catalog);
}

/** Everything, a line for each command, by family. */
function everything(catalog: readonly Operation[]): Notice {
  return {
    tone: 'plain',
    title: 'What Hostler can do',
    lines: [
      [
        'Each explains itself: ',
        { code: '/vm help' },
        ' lists a family, ',
        { code: '/vm create --help' },
        ' one command.',
      ],
    ],
    facts: familiesOf(catalog).map((family) => {
      const verbs = catalog.filter((operation) => familyOf(operation) === family).map(verbOf);
      return { name: `/${family}`, value: shorten(verbs, MOST).join(' · ') };
    }),
    footer: 'The same commands work in a terminal: hostler run -- vm list',
  };
}

function familyHelp(family: string, catalog: readonly Operation[]): Notice {
  const mine = catalog.filter((operation) => familyOf(operation) === family);
  const table = {
    columns: ['Command', 'What it does'],
    rows: mine.slice(0, MOST).map((operation) => [usageLine(operation), operation.summary]),
    empty: 'No commands.',
  };
  const left = mine.length - table.rows.length;
  return {
    tone: 'plain',
    title: `/${family}`,
    table,
    lines: left > 0 ? [`… and ${left} more, in docs/commands.md.`] : [],
    footer: [{ code: `/${family} ${mine[0] === undefined ? '…' : verbOf(mine[0])} --help` }, ' explains one of them.'],
  };
}

function operationHelp(operation: Operation): Notice {
  const fields = fieldsOf(operation);
  const common = commonOptions(operation, fields);
  const facts: Fact[] = [
    ...fields.map((field) => ({ name: nameOf(field), value: aboutField(field) })),
    ...common.map((option) => ({
      name: option.value === null ? option.flag : `${option.flag} ${option.value}`,
      value: option.description,
    })),
    { name: 'Needs', value: needed(operation) },
    ...(operation.kind === 'change' ? [{ name: 'Risk', value: riskText(operation.risk) }] : []),
  ];
  return {
    tone: 'plain',
    title: `${typed(operation)}: ${operation.summary}`,
    lines: operation.details === undefined ? [] : operation.details.split('\n\n'),
    facts: shortenFacts(facts),
    code: {
      label: 'Usage',
      text: [
        usageLine(operation),
        ...(operation.examples.length > 0 ? ['', 'Examples:', ...operation.examples] : []),
      ].join('\n'),
    },
  };
}

/** Where a field is typed: `VM` (first) or `--image IMAGE`. */
function nameOf(field: Field): string {
  const word = valueWord(field);
  return field.position === null ? [flagOf(field.name), word].filter((part) => part !== null).join(' ') : `${word}`;
}

/** What a field means, what it may be, and what it is when left out. */
export function aboutField(field: Field): string {
  const parts = [field.description === '' ? field.title : field.description];
  if (field.options.length > 0) parts.push(`one of ${shorten(field.options, 12).join(', ')}`);
  if (field.required) parts.push('needed');
  else if (field.kind === 'flag' ? field.byDefault === true : isShown(field.byDefault)) {
    parts.push(`${String(field.byDefault)} when left out`);
  }
  return parts.join('; ');
}

/** Who may: in words that also stand in the docs. */
export function needed(operation: Operation): string {
  switch (operation.permission) {
    case 'view':
      return 'a member of the team (or an auditor)';
    case 'operate':
      return 'a member of the team';
    case 'delete':
      return 'a lead of the team, or the VM’s maker';
    case 'approve':
      return 'a lead of the team, or an admin';
    case 'audit':
      return 'a lead of the team, an auditor or an admin';
    case 'platform':
      return 'a platform admin';
    case 'self':
      return 'anybody, for themselves';
  }
}

/** What a risk means, in words. */
export function riskText(risk: 'safe' | 'disruptive' | 'destructive' | 'by-input'): string {
  switch (risk) {
    case 'safe':
      return 'safe: stops nothing, loses nothing';
    case 'disruptive':
      return 'disruptive: stops a service';
    case 'destructive':
      return 'destructive: loses data for good';
    case 'by-input':
      return 'depends on what is asked; the plan says it';
  }
}

function verbOf(operation: Operation): string {
  return operation.name.split('.').slice(1).join(' ');
}

function isShown(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

function shorten(words: readonly string[], most: number): string[] {
  return words.length <= most ? [...words] : [...words.slice(0, most), `and ${words.length - most} more`];
}

function shortenFacts(facts: readonly Fact[]): Fact[] {
  if (facts.length <= MOST) return [...facts];
  return [...facts.slice(0, MOST), { name: '…', value: `and ${facts.length - MOST} more, in docs/commands.md` }];
}
