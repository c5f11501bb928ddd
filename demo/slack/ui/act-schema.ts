import { z } from 'zod';
import type { ActRequest, PageMessage, TroubleRequest } from './protocol.ts';

const text = z.string();
const id = z.string().min(1).max(255);
const ts = z.string().regex(/^\d{1,12}\.\d{6}$/, 'must be a ts as in 1700000000.000100');
const value = z.union([text, z.number(), z.array(text), z.null()]);
const draft = z.record(text, value);
const target = z.union([
  z.strictObject({ message: z.strictObject({ channel: id, ts }) }),
  z.strictObject({ view: id }),
  z.strictObject({ home: z.literal(true) }),
]);
const as = id;
const element = { as, target, actionId: id, blockId: id };
const used = { confirmed: z.boolean().exactOptional(), draft: draft.exactOptional() };
const place = { as, channel: id };
const thread = { threadTs: ts.exactOptional() };

/** The body of `POST /ui/act`. */
export const actRequest = z.discriminatedUnion('act', [
  z.strictObject({ ...place, ...thread, act: z.literal('slash'), line: z.string().min(1).max(10_000) }),
  z.strictObject({ ...place, ...thread, act: z.literal('say'), text, broadcast: z.boolean().exactOptional() }),
  z.strictObject({ ...place, act: z.literal('edit'), ts, text }),
  z.strictObject({ ...place, act: z.literal('delete'), ts }),
  z.strictObject({ ...element, ...used, act: z.literal('click') }),
  z.strictObject({ ...element, ...used, act: z.literal('select'), value }),
  z.strictObject({ ...element, act: z.literal('suggest'), text }),
  z.strictObject({ as, act: z.literal('submit'), viewId: id, values: draft }),
  z.strictObject({ as, act: z.literal('close'), viewId: id, all: z.boolean().exactOptional() }),
  z.strictObject({ as, act: z.literal('openHome'), tab: z.enum(['home', 'messages']).exactOptional() }),
  z.strictObject({
    as,
    act: z.literal('shortcut'),
    callbackId: id,
    message: z.strictObject({ channel: id, ts }).exactOptional(),
  }),
  z.strictObject({ ...place, act: z.literal('read'), ts: z.union([ts, z.literal('0')]) }),
  z.strictObject({ ...place, act: z.literal('dismiss'), ts }),
  z.strictObject({ ...place, act: z.literal('react'), ts, name: z.string().regex(/^[a-z0-9_+'-]{1,100}$/) }),
  z.strictObject({ ...place, act: z.literal('join') }),
  z.strictObject({ ...place, act: z.literal('leave') }),
  z.strictObject({ ...place, act: z.literal('invite'), user: id.exactOptional() }),
  z.strictObject({ ...place, act: z.literal('kick'), user: id.exactOptional() }),
  z.strictObject({ ...place, act: z.literal('topic'), topic: z.string().max(250) }),
  z.strictObject({
    as,
    act: z.literal('createChannel'),
    name: z.string().regex(/^[a-z0-9_-]{1,80}$/, 'takes up to 80 small letters, digits, - and _'),
    private: z.boolean().exactOptional(),
  }),
  z.strictObject({ as, act: z.literal('openDm'), users: z.array(id).min(1).max(8) }),
  z.strictObject({
    ...place,
    ...thread,
    act: z.literal('upload'),
    name: id,
    content: z.base64().max(14_000_000),
    text: text.exactOptional(),
  }),
  z.strictObject({ as, act: z.literal('advance'), seconds: z.number().min(0).max(31_536_000) }),
]) satisfies z.ZodType<ActRequest>;

/** What a page says over its WebSocket. */
export const pageMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('watch'), traffic: z.boolean() }),
  z.strictObject({ type: z.literal('more'), channel: id }),
]) satisfies z.ZodType<PageMessage>;

/** The body of `POST /ui/trouble`. */
export const troubleRequest = z.strictObject({
  kind: z.enum(['rate-limit', 'error', 'lost', 'slow', 'down', 'up', 'drop-sockets', 'refresh', 'duplicate', 'clear']),
  method: id.exactOptional(),
  times: z.int().min(1).max(100_000).exactOptional(),
  seconds: z.number().min(0).max(3600).exactOptional(),
  error: z
    .string()
    .regex(/^[a-z_]{1,100}$/)
    .exactOptional(),
  id: id.exactOptional(),
}) satisfies z.ZodType<TroubleRequest>;
