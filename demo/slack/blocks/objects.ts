import { asObjects, isJson } from '../json.ts';
import { all, bool, byType, type Check, listOf, needsOneOf, object, pattern, refuse, str, word } from './check.ts';

// lengths: docs.slack.dev/reference/block-kit/composition-objects and the doc comments of @slack/types 3.2

/** A plain_text object. */
export const plain = (max: number, min = 1): Check =>
  byType({ plain_text: object({ text: str(max, min) }, { emoji: bool }) });

/** A plain_text or mrkdwn object. */
export const anyText = (max: number, min = 1): Check =>
  byType({
    plain_text: object({ text: str(max, min) }, { emoji: bool }),
    mrkdwn: object({ text: str(max, min) }, { verbatim: bool }),
  });

/** A mrkdwn object. */
export const mrkdwn = (max: number): Check => byType({ mrkdwn: object({ text: str(max, 1) }, { verbatim: bool }) });

/** A confirm dialog. */
export const confirm: Check = object(
  {},
  { title: plain(100), text: anyText(300), confirm: plain(30), deny: plain(30), style: word('primary', 'danger') },
  needsOneOf(['text']),
);

const optionWith = (text: Check, url: boolean): Check =>
  object({ text, value: str(75, 1) }, { description: anyText(75), ...(url ? { url: str(3000) } : {}) });

/** An option of a select menu. */
export const option: Check = optionWith(plain(75), false);
/** An option of an overflow menu, which may open a URL. */
export const overflowOption: Check = optionWith(plain(75), true);
/** An option of radio buttons or checkboxes, which may have mrkdwn. */
export const markedOption: Check = optionWith(anyText(75), false);

/** A group of options of a select menu. */
export const optionGroup: Check = object({ label: plain(75), options: listOf(option, 100, 0) });

/** Refuses an initial_option(s) that isn't among the options. */
export const initialIsOffered: Check = (value, at, found) => {
  if (!isJson(value)) return;
  const offered = [
    ...asObjects(value.options),
    ...asObjects(value.option_groups).flatMap((group) => asObjects(group.options)),
  ].map((one) => one.value);
  const first = isJson(value.initial_option) ? [value.initial_option] : [];
  for (const initial of [...first, ...asObjects(value.initial_options)]) {
    if (!offered.includes(initial.value)) {
      const name = first.length > 0 ? 'initial_option' : 'initial_options';
      refuse(found, `${at}/${name}`, `${name} was not found in options`);
    }
  }
};

/** Either an address or a Slack file. */
export const imageSource: Record<string, Check> = {
  image_url: all(str(3000, 1), pattern(/^https?:\/\/[^\s/]/, 'must be a valid URL')),
  slack_file: object({}, { id: str(255), url: str(3000) }, needsOneOf(['id', 'url'], true)),
};

/** The answer to a block_suggestion. */
export const optionsAnswer: Check = object(
  {},
  { options: listOf(option, 100, 0), option_groups: listOf(optionGroup, 100, 0) },
  needsOneOf(['options', 'option_groups'], true),
);
