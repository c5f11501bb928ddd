import { asObjects, isJson } from '../json.ts';
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
  refuse,
  type Surface,
  str,
  unique,
  word,
} from './check.ts';
import { asAccessory, asInput, ELEMENTS, inActions } from './elements.ts';
import { anyText, imageSource, mrkdwn, plain } from './objects.ts';
import { richText } from './rich-text.ts';
import { dataTable, dataVisualization, table } from './tables.ts';

// limits: docs.slack.dev/reference/block-kit/blocks and the doc comments of @slack/types 3.2

const blockId = { block_id: str(255) };
const only =
  (...surfaces: Surface[]): Check =>
  (value, at, found) => {
    if (isJson(value) && !surfaces.includes(found.surface)) {
      refuse(found, `${at}/type`, `unsupported type: ${String(value.type)}`);
    }
  };
const ownActionIds: Check = (value, at, found) => {
  if (isJson(value)) unique(asObjects(value.elements), 'action_id', (index) => `${at}/elements/${index}`, found);
};

const titleOrMore = needsOneOf(['hero_image', 'title', 'actions', 'body']);
const image = byType({ image: ELEMENTS.image ?? anything });
const card = object(
  {},
  {
    ...blockId,
    hero_image: image,
    icon: image,
    title: mrkdwn(150),
    subtitle: mrkdwn(150),
    body: mrkdwn(200),
    actions: listOf(byType(ELEMENTS, ['button']), 25),
  },
  titleOrMore,
);
const sources = listOf(byType({ url: object({ url: str(3000, 1), text: str(3000, 1) }) }), 100, 0);
const task = object(
  { task_id: str(255, 1), title: str(3000, 1), status: word('pending', 'in_progress', 'complete', 'error') },
  { ...blockId, details: byType({ rich_text: richText }), output: byType({ rich_text: richText }), sources },
);

const collapsible: Check = (value, at, found) => {
  if (isJson(value) && value.default_collapsed === true && value.is_collapsible !== true) {
    refuse(found, `${at}/default_collapsed`, 'needs is_collapsible');
  }
};

const BLOCKS: Readonly<Record<string, Check>> = {
  section: object(
    {},
    { ...blockId, text: anyText(3000), fields: listOf(anyText(2000), 10), accessory: asAccessory, expand: bool },
    needsOneOf(['text', 'fields']),
  ),
  header: object({ text: plain(150) }, { ...blockId, level: int(1, 6) }),
  divider: object({}, blockId),
  context: object(
    {
      elements: listOf(
        byType({ image: ELEMENTS.image ?? anything, plain_text: plain(3000), mrkdwn: anyText(3000) }),
        10,
      ),
    },
    blockId,
  ),
  actions: object({ elements: listOf(inActions, 25) }, blockId, ownActionIds),
  context_actions: all(
    only('message'),
    object({ elements: listOf(byType(ELEMENTS, ['feedback_buttons', 'icon_button']), 5) }, blockId, ownActionIds),
  ),
  image: object(
    { alt_text: str(2000) },
    { ...blockId, ...imageSource, title: plain(2000) },
    needsOneOf(['image_url', 'slack_file'], true),
  ),
  input: object(
    { label: plain(2000), element: asInput },
    { ...blockId, hint: plain(2000), optional: bool, dispatch_action: bool },
  ),
  markdown: all(only('message'), object({ text: str(12_000, 1) }, blockId)),
  rich_text: richText,
  table: all(only('message'), table),
  data_table: all(only('message'), dataTable),
  data_visualization: all(only('message'), dataVisualization),
  // video is for apps with links.embed:write and the video's site among their unfurl domains; Slack refuses it to others
  alert: all(
    only('modal'),
    object({ text: anyText(3000) }, { ...blockId, level: word('default', 'info', 'warning', 'error', 'success') }),
  ),
  card,
  carousel: object({ elements: listOf(byType({ card }), 10) }, blockId),
  task_card: all(only('message'), task),
  plan: all(
    only('message'),
    object({ title: str(3000, 1) }, { ...blockId, tasks: listOf(byType({ task_card: task }), 50, 0) }),
  ),
  container: object(
    { child_blocks: (value, at, found) => listOf(child, 10)(value, at, found) },
    {
      ...blockId,
      title: plain(150),
      rich_text_title: byType({ rich_text: richText }),
      subtitle: anyText(150),
      width: word('narrow', 'standard', 'wide', 'full'),
      icon: image,
      is_collapsible: bool,
      default_collapsed: bool,
      has_header_divider: bool,
    },
    all(needsOneOf(['title', 'rich_text_title']), collapsible),
  ),
};

const child: Check = (value, at, found) =>
  byType(BLOCKS, [...['actions', 'context', 'divider', 'header', 'image', 'input', 'rich_text', 'section', 'table']])(
    value,
    at,
    found,
  );

const atMost =
  (type: string, max: number, problem: string): Check =>
  (value, at, found) => {
    if (asObjects(value).filter((block) => block.type === type).length > max) refuse(found, at, problem);
  };

const MARKDOWN_CHARS = 12_000;
const markdownInAll: Check = (value, at, found) => {
  const texts = asObjects(value).filter((block) => block.type === 'markdown');
  const chars = texts.reduce((sum, { text }) => sum + (typeof text === 'string' ? text.length : 0), 0);
  if (texts.length > 1 && chars > MARKDOWN_CHARS) {
    refuse(found, at, `must have less than ${MARKDOWN_CHARS + 1} characters in all markdown blocks`);
  }
};

/** Checks a list of blocks: each one, how many there are, and that block_ids differ. */
export const blockList = (max: number, min = 0): Check =>
  all(
    listOf(byType(BLOCKS), max, min),
    (value, at, found) => unique(asObjects(value), 'block_id', (index) => `${at}/${index}`, found),
    markdownInAll,
    atMost('data_visualization', 2, 'no more than 2 data_visualization blocks allowed'),
    atMost('table', 1, 'only one table allowed'),
  );
