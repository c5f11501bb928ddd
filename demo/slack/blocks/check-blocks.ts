import { asText, isJson, type Json } from '../json.ts';
import { blockList } from './blocks.ts';
import { bool, byType, type Check, type Findings, object, refuse, type Surface, str } from './check.ts';
import { optionsAnswer, plain } from './objects.ts';

/** Slack's undocumented limit on all text of a message's blocks together (slackapi/bolt-js#2509). */
export const MESSAGE_BLOCKS_CHARS = 13_200;
/** A view may have 250 kB as JSON. */
const VIEW_BYTES = 250_000;

const run = (surface: Surface, check: Check, value: unknown, at: string): string[] => {
  const found: Findings = { surface, problems: [], focused: 0 };
  check(value, at, found);
  return found.problems;
};

/** What Slack would say against a message's blocks; empty where nothing. `at` is the JSON pointer of the list. */
export const checkMessageBlocks = (blocks: readonly unknown[], at = '/blocks'): string[] =>
  run('message', blockList(50), blocks, at);

/** How many characters of text are in blocks, at any depth. */
export const textLength = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + textLength(one), 0);
  if (!isJson(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, field]) => sum + (name === 'text' && typeof field === 'string' ? field.length : textLength(field)),
    0,
  );
};

const common: Record<string, Check> = {
  blocks: blockList(100),
  private_metadata: str(3000),
  callback_id: str(255),
  external_id: str(255),
};
const submitForInput: Check = (value, at, found) => {
  if (!isJson(value) || !Array.isArray(value.blocks) || value.submit) return;
  if (value.blocks.some((block) => isJson(block) && block.type === 'input')) {
    refuse(found, at, 'missing required field: submit');
  }
};
const { blocks, ...rest } = common;
const modal = object(
  { title: plain(24), blocks: blocks ?? blockList(100) },
  { ...rest, submit: plain(24), close: plain(24), clear_on_close: bool, notify_on_close: bool, submit_disabled: bool },
  submitForInput,
);
const home = object({ blocks: blocks ?? blockList(100) }, rest);

/** What Slack would say against a view; empty where nothing. */
export const checkView = (view: unknown, surface: 'modal' | 'home', at = '/view'): string[] =>
  run(surface, byType({ modal, home }, [surface]), view, at);

/** True where a view is over 250 kB. */
export const viewTooLarge = (view: Json): boolean => Buffer.byteLength(JSON.stringify(view)) > VIEW_BYTES;

/** What Slack would say against the answer to a type-ahead query. */
export const checkOptionsAnswer = (answer: unknown): string[] => run('modal', optionsAnswer, answer, '');

/** The same blocks with ids where they have none, as Slack hands them back. */
export const withIds = (blocks: readonly Json[], fresh: () => string): Json[] =>
  blocks.map((block) => {
    const element = (one: unknown): unknown =>
      isJson(one) && takesActionId(one) ? { action_id: fresh(), ...one } : one;
    return {
      ...block,
      block_id: asText(block.block_id) || fresh(),
      ...(Array.isArray(block.elements) && block.type !== 'rich_text' ? { elements: block.elements.map(element) } : {}),
      ...(isJson(block.accessory) ? { accessory: element(block.accessory) } : {}),
      ...(isJson(block.element) ? { element: element(block.element) } : {}),
      ...(Array.isArray(block.child_blocks) ? { child_blocks: withIds(block.child_blocks.filter(isJson), fresh) } : {}),
    };
  });

const PASSIVE = new Set(['image', 'plain_text', 'mrkdwn', 'card']);
const takesActionId = (element: Json): boolean => !PASSIVE.has(asText(element.type) ?? '');
