import { z } from 'zod';
import type { Notice } from '../domain/notice.ts';

/** What `hostler run` and a running bot say to each other over the Unix socket: a line of JSON each. */

/** Raised when an older side would misread a newer one. */
export const PROTOCOL = 1;

export const RunRequest = z.strictObject({
  /** What stood after `--`. */
  argv: z.array(z.string().max(20_000)).max(200),
  /** The caller's OS user. Only the bot's own user and root can open the socket, and both could read its database anyway. */
  osUser: z.string().min(1),
  as: z.string().nullable(),
  channel: z.string().nullable(),
  yes: z.boolean(),
  /** There is a terminal to ask at. */
  interactive: z.boolean(),
  /** Waits for a pending approval. */
  wait: z.boolean(),
});
export type RunRequest = z.output<typeof RunRequest>;

export interface RunResult {
  readonly exit: number;
  /** What `--json` prints. */
  readonly document: unknown;
  /** What people read; null where the error says all. */
  readonly notice: Notice | null;
}

export const FromClient = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('run'), protocol: z.number(), request: RunRequest }),
  z.strictObject({ type: z.literal('answer'), yes: z.boolean() }),
  z.strictObject({ type: z.literal('cancel') }),
]);
export type FromClient = z.output<typeof FromClient>;

/** Our own bot made it, of this protocol: that it is an object with a title is looked at, not each part. */
const NoticeIn = z.custom<Notice>(
  (value) => typeof value === 'object' && value !== null && 'title' in value && 'tone' in value,
);

export const FromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('card'), operation: z.string(), notice: NoticeIn }),
  z.object({ type: z.literal('note'), text: z.string() }),
  z.object({ type: z.literal('question'), text: z.string() }),
  z.object({ type: z.literal('result'), exit: z.int(), document: z.unknown(), notice: NoticeIn.nullable() }),
]);
export type FromServer = z.output<typeof FromServer>;
