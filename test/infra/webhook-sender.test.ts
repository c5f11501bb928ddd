import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { openRows } from '../../src/infra/sqlite/rows.ts';
import { startSender, type WebhookTarget } from '../../src/infra/webhook/sender.ts';
import { waitUntil } from '../e2e/kit.ts';
import { freePort } from '../kit/free-port.ts';
import { atEnd, database, endAll, keptLog } from './slack/kit.ts';

afterEach(endAll);

interface Receiver {
  readonly url: string;
  readonly got: { readonly body: string; readonly authorization: string | undefined }[];
  /** What it answers with, first to last; then 200. */
  readonly answers: number[];
  readonly open: () => Promise<void>;
}

async function receiver(): Promise<Receiver> {
  const port = await freePort();
  const got: Receiver['got'] = [];
  const answers: number[] = [];
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const status = answers.shift() ?? 200;
      if (status === 200) got.push({ body, authorization: request.headers.authorization });
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end();
    });
  });
  atEnd(() => new Promise((resolve) => server.close(resolve)));
  const open = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${port}/hook`, got, answers, open };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

/** A sender over rows of its own, with a clock that the test moves. */
function run(targets: WebhookTarget[]) {
  const { db } = database();
  const rows = openRows(db, { touchCard: () => undefined, post: () => undefined });
  const log = keptLog();
  const troubles: string[] = [];
  let ahead = 0;
  const start = () => {
    const sender = startSender({
      rows,
      targets: () => targets,
      log,
      onTrouble: (name, why) => void troubles.push(`${name}: ${why}`),
      now: () => Date.now() + ahead,
    });
    atEnd(sender.stop);
    return sender;
  };
  const later = (ms: number) => {
    ahead += ms;
  };
  return { rows, log, troubles, start, later };
}

const tries = (said: readonly string[]) => said.filter((line) => line.includes('can’t be reached')).length;

test('a receiver that is away gets everything afterwards, in order, also after a restart; another one is not held up', async () => {
  const away = await receiver();
  const there = await receiver();
  await there.open();
  const { rows, log, troubles, start, later } = run([
    { name: 'away', url: away.url, token: () => 'secret' },
    { name: 'there', url: there.url, token: () => null },
  ]);
  const bodies = Array.from({ length: 20 }, (_, n) => `{"n":${n}}`);
  for (const body of bodies) for (const name of ['away', 'there']) rows.webhooks.add(name, body, 0);
  const sender = start();
  await waitUntil('the one that is there', () => there.got.length === 20);
  expect(there.got.map(({ body }) => body)).toEqual(bodies);
  expect(there.got[0]?.authorization).toBeUndefined();
  for (let n = 1; n <= 6; n += 1) {
    await waitUntil(`failure ${n}`, () => tries(log.said) >= n);
    later(60_000);
    sender.wake();
  }
  expect(troubles[0]).toMatch(/^away: .*ECONNREFUSED/);
  await sender.stop();
  expect(rows.webhooks.waiting()).toEqual(new Map([['away', 20]]));
  await away.open();
  away.answers.push(503, 401);
  later(60_000);
  const next = start();
  await waitUntil('what waited', () => {
    later(60_000);
    next.wake();
    return away.got.length === 20;
  });
  expect(away.got.map(({ body }) => body)).toEqual(bodies);
  expect(away.got[0]?.authorization).toBe('Bearer secret');
  await waitUntil('an empty queue', () => rows.webhooks.waiting().size === 0);
});

test('what a receiver will never take holds nothing up; another address does not get the token', async () => {
  const hook = await receiver();
  await hook.open();
  hook.answers.push(400, 302);
  const { rows, log, start, later } = run([{ name: 'hook', url: hook.url, token: () => 'secret' }]);
  for (const body of ['bad', 'good']) rows.webhooks.add('hook', body, 0);
  const sender = start();
  await waitUntil('the redirection', () => tries(log.said) === 1);
  later(60_000);
  sender.wake();
  await waitUntil('the good one', () => hook.got.length === 1);
  expect(hook.got[0]?.body).toBe('good');
  expect(log.said[0]).toContain('refused a message, which is dropped {"webhook":"hook","why":"HTTP 400"}');
});

test('a token that is gone for a while loses nothing, and holds up no other', async () => {
  const [mine, other] = [await receiver(), await receiver()];
  for (const each of [mine, other]) await each.open();
  let token: string | null = null;
  const tokenOf = (): string => {
    if (token === null) throw new Error('file:/token is not there');
    return token;
  };
  const { rows, log, start, later } = run([
    { name: 'mine', url: mine.url, token: tokenOf },
    { name: 'other', url: other.url, token: () => null },
  ]);
  for (const name of ['mine', 'other']) rows.webhooks.add(name, '{}', 0);
  const sender = start();
  await waitUntil('the other', () => other.got.length === 1);
  await waitUntil('a failure', () => tries(log.said) === 1);
  expect(log.said[0]).toContain('file:/token is not there');
  token = 'fresh';
  later(60_000);
  sender.wake();
  await waitUntil('mine', () => mine.got.length === 1);
  expect(mine.got[0]?.authorization).toBe('Bearer fresh');
});

test('rows stay bounded, and what waits for a webhook that is no more is dropped', async () => {
  const { rows, log, start } = run([]);
  rows.transaction(() => {
    for (let n = 0; n < 10_003; n += 1) rows.webhooks.add('gone', String(n), 0);
  });
  expect(rows.webhooks.waiting()).toEqual(new Map([['gone', 10_000]]));
  expect(rows.webhooks.first('gone')?.body).toBe('3');
  start();
  await waitUntil('nothing waits', () => rows.webhooks.waiting().size === 0);
  expect(log.said[0]).toContain('"count":10000');
});
