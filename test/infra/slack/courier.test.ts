import { webApi } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import type { ChatServer } from '../../../demo/slack/server.ts';
import type { Notice } from '../../../src/domain/notice.ts';
import { makeChannels } from '../../../src/infra/slack/channels.ts';
import { type Courier, makeCourier } from '../../../src/infra/slack/courier.ts';
import type { Db } from '../../../src/infra/sqlite/database.ts';
import { enqueue, touchCard } from '../../../src/infra/sqlite/outbox.ts';
import { atEnd, chat, database, endAll, quietLog, quietLogger } from './kit.ts';

afterEach(endAll);

const text = (title: string): Notice => ({ tone: 'plain', title });

interface World {
  readonly courier: Courier;
  readonly db: Db;
  /** What the cards show. */
  readonly cards: Map<string, Notice>;
  readonly show: (operationId: string, notice: Notice, wanted?: string, otherwise?: string) => void;
  readonly say: (key: string, notice?: Notice, to?: string, under?: string) => void;
}

function run(server: ChatServer, db: Db, cards = new Map<string, Notice>()): World {
  const client = new webApi.WebClient(server.env.SLACK_BOT_TOKEN, {
    slackApiUrl: server.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quietLogger,
  });
  const courier = makeCourier({
    db,
    client,
    channels: makeChannels(client),
    render: (id) => cards.get(id) ?? null,
    drawChart: async () => Promise.reject(new Error('no chart here')),
    adminChannel: () => 'admins',
    log: quietLog,
  });
  courier.start();
  atEnd(courier.stop);
  return {
    courier,
    db,
    cards,
    show: (operationId, notice, wanted = 'C0TEAM01', otherwise) => {
      cards.set(operationId, notice);
      touchCard(db, operationId, wanted, otherwise ?? null);
      courier.wake();
    },
    say: (key, notice = text(key), to = 'team-01', under) => {
      enqueue(db, { key, to, underOperation: under ?? null, notice });
      courier.wake();
    },
  };
}

const texts = (server: ChatServer, channel = 'team-01'): string[] => server.messages(channel).map((one) => one.text);

test('a card is posted once, edited in place, and a reply stands under it', async () => {
  const server = await chat();
  const { db } = database();
  const { show, say } = run(server, db);
  say('end', { tone: 'good', title: '', lines: [[{ person: 'alice', slack: 'U0ALICE' }, ' done']] }, 'team-01', 'op_1');
  show('op_1', { tone: 'busy', title: 'one' });
  const card = await server.waitFor(() => server.messages('team-01')[0]);
  show('op_1', { tone: 'good', title: 'two' });
  const reply = await server.waitFor(() => server.messages('team-01').find((one) => one.threadTs === card.ts));
  expect(reply.text).toBe('✅ <@U0ALICE> done');
  await server.waitFor(() => texts(server).includes('✅ two'));
  expect(server.messages('team-01')).toHaveLength(2);
  await server.waitFor(() => db.prepare('select permalink from card').pluck().get() !== null);
});

test('edits of a busy card are coalesced; its end shows at once', async () => {
  const server = await chat();
  const { db } = database();
  const { show } = run(server, db);
  show('op_1', { tone: 'busy', title: 'n0' });
  await server.waitFor(() => server.messages('team-01')[0]);
  const before = Date.now();
  for (let n = 1; n <= 50; n += 1) {
    show('op_1', { tone: 'busy', title: `n${n}` });
    await new Promise(setImmediate);
  }
  show('op_1', { tone: 'good', title: 'end' });
  await server.waitFor(() => texts(server)[0] === '✅ end');
  expect(Date.now() - before).toBeLessThan(900);
  expect(server.traffic.calls('chat.update').length).toBeLessThanOrEqual(2);
});

test('in order for each place, within Slack’s rate, and one slow place holds no other', async () => {
  const server = await chat({ rateLimits: { channelBurst: 1 } });
  server.addChannel({ name: 'other', members: ['alice', 'hostler'] });
  const { db } = database();
  const { say } = run(server, db);
  const keys = Array.from({ length: 5 }, (_, n) => `m${n}`);
  for (const key of keys) say(key);
  say('x', text('x'), 'other');
  await server.waitFor(() => texts(server, 'other').length === 1, { deadline: 900 });
  await server.waitFor(() => texts(server).length === 5, { deadline: 12_000 });
  expect(texts(server)).toEqual(keys);
}, 15_000);

test('Retry-After is waited for, and then it goes on', async () => {
  const server = await chat();
  const { db } = database();
  const { say } = run(server, db);
  server.trouble.next('chat.postMessage', { status: 429, retryAfter: 1 });
  const before = Date.now();
  say('a');
  say('b');
  await server.waitFor(() => texts(server).length === 2);
  expect(texts(server)).toEqual(['a', 'b']);
  expect(Date.now() - before).toBeGreaterThanOrEqual(1000);
  expect(server.traffic.calls('chat.postMessage')).toHaveLength(3);
});

