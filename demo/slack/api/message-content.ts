import { checkMessageBlocks, MESSAGE_BLOCKS_CHARS, textLength, withIds } from '../blocks/check-blocks.ts';
import { asObjects, isJson, type Json } from '../json.ts';
import { slackFileProblems } from '../model/slack-files.ts';
import type { MessageContent } from '../model/types.ts';
import type { World } from '../world.ts';
import { jsonArg, SlackError, textArg } from './method.ts';

const MARKDOWN_CHARS = 12_000;
const MAX_ATTACHMENTS = 100;

const refuseBlocks = (problems: string[]): SlackError =>
  new SlackError('invalid_blocks', {
    errors: problems,
    response_metadata: { messages: problems.map((one) => `[ERROR] ${one}`) },
  });

const checkedBlocks = ({ files }: Pick<World, 'files'>, value: unknown, at: string, limitTotal: boolean): Json[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isJson)) throw new SlackError('invalid_blocks_format');
  const problems = [...checkMessageBlocks(value, at), ...slackFileProblems(files, value, at)];
  if (problems.length > 0) throw refuseBlocks(problems);
  if (limitTotal && textLength(value) > MESSAGE_BLOCKS_CHARS) throw new SlackError('msg_blocks_too_long');
  return value;
};

/**
 * The content of a message from a call's arguments, checked as Slack checks it. `textLimit`: chat.postMessage takes
 * 40,000 characters, chat.update 4,000. `limitTotal`: the limit on all blocks together, which response_url lacks.
 */
export const messageContent = (
  world: Pick<World, 'workspace' | 'files'>,
  args: Json,
  { textLimit, limitTotal = true }: { textLimit: number; limitTotal?: boolean },
): MessageContent => {
  const markdown = textArg(args, 'markdown_text');
  const text = textArg(args, 'text') ?? markdown ?? '';
  const blocks = checkedBlocks(world, jsonArg(args, 'blocks'), '/blocks', limitTotal);
  const given = jsonArg(args, 'attachments');
  if (given !== undefined && !Array.isArray(given)) throw new SlackError('invalid_attachments');
  const attachments = asObjects(given);
  if (attachments.length > MAX_ATTACHMENTS) throw new SlackError('too_many_attachments');
  attachments.forEach((attachment, index) => {
    checkedBlocks(world, attachment.blocks, `/attachments/${index}/blocks`, limitTotal);
  });
  if (markdown !== undefined && (textArg(args, 'text') !== undefined || blocks.length > 0)) {
    throw new SlackError('markdown_text_conflict');
  }
  if (text === '' && blocks.length === 0 && attachments.length === 0) throw new SlackError('no_text');
  if (text.length > (markdown === undefined ? textLimit : MARKDOWN_CHARS)) throw new SlackError('msg_too_long');
  const metadata = jsonArg(args, 'metadata');
  if (metadata !== undefined && !(isJson(metadata) && metadata.event_type && isJson(metadata.event_payload))) {
    throw new SlackError('invalid_metadata_format');
  }
  return {
    text,
    blocks: withIds(blocks, world.workspace.ids.short),
    attachments,
    files: [],
    ...(isJson(metadata) ? { metadata } : {}),
  };
};
