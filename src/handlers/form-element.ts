import type { types } from '@slack/bolt';
import type { Field } from '../operations/fields.ts';
import { CHOICES, VALUE } from './form-state.ts';
import { short } from './slack-text.ts';

/** Something to choose. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Slack's limits: options of a select, characters of an option's value and label. */
export const MOST_OPTIONS = 100;
const OPTION_CHARS = 75;
const TEXT_CHARS = 3000;
/** So many choices are listed as checkboxes at most. */
const YES: types.PlainTextOption = { text: { type: 'plain_text', text: 'Yes' }, value: 'yes' };

type InputElement = types.InputBlock['element'];

/**
 * The Block Kit element of a field: each kind has one. `choices` are those of its source, one more than fits when there are too many
 * to list: then it is a select with type-ahead.
 */
export function elementOf(field: Field, given: unknown, choices: readonly Choice[] | null): InputElement {
  const value = given ?? field.byDefault;
  if (field.kind === 'flag') return flag(value === true || value === 'true' || value === 'yes');
  const known = choices ?? field.options.map((option) => ({ value: option, label: option }));
  if (known.length > MOST_OPTIONS && field.from !== null) return external(field, value);
  const options = known.filter((one) => one.value !== '' && one.value.length <= OPTION_CHARS).slice(0, MOST_OPTIONS);
  if (options.length > 0) return field.kind === 'list' ? several(options, value) : select(field, options, value);
  if (field.kind === 'number') return number(field, value);
  return text(field, value);
}

/** An option of a select. */
export function optionOf({ value, label }: Choice): types.PlainTextOption {
  return { text: { type: 'plain_text', text: short(label === '' ? value : label, OPTION_CHARS) }, value };
}

function select(field: Field, choices: readonly Choice[], value: unknown): types.StaticSelect {
  const chosen = find(choices, value);
  return {
    type: 'static_select',
    action_id: VALUE,
    options: choices.map(optionOf),
    ...(chosen === undefined ? {} : { initial_option: optionOf(chosen) }),
    ...placeholder(field, 'Choose one'),
  };
}

function several(choices: readonly Choice[], value: unknown): types.MultiStaticSelect {
  const chosen = listOf(value).flatMap((one) => find(choices, one) ?? []);
  return {
    type: 'multi_static_select',
    action_id: VALUE,
    options: choices.map(optionOf),
    ...(chosen.length === 0 ? {} : { initial_options: chosen.map(optionOf) }),
  };
}

function external(field: Field, value: unknown): types.ExternalSelect | types.MultiExternalSelect {
  const given = listOf(value).filter((one) => one !== '' && one.length <= OPTION_CHARS);
  const options = given.map((one) => optionOf({ value: one, label: one }));
  const common = { action_id: `${CHOICES}${field.from}`, min_query_length: 0, ...placeholder(field, 'Type to search') };
  if (field.kind === 'list') {
    return { type: 'multi_external_select', ...common, ...(options.length === 0 ? {} : { initial_options: options }) };
  }
  const [first] = options;
  return { type: 'external_select', ...common, ...(first === undefined ? {} : { initial_option: first }) };
}

function flag(on: boolean): types.Checkboxes {
  return { type: 'checkboxes', action_id: VALUE, options: [YES], ...(on ? { initial_options: [YES] } : {}) };
}

function number(field: Field, value: unknown): types.NumberInput {
  const given = String(value ?? '');
  return {
    type: 'number_input',
    action_id: VALUE,
    is_decimal_allowed: false,
    ...(/^-?\d+$/.test(given) ? { initial_value: given } : {}),
    ...placeholder(field),
  };
}

function text(field: Field, value: unknown): types.PlainTextInput {
  const given = field.kind === 'list' ? listOf(value).join('\n') : String(value ?? '');
  return {
    type: 'plain_text_input',
    action_id: VALUE,
    ...(field.kind === 'list' ? { multiline: true } : {}),
    ...(given === '' ? {} : { initial_value: given.slice(0, TEXT_CHARS) }),
    ...placeholder(field),
  };
}

function placeholder(field: Field, otherwise?: string): { placeholder?: types.PlainTextElement } {
  const words = field.placeholder ?? otherwise;
  return words === undefined ? {} : { placeholder: { type: 'plain_text', text: short(words, 150) } };
}

/** `web-01` finds `team-01/web-01`, where only one has that name. */
function find(choices: readonly Choice[], value: unknown): Choice | undefined {
  const given = String(value ?? '');
  if (given === '') return undefined;
  const exact = choices.find((one) => one.value === given);
  const ending = choices.filter((one) => one.value.endsWith(`/${given}`));
  return exact ?? (ending.length === 1 ? ending[0] : undefined);
}

function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' && value !== '' ? value.split(',') : [];
}
