import { z } from 'zod';

/** Counts up with each change that older files don't fit. */
export const FORMAT = 1;

const json = z.record(z.string(), z.unknown());
const jsons = z.array(json);
const texts = z.array(z.string());

const user = z.strictObject({
  id: z.string(),
  name: z.string(),
  realName: z.string(),
  email: z.string(),
  tz: z.string(),
  title: z.string(),
  isBot: z.boolean(),
  isAdmin: z.boolean(),
  isGuest: z.boolean(),
  deleted: z.boolean(),
});

const message = z.strictObject({
  channel: z.string(),
  ts: z.string(),
  user: z.string(),
  fromApp: z.boolean(),
  fromSlackbot: z.boolean(),
  threadTs: z.string().exactOptional(),
  broadcast: z.boolean(),
  edited: z.strictObject({ user: z.string(), ts: z.string() }).exactOptional(),
  text: z.string(),
  blocks: jsons,
  attachments: jsons,
  metadata: json.exactOptional(),
  files: texts,
  reactions: z.array(z.strictObject({ name: z.string(), users: texts })),
});

const channel = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['public', 'private', 'im', 'mpim']),
  members: texts,
  archived: z.boolean(),
  topic: z.string(),
  created: z.number(),
  messages: z.array(message),
});

const file = z.strictObject({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  altText: z.string(),
  length: z.number(),
  /** base64 */
  bytes: z.string(),
  user: z.string(),
  created: z.number(),
  channels: texts,
  completed: z.boolean(),
});

const stateValue = z.looseObject({ type: z.string() });

const home = z.strictObject({
  id: z.string(),
  user: z.string(),
  type: z.literal('home'),
  blocks: jsons,
  callbackId: z.string(),
  externalId: z.string(),
  privateMetadata: z.string(),
  clearOnClose: z.boolean(),
  notifyOnClose: z.boolean(),
  hash: z.string(),
  rootViewId: z.string(),
  values: z.record(z.string(), z.record(z.string(), stateValue)),
  errors: z.record(z.string(), z.string()),
});

/** What a state file holds. Modals, ephemeral messages and what was still on its way live no longer than the server. */
export const savedState = z.strictObject({
  format: z.literal(FORMAT),
  ids: z.strictObject({ count: z.number(), taken: texts }),
  lastMicros: z.number(),
  users: z.array(user),
  channels: z.array(channel),
  groups: z.array(z.strictObject({ id: z.string(), handle: z.string(), name: z.string(), users: texts })),
  files: z.array(file),
  homes: z.array(home),
  readMarks: z.record(z.string(), z.record(z.string(), z.string())),
});

/** A state file's content. */
export type SavedState = z.infer<typeof savedState>;
