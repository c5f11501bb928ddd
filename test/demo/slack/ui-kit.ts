/** A page of the chat server without a browser: its WebSocket, kept as the page keeps it, and its acts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { ChatServer, ChatServerOptions } from '../../../demo/slack/server.ts';
import type { Act, PageMessage, Patch, StateAnswer, TroubleRequest } from '../../../demo/slack/ui/protocol.ts';
import { chat } from './kit.ts';

const loose = z.record(z.string(), z.any());
const patch = z.strictObject({ set: loose, del: z.array(z.string()), at: z.number() } satisfies Record<
  keyof Patch,
  z.ZodType
>);
const state = z.strictObject({ at: z.number(), entities: loose } satisfies Record<keyof StateAnswer, z.ZodType>);
type Loose = z.infer<typeof loose>;

const ends: (() => unknown)[] = [];

/** Ends what a test has opened here; to be called after each. */
export const closePages = async (): Promise<void> => {
  for (const end of ends.splice(0).reverse()) await end();
};

/** A folder of its own, gone after the test. */
export const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'chat-page-'));
  ends.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** A chat server with a page, of which index.html and one script are there. */
export const pageChat = async (options: ChatServerOptions = {}): Promise<ChatServer> => {
  const built = folder();
  writeFileSync(join(built, 'index.html'), '<!doctype html><title>Chat</title>');
  return chat({ page: { folder: built }, ...options });
};

/** An open page. */
export interface OpenPage {
  /** By key, as patched so far. */
  store: Map<string, Loose>;
  /** The keys of each patch, in order. */
  patches: { set: string[]; del: string[] }[];
  /** Resolves with what `read` gives as soon as that is something. */
  until<T>(read: (store: Map<string, Loose>) => T | undefined | null | false): Promise<T>;
  send(message: PageMessage): void;
  close(): void;
}

/** Opens a page as somebody, and waits for the first patch. */
export const openPage = async (server: ChatServer, as: string): Promise<OpenPage> => {
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}/ui/ws?as=${as}`);
  const store = new Map<string, Loose>();
  const patches: OpenPage['patches'] = [];
  ws.on('message', (data) => {
    const { set, del } = patch.parse(JSON.parse(data.toString()));
    for (const [key, entity] of Object.entries(set)) store.set(key, loose.parse(entity));
    for (const key of del) store.delete(key);
    patches.push({ set: Object.keys(set), del });
  });
  ends.push(() => ws.terminate());
  const until: OpenPage['until'] = (read) => server.waitFor(() => read(store), { what: `the page of ${as}` });
  await until(() => patches.length > 0);
  return { store, patches, until, send: (message) => ws.send(JSON.stringify(message)), close: () => ws.close() };
};

const answer = z.looseObject({
  ok: z.boolean(),
  receipt: loose.optional(),
  error: z.object({ message: z.string(), fields: z.record(z.string(), z.string()).optional() }).optional(),
  active: z.array(loose).optional(),
});

/** Posts JSON to the page's half of the server. */
export const post = async (server: ChatServer, path: 'act' | 'trouble', body: object) => {
  const response = await fetch(`${server.url}/ui/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...answer.parse(await response.json()) };
};

/** Does something as somebody. */
export const act = (server: ChatServer, as: string, what: Act) => post(server, 'act', { as, ...what });

/** Makes something go wrong. */
export const trouble = (server: ChatServer, what: TroubleRequest) => post(server, 'trouble', what);

/** The whole store of somebody. */
export const stateOf = async (server: ChatServer, as: string, query = ''): Promise<Loose> => {
  const response = await fetch(`${server.url}/ui/state?as=${as}${query}`);
  return state.parse(await response.json()).entities;
};
