import type { Json } from '../json.ts';
import type { World } from '../world.ts';
import type { Channel, Message, StateValues, StoredFile, User, View } from './types.ts';
import { zoneLabel, zoneOffset } from './zones.ts';

type Part<K extends keyof World> = Pick<World, K>;

/** A user object as users.info answers it; the address only for those with users:read.email. */
export const userWire = ({ workspace, app, clock }: Part<'workspace' | 'app' | 'clock'>, user: User): Json => ({
  id: user.id,
  team_id: workspace.team.id,
  name: user.name,
  deleted: user.deleted,
  real_name: user.realName,
  tz: user.tz,
  tz_label: zoneLabel(user.tz, clock.now()),
  tz_offset: zoneOffset(user.tz, clock.now()),
  profile: {
    title: user.title,
    real_name: user.realName,
    display_name: user.name,
    real_name_normalized: user.realName,
    display_name_normalized: user.name,
    team: workspace.team.id,
    ...(app.scopes.has('users:read.email') && !user.isBot ? { email: user.email } : {}),
    ...(user.isBot ? { bot_id: app.botId, api_app_id: app.appId } : {}),
  },
  is_admin: user.isAdmin,
  is_owner: false,
  is_primary_owner: false,
  is_restricted: user.isGuest,
  is_ultra_restricted: false,
  is_bot: user.isBot,
  is_app_user: false,
  updated: 0,
});

/** A conversation object as the app sees it. */
export const channelWire = ({ workspace, app }: Part<'workspace' | 'app'>, channel: Channel): Json => {
  const base = {
    id: channel.id,
    created: Math.floor(channel.created / 1000),
    is_archived: channel.archived,
    is_im: channel.kind === 'im',
    is_mpim: channel.kind === 'mpim',
    is_org_shared: false,
    context_team_id: workspace.team.id,
    updated: channel.created,
  };
  if (channel.kind === 'im') {
    const other = [...channel.members].find((id) => id !== app.botUserId) ?? app.botUserId;
    return { ...base, user: other, is_user_deleted: workspace.users.get(other)?.deleted === true, priority: 0 };
  }
  return {
    ...base,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_private: channel.kind !== 'public',
    is_general: channel.name === 'general',
    is_shared: false,
    is_ext_shared: false,
    is_pending_ext_shared: false,
    is_member: channel.members.has(app.botUserId),
    creator: '',
    unlinked: 0,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    previous_names: [],
    num_members: channel.members.size,
  };
};

/** The name that payloads give a conversation. */
export const payloadChannelName = (channel: Channel): string => {
  if (channel.kind === 'public') return channel.name;
  return channel.kind === 'im' ? 'directmessage' : 'privategroup';
};

/** A file object. */
export const fileWire = ({ url }: Part<'url'>, file: StoredFile): Json => ({
  id: file.id,
  created: Math.floor(file.created / 1000),
  timestamp: Math.floor(file.created / 1000),
  name: file.name,
  title: file.title,
  mimetype: mimeType(file.name),
  filetype: extension(file.name),
  user: file.user,
  size: file.bytes?.length ?? 0,
  mode: 'hosted',
  is_external: false,
  is_public: file.channels.length > 0,
  url_private: `${url()}/files-pri/${file.id}/${encodeURIComponent(file.name)}`,
  url_private_download: `${url()}/files-pri/${file.id}/download/${encodeURIComponent(file.name)}`,
  permalink: `${url()}/files/${file.user}/${file.id}`,
  channels: file.channels,
  groups: [],
  ims: [],
  ...(file.altText === '' ? {} : { alt_txt: file.altText }),
});

const extension = (name: string): string => /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? 'text';
const MIME: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  svg: 'image/svg+xml',
  csv: 'text/csv',
  json: 'application/json',
  pdf: 'application/pdf',
  txt: 'text/plain',
};

/** The media type that goes with a file's name. */
export const mimeType = (name: string): string => MIME[extension(name)] ?? 'text/plain';

/** A message object. */
export const messageWire = (
  world: Part<'workspace' | 'app' | 'files' | 'url' | 'messages'>,
  message: Message,
): Json => {
  const { app, workspace } = world;
  const channel = workspace.channels.get(message.channel);
  const replies =
    channel && message.threadTs === undefined
      ? world.messages.thread(channel, message.ts).filter((one) => one.ts !== message.ts)
      : [];
  const shared = message.files.flatMap((id) => world.files.find(id) ?? []);
  const repliers = [...new Set(replies.map((reply) => reply.user))];
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: workspace.team.id,
    ...(message.fromApp
      ? {
          bot_id: app.botId,
          app_id: app.appId,
          bot_profile: {
            id: app.botId,
            app_id: app.appId,
            name: app.name,
            deleted: false,
            updated: 0,
            team_id: workspace.team.id,
          },
        }
      : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(message.edited ? { edited: message.edited } : {}),
    ...(message.metadata ? { metadata: message.metadata } : {}),
    ...(shared.length > 0 ? { files: shared.map((file) => fileWire(world, file)) } : {}),
    ...(message.reactions.length > 0
      ? { reactions: message.reactions.map((one) => ({ ...one, count: one.users.length })) }
      : {}),
    ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(replies.length > 0
      ? {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users_count: repliers.length,
          reply_users: repliers,
          latest_reply: replies.at(-1)?.ts,
        }
      : {}),
  };
};

/** State as payloads carry it: of files the whole objects, where the model has their ids. */
export const stateWire = (world: Part<'files' | 'url'>, values: StateValues): StateValues =>
  Object.fromEntries(
    Object.entries(structuredClone(values)).map(([blockId, block]) => [
      blockId,
      Object.fromEntries(
        Object.entries(block).map(([actionId, value]) => [
          actionId,
          value.type === 'file_input' && Array.isArray(value.files)
            ? { ...value, files: value.files.flatMap((id) => filesOf(world, id)) }
            : value,
        ]),
      ),
    ]),
  );

const filesOf = (world: Part<'files' | 'url'>, id: unknown): Json[] => {
  const file = typeof id === 'string' ? world.files.find(id) : undefined;
  return file ? [fileWire(world, file)] : [];
};

/** A view as interaction payloads and views.* answers carry it (ViewOutput of @slack/bolt). */
export const viewWire = (world: Part<'workspace' | 'app' | 'files' | 'url'>, view: View): Json => ({
  id: view.id,
  team_id: world.workspace.team.id,
  type: view.type,
  blocks: view.blocks,
  private_metadata: view.privateMetadata,
  callback_id: view.callbackId,
  state: { values: stateWire(world, view.values) },
  hash: view.hash,
  title: view.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
  clear_on_close: view.clearOnClose,
  notify_on_close: view.notifyOnClose,
  close: view.close ?? null,
  submit: view.submit ?? null,
  previous_view_id: view.previousViewId ?? null,
  root_view_id: view.rootViewId,
  app_id: world.app.appId,
  external_id: view.externalId,
  app_installed_team_id: world.workspace.team.id,
  bot_id: world.app.botId,
});