test.each(['invalid_blocks', 'msg_blocks_too_long'])('refused blocks (%s) go as plain words', async (error) => {
  const server = await chat();
  const { db } = database();
  const { say, show } = run(server, db);
  server.trouble.next('chat.postMessage', { error });
  say('a', { tone: 'bad', title: 'Disk full', facts: [{ name: 'Host', value: 'kvm-1' }] });
  const message = await server.waitFor(() => server.messages('team-01')[0]);
  expect(message).toMatchObject({ text: '❌ Disk full\nHost: kvm-1', blocks: [] });
  show('op_1', text('card'));
  await server.waitFor(() => texts(server).includes('card'));
  server.trouble.next('chat.update', { error });
  show('op_1', text('card, edited'));
  await server.waitFor(() => texts(server).includes('card, edited'));
});

test('what can’t be delivered is given up, and the admins hear of it once', async () => {
  const server = await chat();
  const { db } = database();
  const { say } = run(server, db);
  say('a', text('a'), 'nowhere');
  say('b', text('b'), 'nowhere');
  say('c');
  await server.waitFor(() => texts(server, 'admins').length > 0);
  await server.waitFor(() => texts(server).length === 1);
  await server.waitFor(() => db.prepare("select count(*) from outbox where state = 'waiting'").pluck().get() === 0);
  expect(texts(server, 'admins')).toHaveLength(1);
  expect(texts(server, 'admins')[0]).toContain('To nowhere: Slack says channel_not_found');
  expect(db.prepare("select key from outbox where state = 'undeliverable'").pluck().all()).toEqual(['a', 'b']);
});

test('a card for a channel without Hostler goes to its requester', async () => {
  const server = await chat();
  const { db } = database();
  const { show, say } = run(server, db);
  show('op_1', text('plan'), server.workspace.channel('private').id, '@U0ALICE');
  say('end', text('done'), server.workspace.channel('private').id, 'op_1');
  const [card, reply] = await server.waitFor(() => {
    const said = server.directMessages('alice');
    return said.length === 2 && said;
  });
  expect(card?.text).toBe('plan');
  expect(reply).toMatchObject({ text: 'done', threadTs: card?.ts });
  expect(texts(server, 'admins')).toEqual([]);
});

test('Slack down: everything waits, a restart too, and each comes once and in order', async () => {
  const server = await chat();
  const first = database();
  const { courier, show, say, cards } = run(server, first.db);
  server.trouble.down(true);
  show('op_1', text('card'));
  say('a');
  say('b');
  await server.waitFor(() => server.traffic.entries().length > 0 && courier.health().trouble !== null, {
    what: 'a failed try',
  });
  await courier.stop();
  // The next try waits: what failed wrote down when it goes again.
  const waits = first.db.prepare('select attempts > 0 and next_at > 0 from card').pluck().get();
  expect(waits).toBe(1);
  first.db.close();
  server.trouble.down(false);
  const { courier: next } = run(server, database(first.folder).db, cards);
  await server.waitFor(() => texts(server).length === 3, { deadline: 8000 });
  // A card keeps no order with messages that don't stand under it.
  expect(texts(server).filter((one) => one !== 'card')).toEqual(['a', 'b']);
  await server.waitFor(() => next.health().waiting === 0);
  expect(next.health()).toEqual({ waiting: 0, trouble: null });
});

test('a card that somebody deleted is posted anew', async () => {
  const server = await chat();
  const { db } = database();
  const { show } = run(server, db);
  show('op_1', text('one'));
  await server.waitFor(() => texts(server).length === 1);
  server.trouble.next('chat.update', { error: 'message_not_found' });
  show('op_1', text('two'));
  await server.waitFor(() => texts(server).length === 2);
  expect(texts(server)).toEqual(['one', 'two']);
});

test('long output follows as a file in the thread, once', async () => {
  const server = await chat();
  const { db } = database();
  const { show } = run(server, db);
  const output = Array.from({ length: 500 }, (_, n) => `command ${n}`).join('\n');
  const card = (title: string): Notice => ({ tone: 'good', title, code: { label: 'Commands', text: output } });
  show('op_1', card('one'));
  await server.waitFor(() => server.files()[0]?.completed);
  show('op_1', card('two'));
  await server.waitFor(() => texts(server)[0]?.startsWith('✅ two'));
  expect(server.files()).toHaveLength(1);
  expect(server.files()[0]?.bytes?.toString()).toBe(output);
  const [shown, file] = server.messages('team-01');
  expect(file?.threadTs).toBe(shown?.ts);
});
