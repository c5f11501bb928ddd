/** What the page's command box offers behind each slash command: read off the registry, with the config's names as choices. */
import { commonOptions } from '../src/operations/common-options.ts';
import { type Field, fieldsOf, flagOf } from '../src/operations/fields.ts';
import type { Choices, Operation } from '../src/operations/spec.ts';
import { familiesOf, familyOf } from '../src/operations/usage.ts';
import type { ConfigFileText } from './fleet/config-file.ts';
import type { CompletionEntity, FlagCompletion, SubcommandCompletion } from './slack/ui/protocol.ts';

type Names = Partial<Record<Choices, readonly string[]>>;

/** For `startChatServer`. VMs, keys and operations come and go: of those it offers none. */
export function completionOf(catalog: readonly Operation[], config: ConfigFileText): CompletionEntity {
  const named = (things: readonly { readonly name: string }[] = []) => things.map(({ name }) => name);
  const names: Names = {
    image: named(config.images),
    flavor: named(config.flavors),
    team: named(config.teams),
    host: named(config.hosts),
    network: named(config.networks),
  };
  const family = (name: string) => {
    const mine = catalog.filter((operation) => familyOf(operation) === name);
    const subcommands = mine.map((operation) => [verbOf(operation), subcommand(operation, names)] as const);
    return { summary: mine.map(verbOf).slice(0, 6).join(', '), subcommands: Object.fromEntries(subcommands) };
  };
  return { families: Object.fromEntries(familiesOf(catalog).map((name) => [name, family(name)])) };
}

function verbOf({ name }: Operation): string {
  return name.split('.').slice(1).join(' ');
}

function subcommand(operation: Operation, names: Names): SubcommandCompletion {
  const fields = fieldsOf(operation);
  const common = commonOptions(operation, fields);
  return {
    summary: operation.summary,
    positional: fields
      .filter(({ position }) => position !== null)
      .map((field) => ({ name: field.name, required: field.required, ...choicesOf(field, names) })),
    flags: [
      ...fields.filter(({ position }) => position === null).map((field) => flag(field, names)),
      ...common.map(({ flag: typed, value, description, name }): FlagCompletion => {
        const choices = name === 'team' ? names.team : undefined;
        const kind = value === null ? 'boolean' : choices === undefined ? 'text' : 'choice';
        return {
          name: typed.slice(2),
          kind,
          summary: description,
          ...(choices === undefined ? {} : { choices: [...choices] }),
        };
      }),
    ],
  };
}

function flag(field: Field, names: Names): FlagCompletion {
  const choices = choicesOf(field, names);
  const kind =
    field.kind === 'flag'
      ? 'boolean'
      : choices.choices !== undefined
        ? 'choice'
        : field.kind === 'number'
          ? 'number'
          : 'text';
  return { name: flagOf(field.name).slice(2), kind, summary: field.description, ...choices };
}

function choicesOf(field: Field, names: Names): { choices?: string[] } {
  const known = field.options.length > 0 ? field.options : field.from === null ? undefined : names[field.from];
  return known === undefined ? {} : { choices: [...known] };
}
