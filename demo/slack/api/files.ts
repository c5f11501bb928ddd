import { asObjects, asText, type Json } from '../json.ts';
import type { StoredFile } from '../model/types.ts';
import { fileWire } from '../model/wire.ts';
import { postTarget } from './chat.ts';
import { messageContent } from './message-content.ts';
import { type Call, invalidArguments, jsonArg, type Method, needText, SlackError, textArg } from './method.ts';

const MAX_NAME = 255;

const announce = ({ world, args }: Call): Json => {
  const name = needText(args, 'filename');
  const length = Number(needText(args, 'length'));
  if (!Number.isInteger(length) || length < 1) throw invalidArguments('must be more than 0 [json-pointer:/length]');
  if (name.length > MAX_NAME) throw invalidArguments('must be less than 256 characters [json-pointer:/filename]');
  const file = world.files.announce(
    { name, length, altText: textArg(args, 'alt_txt') ?? textArg(args, 'alt_text') ?? '', user: world.app.botUserId },
    world.clock.now(),
  );
  return { upload_url: `${world.url()}/upload/v1/${file.id}`, file_id: file.id };
};

const uploaded = ({ world, args }: Call): StoredFile[] => {
  const wanted = asObjects(jsonArg(args, 'files'));
  if (wanted.length === 0) throw invalidArguments('missing required field: files');
  return wanted.map((one) => {
    const file = world.files.find(asText(one.id) ?? '');
    if (!file?.bytes || file.completed) throw new SlackError('file_not_found');
    file.title = asText(one.title) ?? file.name;
    return file;
  });
};

const complete = (call: Call): Json => {
  const { world, args } = call;
  const files = uploaded(call);
  const ref = textArg(args, 'channel_id');
  if (ref !== undefined) {
    // an id only: a name or a user is channel_not_found here, unlike in chat.postMessage
    if (!world.workspace.channels.has(ref)) throw new SlackError('channel_not_found');
    const channel = postTarget(world, ref);
    const threadTs = textArg(args, 'thread_ts');
    if (threadTs !== undefined && !channel.messages.has(threadTs)) throw new SlackError('invalid_thread_ts');
    const text = textArg(args, 'initial_comment') ?? '';
    const content = args.blocks === undefined ? { text } : messageContent(world, args, { textLimit: 40_000 });
    world.messages.post({
      ...content,
      channel: channel.id,
      user: world.app.botUserId,
      fromApp: true,
      files: files.map((file) => file.id),
      ...(threadTs === undefined ? {} : { threadTs }),
    });
    for (const file of files) file.channels.push(channel.id);
  }
  for (const file of files) file.completed = true;
  return { files: files.map((file) => fileWire(world, file)) };
};

/** files.* (the three steps of files.uploadV2) */
export const fileMethods: Record<string, Method> = {
  'files.getUploadURLExternal': { tier: 4, scope: 'files:write', run: announce },
  'files.completeUploadExternal': { tier: 4, scope: 'files:write', run: complete },
  'files.info': {
    tier: 4,
    scope: 'files:read',
    run: ({ world, args }) => {
      const file = world.files.find(needText(args, 'file'));
      if (!file?.completed) throw new SlackError('file_not_found');
      return { file: fileWire(world, file), comments: [], response_metadata: { next_cursor: '' } };
    },
  },
};
