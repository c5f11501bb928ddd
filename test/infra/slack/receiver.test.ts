import type { App } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import { inboxRows } from '../../../src/infra/sqlite/inbox.ts';
import { atEnd, chat, database, endAll, keptLog, start } from './kit.ts';

afterEach(endAll);

/** Acks at once and counts what was done, by the text of the command. */
function counting(): { readonly wire: (app: App) => void; readonly done: string[] } {
  const done: string[] = [];
  return {
    done,
    wire: (app) => {
      app.command(/.*/, async ({ ack, command }) => {
        await ack();
        done.push(command.text);
      });
    },
  };
}

test('refreshes lose no command, and there is always an ear', async () => {
  const server = await chat({ rateLimits: false });
  const { wire, done } = counting();
  const { receiver } = await start(server, wire, database());
  const alice = server.as('alice');
  let deaf = 0;
  const watch = setInterval(() => {
    if (!server.sockets().some((socket) => !socket.leaving)) deaf += 1;
  }, 2);
  atEnd(() => clearInterval(watch));
  const results: string[] = [];
  for (let n = 0; n < 120; n += 1) {
    if (n % 20 === 5) server.trouble.refresh({ closeAfter: 30 });
    results.push((await alice.slash('team-01', `/vm n${n}`)).outcome);
  }
  await server.waitFor(() => done.length === 120, { what: 'all commands done' });
  expect(new Set(results)).toEqual(new Set(['acked']));
  expect(new Set(done).size).toBe(120);
  expect(deaf).toBe(0);
  expect(server.traffic.calls('apps.connections.open').length).toBeGreaterThanOrEqual(8);
  await server.waitFor(() => receiver.health()?.open === 2, { what: 'two sockets again' });
});

test('sockets that are cut come back, though Slack is down for a while', async () => {
  const server = await chat();
  const { wire, done } = counting();
  const log = keptLog();
  const { receiver } = await start(server, wire, { ...database(), log });
  server.trouble.down(true);
  await server.waitFor(() => receiver.health()?.open === 0 && log.said.length > 2, { what: 'no socket' });
  expect(receiver.health()?.trouble).not.toBeNull();
  server.trouble.down(false);
  await server.waitFor(() => receiver.health()?.open === 2, { what: 'two sockets again' });
  expect(receiver.health()).toMatchObject({ open: 2, wanted: 2, trouble: null });
  expect((await server.as('alice').slash('team-01', '/vm list')).outcome).toBe('acked');
  await server.waitFor(() => done.length === 1);
});

test('Retry-After of apps.connections.open is honoured', async () => {
  const server = await chat();
  const { wire } = counting();
  const { receiver } = await start(server, wire, database());
  server.trouble.next('apps.connections.open', { status: 429, retryAfter: 1, times: 2 });
  const before = Date.now();
  server.trouble.dropSockets();
  await server.waitFor(() => receiver.health()?.open === 0, { what: 'no socket' });
  await server.waitFor(() => receiver.health()?.open === 2, { what: 'two sockets again', deadline: 10_000 });
  expect(Date.now() - before).toBeGreaterThanOrEqual(1000);
  expect(server.traffic.calls('apps.connections.open').length).toBeLessThanOrEqual(7);
});

test('too many sockets: it waits long before it tries again, and says so', async () => {
  const server = await chat();
  const { wire } = counting();
  for (let n = 0; n < 5; n += 1) await start(server, wire, database());
  const before = server.traffic.calls('apps.connections.open').length;
  const log = keptLog();
  await expect(start(server, wire, { ...database(), log, patience: 1000 })).rejects.toThrow('two sockets');
  expect(log.said.join()).toContain('too_many_websockets');
  expect(server.traffic.calls('apps.connections.open').length - before).toBeLessThanOrEqual(2);
  expect(server.sockets()).toHaveLength(10);
});

test('a socket that has gone silent is cut and replaced', async () => {
  const server = await chat();
  const { wire } = counting();
  const log = keptLog();
  // Everything counts as silence here: the server's pongs come within that time only when it is well.
  const { receiver } = await start(server, wire, { ...database(), log, times: { pingMs: 40, silentMs: 5 } });
  await server.waitFor(() => log.said.some((line) => line.includes('silent')), { what: 'the watchdog' });
  await server.waitFor(() => server.sockets().some((socket) => socket.n > 2), { what: 'a new socket' });
  expect(receiver.health()?.wanted).toBe(2);
});

