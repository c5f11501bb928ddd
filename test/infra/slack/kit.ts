/** A chat server, a database in a folder of its own, and a real Bolt app over our receivers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Logger, LogLevel } from '@slack/bolt';
import { type ChatServer, type ChatServerOptions, startChatServer } from '../../../demo/slack/server.ts';
import { makeIntake } from '../../../src/infra/slack/intake.ts';
import { type HostlerReceiver, httpReceiver, socketReceiver } from '../../../src/infra/slack/receiver.ts';
import type { SocketTimes } from '../../../src/infra/slack/sockets.ts';
import { type Db, openDatabase } from '../../../src/infra/sqlite/database.ts';
import { makeGroupCommit } from '../../../src/infra/sqlite/group-commit.ts';
import { inboxRows } from '../../../src/infra/sqlite/inbox.ts';
import type { Log } from '../../../src/operations/ports.ts';

const ends: (() => unknown)[] = [];
const noop = (): void => undefined;

/** Ends everything that a test began, last first. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

export function atEnd(end: () => unknown): void {
  ends.push(end);
}

export const quietLog: Log = { debug: noop, info: noop, warn: noop, error: noop };

/** Keeps what was logged at warn and above. */
export function keptLog(): Log & { readonly said: string[] } {
  const said: string[] = [];
  const keep = (message: string, data?: Record<string, unknown>): void => {
    said.push(`${message} ${JSON.stringify(data ?? {})}`);
  };
  return { debug: noop, info: noop, warn: keep, error: keep, said };
}

export const quietLogger: Logger = {
  debug: noop,
  info: noop,
  warn: noop,
  error: noop,
  setLevel: noop,
  getLevel: () => LogLevel.ERROR,
  setName: noop,
};

/** A chat server with alice, bob and carol in #team-01, and the bot too; #private is a channel that the bot isn't in. */
export async function chat(options: ChatServerOptions = {}): Promise<ChatServer> {
  const server = await startChatServer(options);
  atEnd(server.close);
  for (const name of ['alice', 'bob', 'carol']) server.addUser({ name });
  server.addChannel({ name: 'team-01', members: ['alice', 'bob', 'carol', 'hostler'] });
  server.addChannel({ name: 'admins', members: ['carol', 'hostler'] });
  server.addChannel({ name: 'private', kind: 'private', members: ['alice', 'bob'] });
  return server;
}

/** A database of this version in a new folder; the same again with the same folder. */
export function database(folder?: string): { readonly db: Db; readonly folder: string } {
  const at = folder ?? mkdtempSync(join(tmpdir(), 'hostler-slack-'));
  if (folder === undefined) atEnd(() => rmSync(at, { recursive: true, force: true }));
  const db = openDatabase(join(at, 'hostler.db'));
  atEnd(() => db.close());
  return { db, folder: at };
}

export interface Started {
  readonly app: App;
  readonly receiver: HostlerReceiver;
  readonly stop: () => Promise<void>;
}

const FAST: Partial<SocketTimes> = { pingMs: 100, silentMs: 500, drainMs: 1000, retryMs: [20, 200] };

interface StartOptions {
  readonly db: Db;
  readonly mode?: 'socket' | 'http';
  readonly times?: Partial<SocketTimes>;
  readonly log?: Log;
  readonly signingSecret?: string;
  /** How long the two sockets may take, ms. */
  readonly patience?: number;
}

/** A Bolt app over our receiver; `wire` adds the listeners. */
export async function start(server: ChatServer, wire: (app: App) => void, options: StartOptions): Promise<Started> {
  const log = options.log ?? quietLog;
  const clientOptions = { slackApiUrl: server.apiUrl, logger: quietLogger, retryConfig: { retries: 0 } };
  const intake = makeIntake({
    inbox: inboxRows(options.db),
    commit: makeGroupCommit(options.db),
    log,
    now: Date.now,
  });
  const receiver =
    options.mode === 'http'
      ? httpReceiver({
          signingSecret: options.signingSecret ?? server.env.SLACK_SIGNING_SECRET,
          port: 0,
          intake,
          logger: quietLogger,
          onListening: (port) => server.deliverTo(`http://127.0.0.1:${port}/slack/events`),
        })
      : socketReceiver({
          appToken: server.env.SLACK_APP_TOKEN,
          clientOptions: { ...clientOptions, rejectRateLimitedCalls: true },
          intake,
          log,
          times: { ...FAST, ...options.times },
        });
  const app = new App({
    // As the product does. With `token` alone Bolt asks `auth.test` at once and hears the answer only in a handler: where that call
    // fails before, the rejection is nobody's and ends the process.
    authorize: async () => ({ botToken: server.env.SLACK_BOT_TOKEN }),
    receiver,
    clientOptions,
    logger: quietLogger,
  });
  wire(app);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await receiver.stop();
    await intake.settled(2000);
  };
  atEnd(stop);
  await receiver.start();
  await intake.replay();
  if (options.mode !== 'http')
    await server.waitFor(() => receiver.health()?.open === 2, {
      what: 'two sockets',
      deadline: options.patience ?? 5000,
    });
  return { app, receiver, stop };
}
