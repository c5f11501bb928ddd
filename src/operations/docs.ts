import { commonOptions } from './common-options.ts';
import { type Field, fieldsOf, flagOf } from './fields.ts';
import { aboutField, needed, riskText } from './help.ts';
import type { Operation } from './spec.ts';
import { familiesOf, familyOf, typed, usageLine } from './usage.ts';

/** `docs/commands.md`, derived: every command with its arguments, who may, risk and examples. */
export function commandsDoc(catalog: readonly Operation[]): string {
  const change = catalog.find((operation) => operation.kind === 'change');
  const read = catalog.find((operation) => operation.kind === 'read');
  return [
    '# Commands',
    '',
    '<!-- Written by `npm run gen` from what each operation declares. Edit src/operations/, not this file. -->',
    '',
    'Everything here works as a slash command in Slack, and in a terminal as `hostler run -- vm list` (without the slash).',
    'A change first shows its plan: what it will run, on which host, with which risk.',
    '',
    ...options('Every change also takes', change),
    ...options('Everything that only reads also takes', read),
    ...familiesOf(catalog).flatMap((family) => [
      `## /${family}`,
      '',
      ...catalog.filter((operation) => familyOf(operation) === family).flatMap(section),
    ]),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function options(title: string, operation: Operation | undefined): string[] {
  if (operation === undefined) return [];
  return [
    `${title}:`,
    '',
    ...commonOptions(operation, []).map(
      ({ flag, value, description }) => `- \`${value === null ? flag : `${flag} ${value}`}\`: ${description}`,
    ),
    '',
  ];
}

function section(operation: Operation): string[] {
  const fields = fieldsOf(operation);
  return [
    `### ${typed(operation)}`,
    '',
    `${operation.summary}.${operation.details === undefined ? '' : ` ${operation.details}`}`,
    '',
    '```',
    usageLine(operation),
    '```',
    '',
    ...(fields.length === 0 ? [] : ['| Argument | Meaning |', '| --- | --- |', ...fields.map(row), '']),
    `Needs ${needed(operation)}. ${operation.kind === 'change' ? `Risk: ${riskText(operation.risk)}.` : 'It only reads.'}`,
    '',
    ...(operation.examples.length === 0
      ? []
      : [`For example: ${operation.examples.map((example) => `\`${example}\``).join(', ')}`, '']),
  ];
}

function row(field: Field): string {
  const name = field.position === null ? flagOf(field.name) : `${flagOf(field.name).slice(2).toUpperCase()}`;
  return `| \`${name}\` | ${aboutField(field).replaceAll('|', '\\|')} |`;
}
