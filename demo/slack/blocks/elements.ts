import { isJson } from '../json.ts';
import {
  all,
  anything,
  bool,
  byType,
  type Check,
  int,
  listOf,
  needsOneOf,
  object,
  pattern,
  refuse,
  str,
  word,
} from './check.ts';
import {
  confirm,
  imageSource,
  initialIsOffered,
  markedOption,
  option,
  optionGroup,
  overflowOption,
  plain,
} from './objects.ts';
import { richText } from './rich-text.ts';

// limits: docs.slack.dev/reference/block-kit/block-elements and the doc comments of @slack/types 3.2

const actionId = { action_id: str(255) };
const focus: Record<string, Check> = {
  focus_on_load: (value, at, found) => {
    bool(value, at, found);
    if (value === true) found.focused += 1;
    if (found.focused > 1) refuse(found, at, 'only one element may have focus_on_load');
  },
};
const placeholder = { placeholder: plain(150) };
const dispatch = {
  dispatch_action_config: object(
    {},
    { trigger_actions_on: listOf(word('on_enter_pressed', 'on_character_entered'), 2) },
  ),
};
const menu = { ...actionId, ...focus, ...placeholder, confirm };
const several = { max_selected_items: int(1, 1000) };
const choices = { options: listOf(option, 100), option_groups: listOf(optionGroup, 100) };
const oneSource = needsOneOf(['options', 'option_groups'], true);
const id = str(255);
const ids = listOf(id, 1000, 0);
const buttonLook = { style: word('primary', 'danger'), confirm, accessibility_label: str(75) };
const conversation = {
  default_to_current_conversation: bool,
  filter: object(
    {},
    {
      include: listOf(word('im', 'mpim', 'private', 'public'), 4),
      exclude_external_shared_channels: bool,
      exclude_bot_users: bool,
    },
  ),
};
const inputText = { ...actionId, ...focus, ...placeholder, ...dispatch };
const day = pattern(/^\d{4}-\d{2}-\d{2}$/, 'must be a date as YYYY-MM-DD');
const clockTime = pattern(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time as HH:mm');
const number = pattern(/^-?\d+(\.\d+)?$/, 'must be a number as a string');
const lengthsAgree: Check = (value, at, found) => {
  if (isJson(value) && Number(value.min_length ?? 0) > Number(value.max_length ?? 3000)) {
    refuse(found, at, 'min_length must not be more than max_length');
  }
};
const feedback = object({ text: plain(75), value: str(2000) }, { accessibility_label: str(75) });

const workflow = object({
  trigger: object(
    { url: str(3000, 1) },
    { customizable_input_parameters: listOf(object({ name: str(255, 1), value: anything }), 100, 0) },
  ),
});

/** A check for each kind of element. */
export const ELEMENTS: Readonly<Record<string, Check>> = {
  button: object({ text: plain(75) }, { ...actionId, ...buttonLook, url: str(3000), value: str(2000) }),
  workflow_button: object({ text: plain(75), workflow }, { ...actionId, ...buttonLook }),
  feedback_buttons: object({ positive_button: feedback, negative_button: feedback }, actionId),
  icon_button: object(
    { icon: str(100), text: plain(75) },
    { ...actionId, confirm, accessibility_label: str(75), value: str(2000), visible_to_user_ids: ids },
  ),
  image: object({ alt_text: str(2000) }, imageSource, needsOneOf(['image_url', 'slack_file'], true)),
  overflow: object({ options: listOf(overflowOption, 5) }, { ...actionId, confirm }),
  checkboxes: object(
    { options: listOf(markedOption, 10) },
    { ...actionId, ...focus, confirm, initial_options: listOf(markedOption, 10) },
    initialIsOffered,
  ),
  radio_buttons: object(
    { options: listOf(markedOption, 10) },
    { ...actionId, ...focus, confirm, initial_option: markedOption },
    initialIsOffered,
  ),
  static_select: object({}, { ...menu, ...choices, initial_option: option }, all(oneSource, initialIsOffered)),
  multi_static_select: object(
    {},
    { ...menu, ...several, ...choices, initial_options: listOf(option, 100) },
    all(oneSource, initialIsOffered),
  ),
  external_select: object({}, { ...menu, initial_option: option, min_query_length: int(0, 1000) }),
  multi_external_select: object(
    {},
    { ...menu, ...several, initial_options: listOf(option, 100), min_query_length: int(0, 1000) },
  ),
  users_select: object({}, { ...menu, initial_user: id }),
  multi_users_select: object({}, { ...menu, ...several, initial_users: ids }),
  channels_select: object({}, { ...menu, initial_channel: id, response_url_enabled: bool }),
  multi_channels_select: object({}, { ...menu, ...several, initial_channels: ids }),
  conversations_select: object({}, { ...menu, ...conversation, initial_conversation: id, response_url_enabled: bool }),
  multi_conversations_select: object({}, { ...menu, ...several, ...conversation, initial_conversations: ids }),
  datepicker: object({}, { ...menu, initial_date: day }),
  timepicker: object({}, { ...menu, initial_time: clockTime, timezone: str(100) }),
  datetimepicker: object({}, { ...actionId, ...focus, confirm, initial_date_time: int(1_000_000_000, 9_999_999_999) }),
  plain_text_input: object(
    {},
    { ...inputText, initial_value: str(3000), multiline: bool, min_length: int(0, 3000), max_length: int(1, 3000) },
    lengthsAgree,
  ),
  number_input: object(
    { is_decimal_allowed: bool },
    { ...inputText, initial_value: number, min_value: number, max_value: number },
  ),
  email_text_input: object({}, { ...inputText, initial_value: str(3000) }),
  url_text_input: object({}, { ...inputText, initial_value: str(3000) }),
  rich_text_input: object(
    {},
    { ...inputText, initial_value: byType({ rich_text: richText }), min_lines: int(1, 100), max_lines: int(1, 100) },
  ),
  file_input: object({}, { ...actionId, filetypes: listOf(str(50), 100), max_files: int(1, 10) }),
};

const SELECTS = ['static', 'external', 'users', 'channels', 'conversations'];
const PICKERS = ['datepicker', 'timepicker', 'checkboxes', 'radio_buttons'];
const MENUS = [...SELECTS.map((kind) => `${kind}_select`), ...SELECTS.map((kind) => `multi_${kind}_select`)];

/** What an actions block may hold. */
export const inActions: Check = byType(ELEMENTS, [
  ...['button', 'overflow', 'workflow_button', 'datetimepicker', 'rich_text_input'],
  ...MENUS,
  ...PICKERS,
]);
/** What may stand beside a section. */
export const asAccessory: Check = byType(ELEMENTS, [
  ...['button', 'overflow', 'workflow_button', 'image'],
  ...MENUS,
  ...PICKERS,
]);
/** What an input block may hold. */
export const asInput: Check = byType(ELEMENTS, [
  ...['plain_text_input', 'number_input', 'email_text_input', 'url_text_input', 'rich_text_input'],
  ...['file_input', 'datetimepicker'],
  ...MENUS,
  ...PICKERS,
]);
