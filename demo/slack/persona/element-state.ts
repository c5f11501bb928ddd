import { asObjects, asText, isJson, type Json } from '../json.ts';
import type { StateValue, StateValues } from '../model/types.ts';
import type { FieldValue } from './field-value.ts';

/** An element that people can use, with the block it stands in. */
export interface Placed {
  block: Json;
  blockId: string;
  element: Json;
  actionId: string;
  type: string;
}

/** The elements of some blocks that bear an action_id, in order. */
export const placedElements = (blocks: readonly Json[]): Placed[] =>
  blocks.flatMap((block) => {
    const inner = [...asObjects(block.child_blocks)];
    const elements = [
      ...(isJson(block.accessory) ? [block.accessory] : []),
      ...(isJson(block.element) ? [block.element] : []),
      ...asObjects(block.elements),
      ...(block.type === 'card' ? asObjects(block.actions) : []),
    ];
    const own = elements
      .filter((element) => typeof element.action_id === 'string')
      .map((element) => ({
        block,
        blockId: asText(block.block_id) ?? '',
        element,
        actionId: asText(element.action_id) ?? '',
        type: asText(element.type) ?? '',
      }));
    return [...own, ...placedElements(inner)];
  });

/** The options of a select, group by group. */
export const optionsOf = (element: Json): Json[] => [
  ...asObjects(element.options),
  ...asObjects(element.option_groups).flatMap((group) => asObjects(group.options)),
];

// per element type: the field of the state value, the element's initial_* field, and how a test's value becomes it
const FIELDS: Record<string, { field: string; initial: string; many: boolean; option: boolean }> = {
  plain_text_input: { field: 'value', initial: 'initial_value', many: false, option: false },
  number_input: { field: 'value', initial: 'initial_value', many: false, option: false },
  email_text_input: { field: 'value', initial: 'initial_value', many: false, option: false },
  url_text_input: { field: 'value', initial: 'initial_value', many: false, option: false },
  rich_text_input: { field: 'rich_text_value', initial: 'initial_value', many: false, option: false },
  datepicker: { field: 'selected_date', initial: 'initial_date', many: false, option: false },
  timepicker: { field: 'selected_time', initial: 'initial_time', many: false, option: false },
  datetimepicker: { field: 'selected_date_time', initial: 'initial_date_time', many: false, option: false },
  static_select: { field: 'selected_option', initial: 'initial_option', many: false, option: true },
  external_select: { field: 'selected_option', initial: 'initial_option', many: false, option: true },
  radio_buttons: { field: 'selected_option', initial: 'initial_option', many: false, option: true },
  multi_static_select: { field: 'selected_options', initial: 'initial_options', many: true, option: true },
  multi_external_select: { field: 'selected_options', initial: 'initial_options', many: true, option: true },
  checkboxes: { field: 'selected_options', initial: 'initial_options', many: true, option: true },
  users_select: { field: 'selected_user', initial: 'initial_user', many: false, option: false },
  multi_users_select: { field: 'selected_users', initial: 'initial_users', many: true, option: false },
  channels_select: { field: 'selected_channel', initial: 'initial_channel', many: false, option: false },
  multi_channels_select: { field: 'selected_channels', initial: 'initial_channels', many: true, option: false },
  conversations_select: { field: 'selected_conversation', initial: 'initial_conversation', many: false, option: false },
  multi_conversations_select: {
    field: 'selected_conversations',
    initial: 'initial_conversations',
    many: true,
    option: false,
  },
  file_input: { field: 'files', initial: 'initial_files', many: true, option: false },
};

/** True for element types that hold a value (so not buttons and overflow menus). */
export const isStateful = (type: string): boolean => type in FIELDS;

/** What an element holds before anybody has touched it. */
const initialValue = (element: Json): StateValue | undefined => {
  const type = asText(element.type) ?? '';
  const spec = FIELDS[type];
  if (!spec) return undefined;
  return { type, [spec.field]: element[spec.initial] ?? (spec.many ? [] : null) };
};

/** What is in the field: undefined, null, empty text and empty lists all mean nothing. */
export const filledIn = (state: StateValue): unknown => {
  const spec = FIELDS[state.type];
  const value = spec ? state[spec.field] : undefined;
  return value === '' || (Array.isArray(value) && value.length === 0) ? null : value;
};

/** The state value after a user has put `value` in. Throws where the element doesn't offer it. */
export const chosenValue = (
  element: Json,
  value: FieldValue,
  offered: readonly Json[] = optionsOf(element),
): StateValue => {
  const type = asText(element.type) ?? '';
  const spec = FIELDS[type];
  if (!spec) throw new Error(`chat server: a ${type} holds no value`);
  const pick = (wanted: unknown): Json => {
    const option = offered.find((one) => one.value === wanted || (isJson(one.text) && one.text.text === wanted));
    if (!option) {
      const names = offered.map((one) => String(one.value)).join(', ');
      throw new Error(`chat server: ${asText(element.action_id)} offers no ${String(wanted)}, only: ${names}`);
    }
    return option;
  };
  if (spec.many) {
    const wanted = value === null ? [] : Array.isArray(value) ? value : [value];
    return { type, [spec.field]: spec.option ? wanted.map(pick) : [...wanted] };
  }
  if (value === null) return { type, [spec.field]: null };
  if (spec.option) return { type, [spec.field]: pick(value) };
  if (type === 'rich_text_input') return { type, [spec.field]: richText(String(value)) };
  return { type, [spec.field]: type === 'datetimepicker' ? Number(value) : String(value) };
};

const richText = (text: string): Json | null =>
  text === ''
    ? null
    : { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] };

/** The state of fresh blocks. */
export const initialState = (blocks: readonly Json[]): StateValues => keepState({}, blocks);

/** The state of new blocks that replace old ones: values stay where block_id, action_id and type stay. */
export const keepState = (old: StateValues, blocks: readonly Json[]): StateValues => {
  const values: StateValues = {};
  for (const { element, blockId, actionId, type } of placedElements(blocks)) {
    const before = old[blockId]?.[actionId];
    const value = before?.type === type ? before : initialValue(element);
    if (value) values[blockId] = { ...values[blockId], [actionId]: value };
  }
  return values;
};
