import { isJson, type Json, objects, str, strings, textOf } from '../json.ts';

/** Something chosen: what the app gets, and what the person sees. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly description: string;
}

/** What is in a field: typed text, or what was chosen (one at most in single selects). */
export type Held = { readonly text: string } | { readonly chosen: readonly Choice[] };

/** What the server takes for it: text, one value, several, or null for nothing. */
export type WireValue = string | number | readonly string[] | null;

interface Kind {
  readonly form: 'text' | 'one' | 'many';
  readonly initial: string;
  readonly state: string;
  /** Choices are option objects, not ids. */
  readonly options?: true;
}

const KINDS: Readonly<Record<string, Kind>> = {
  plain_text_input: { form: 'text', initial: 'initial_value', state: 'value' },
  number_input: { form: 'text', initial: 'initial_value', state: 'value' },
  email_text_input: { form: 'text', initial: 'initial_value', state: 'value' },
  url_text_input: { form: 'text', initial: 'initial_value', state: 'value' },
  rich_text_input: { form: 'text', initial: 'initial_value', state: 'rich_text_value' },
  datepicker: { form: 'text', initial: 'initial_date', state: 'selected_date' },
  timepicker: { form: 'text', initial: 'initial_time', state: 'selected_time' },
  datetimepicker: { form: 'text', initial: 'initial_date_time', state: 'selected_date_time' },
  static_select: { form: 'one', initial: 'initial_option', state: 'selected_option', options: true },
  external_select: { form: 'one', initial: 'initial_option', state: 'selected_option', options: true },
  radio_buttons: { form: 'one', initial: 'initial_option', state: 'selected_option', options: true },
  multi_static_select: { form: 'many', initial: 'initial_options', state: 'selected_options', options: true },
  multi_external_select: { form: 'many', initial: 'initial_options', state: 'selected_options', options: true },
  checkboxes: { form: 'many', initial: 'initial_options', state: 'selected_options', options: true },
  users_select: { form: 'one', initial: 'initial_user', state: 'selected_user' },
  multi_users_select: { form: 'many', initial: 'initial_users', state: 'selected_users' },
  channels_select: { form: 'one', initial: 'initial_channel', state: 'selected_channel' },
  multi_channels_select: { form: 'many', initial: 'initial_channels', state: 'selected_channels' },
  conversations_select: { form: 'one', initial: 'initial_conversation', state: 'selected_conversation' },
  multi_conversations_select: { form: 'many', initial: 'initial_conversations', state: 'selected_conversations' },
  file_input: { form: 'many', initial: 'initial_files', state: 'files' },
};

/** An option object as a choice. */
export function choiceOf(option: Json): Choice {
  return { value: str(option.value), label: textOf(option.text), description: textOf(option.description) };
}

/** True for elements that hold a value (buttons and overflow menus don't). */
export function holdsValue(type: string): boolean {
  return type in KINDS;
}

/** What the element holds before anybody touched it. */
export function initialHeld(element: Json): Held {
  const kind = KINDS[str(element.type)];
  return kind === undefined ? { text: '' } : heldIn(kind, element[kind.initial]);
}

/** What a value of a view's or message's state says; undefined where it is of another element. */
export function heldOfState(element: Json, state: unknown): Held | undefined {
  const type = str(element.type);
  const kind = KINDS[type];
  if (kind === undefined || !isJson(state) || str(state.type) !== type) return undefined;
  return heldIn(kind, state[kind.state]);
}

/** For the server. */
export function wireValue(type: string, held: Held): WireValue {
  if ('text' in held) {
    if (held.text === '') return null;
    return type === 'datetimepicker' ? Number(held.text) : held.text;
  }
  if (KINDS[type]?.form === 'many') return held.chosen.map(({ value }) => value);
  return held.chosen[0]?.value ?? null;
}

/** Nothing typed, nothing chosen. */
export function isEmpty(held: Held): boolean {
  return 'text' in held ? held.text === '' : held.chosen.length === 0;
}

function heldIn({ form, options }: Kind, value: unknown): Held {
  if (form === 'text') return { text: typeof value === 'number' ? String(value) : richOr(value) };
  if (form === 'one') {
    if (options) return { chosen: isJson(value) ? [choiceOf(value)] : [] };
    return { chosen: typeof value === 'string' && value !== '' ? [idChoice(value)] : [] };
  }
  if (options) return { chosen: objects(value).map(choiceOf) };
  return { chosen: [...strings(value), ...objects(value).map((one) => str(one.id))].map(idChoice) };
}

/** An id: who draws it knows the name. */
function idChoice(value: string): Choice {
  return { value, label: '', description: '' };
}

/** Rich text as its characters. */
function richOr(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isJson(value)) return '';
  const own = str(value.text);
  return own + objects(value.elements).map(richOr).join('');
}