test('a wrong app token ends the start with what to do', async () => {
  const server = await chat({ appToken: 'xapp-other' });
  const broken = { ...server, env: { ...server.env, SLACK_APP_TOKEN: 'xapp-wrong' } };
  await expect(start(broken, () => undefined, database())).rejects.toMatchObject({
    code: 'invalid_config',
    message: 'Slack refused SLACK_APP_TOKEN: invalid_auth',
  });
  const bot = { ...server, env: { ...server.env, SLACK_APP_TOKEN: server.env.SLACK_BOT_TOKEN } };
  await expect(start(bot, () => undefined, database())).rejects.toMatchObject({
    message: 'SLACK_APP_TOKEN holds a token of another kind',
  });
});

test.each(['socket', 'http'] as const)('over %s: on disk before the ack; a redelivery is done once', async (mode) => {
  const server = await chat();
  const { db } = database();
  const { wire, done } = counting();
  await start(server, wire, { db, mode });
  server.trouble.duplicate('slash_commands');
  const { outcome } = await server.as('alice').slash('team-01', '/vm create web-01');
  expect(outcome).toBe('acked');
  await server.waitFor(() => done.length > 0);
  await server.as('alice').slash('team-01', '/vm two');
  await server.waitFor(() => done.length > 1);
  expect(done).toEqual(['create web-01', 'two']);
  expect(db.prepare('select count(*) from inbox').pluck().get()).toBe(2);
  await server.waitFor(() => inboxRows(db).open().length === 0, { what: 'all done' });
  // Nothing else was asked of Slack on the way, whose failure could be nobody's.
  expect(server.traffic.calls('auth.test')).toEqual([]);
});

test('without its row on disk nothing is acked, and nothing done', async () => {
  const server = await chat();
  const { db } = database();
  const { wire, done } = counting();
  const log = keptLog();
  await start(server, wire, { db, log });
  db.exec("create trigger full before insert on inbox begin select raise(abort, 'database or disk is full'); end");
  const { outcome } = await server.as('alice').slash('team-01', '/vm create web-01');
  expect(outcome).toBe('operation_timeout');
  expect(done).toEqual([]);
  expect(log.said.join()).toContain('disk is full');
});

test('what was acked and not done is done after a restart, once', async () => {
  const server = await chat();
  const first = database();
  const died = await start(
    server,
    (app) => {
      app.command('/vm', async ({ ack }) => {
        await ack();
        await new Promise(() => undefined); // the process dies here
      });
    },
    first,
  );
  expect((await server.as('alice').slash('team-01', '/vm create web-01')).outcome).toBe('acked');
  await died.stop();
  first.db.close();
  const second = database(first.folder);
  const { wire, done } = counting();
  const again = await start(server, wire, second);
  await server.waitFor(() => done.length === 1);
  await server.waitFor(() => inboxRows(second.db).open().length === 0, { what: 'row done' });
  await again.stop();
  await start(server, wire, second);
  expect(done).toEqual(['create web-01']);
});

test('a submission delivered twice is answered twice with the same', async () => {
  const server = await chat();
  let seen = 0;
  await start(
    server,
    (app) => {
      app.command('/vm', async ({ ack, client, command }) => {
        await ack();
        const input = { type: 'plain_text_input' as const, action_id: 'v' };
        await client.views.open({
          trigger_id: command.trigger_id,
          view: {
            type: 'modal',
            callback_id: 'form',
            title: { type: 'plain_text', text: 'Form' },
            submit: { type: 'plain_text', text: 'Go' },
            blocks: [{ type: 'input', block_id: 'name', label: { type: 'plain_text', text: 'Name' }, element: input }],
          },
        });
      });
      app.view('form', async ({ ack }) => {
        seen += 1;
        await ack({ response_action: 'errors', errors: { name: 'No' } });
      });
    },
    database(),
  );
  const alice = server.as('alice');
  await alice.slash('team-01', '/vm create');
  const view = await server.waitFor(() => server.views('alice')[0]);
  server.trouble.duplicate('interactive');
  const result = await alice.submit(view, { name: 'x' });
  expect(result.errors).toEqual({ name: 'No' });
  expect(seen).toBe(1);
  const answers = await server.waitFor(() => {
    const acks = server.traffic.entries().filter((entry) => entry.kind === 'ack' && entry.name === 'interactive');
    return acks.length === 2 && acks;
  });
  expect(answers[1]?.sent).toEqual(answers[0]?.sent);
});

test('over HTTP a wrong signature is refused', async () => {
  const server = await chat();
  const { wire, done } = counting();
  await start(server, wire, { ...database(), mode: 'http', signingSecret: 'another' });
  expect((await server.as('alice').slash('team-01', '/vm list')).outcome).toBe('http_client_error');
  expect(done).toEqual([]);
});
