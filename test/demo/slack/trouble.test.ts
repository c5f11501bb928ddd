import { WebClient } from '@slack/web-api';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { manualClock } from '../../../demo/slack/clock.ts';
import { buttonBlocks, chat, silent, socketApp, stopAll } from './kit.ts';

afterEach(stopAll);

test('a refresh: the app comes back on a new socket', async () => {
  const server = await chat();
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack }) => ack());
  });
  expect(server.sockets().map((one) => one.n)).toEqual([1]);
  expect(server.trouble.refresh()).toBe(true);
  await server.waitFor(() => server.sockets().some((one) => one.n === 2 && !one.leaving));
  await server.waitFor(() => server.sockets().length === 1);
  expect((await server.as('alice').slash('ops', '/vm')).outcome).toBe('acked');
});

test('dropped sockets: commands fail until the app is back', async () => {
  const server = await chat();
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack }) => ack());
  });
  expect(server.trouble.dropSockets()).toBe(1);
  await server.waitFor(() => server.sockets().length === 0);
  expect((await server.as('alice').slash('ops', '/vm')).outcome).toBe('dispatch_failed');
  await server.waitFor(() => server.sockets().length === 1);
  expect((await server.as('alice').slash('ops', '/vm')).outcome).toBe('acked');
});

test('two apps share the envelopes; a duplicate reaches both under one id', async () => {
  const server = await chat();
  const seen: string[] = [];
  for (const name of ['a', 'b']) {
    await socketApp(server, (app) => {
      app.command('/vm', async ({ ack, command }) => {
        seen.push(`${name} ${command.text}`);
        await ack();
      });
    });
  }
  const alice = server.as('alice');
  await alice.slash('ops', '/vm 1');
  await alice.slash('ops', '/vm 2');
  expect(seen.map((one) => one.slice(0, 1)).sort()).toEqual(['a', 'b']);
  server.trouble.duplicate();
  const { id } = await alice.slash('ops', '/vm twice');
  await server.waitFor(() => seen.length === 4);
  expect(seen.slice(2).sort()).toEqual(['a twice', 'b twice']);
  const acks = () => server.traffic.entries().filter((one) => one.kind === 'ack' && one.envelopeId === id);
  await server.waitFor(() => acks().length === 2);
});

test('an ack after three seconds is too late', async () => {
  const clock = manualClock();
  const server = await chat({ clock });
  let late: (() => Promise<void>) | undefined;
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack }) => {
      late = () => ack('late');
    });
  });
  const result = server.as('alice').slash('ops', '/vm');
  const ackLate = await server.waitFor(() => late);
  clock.advance(3000);
  const receipt = await result;
  expect(receipt.complaint?.text).toBe('/vm failed with the error "operation_timeout"');
  clock.advance(500);
  await ackLate();
  await server.waitFor(() => receipt.ackMs);
  expect([receipt.ackMs, receipt.response]).toEqual([3500, undefined]);
  expect(server.ephemerals('alice')).toHaveLength(1);
});

test('an event that is not acked comes again at once, after one minute and after five; a command does not', async () => {
  const clock = manualClock();
  const server = await chat({ clock });
  const retries: unknown[] = [];
  await socketApp(server, (app) => {
    app.use(async ({ context, body }) => {
      // no next(): nothing acks
      if (body.type === 'event_callback') retries.push(context.retryNum);
    });
  });
  const opened = server.as('alice').openHome();
  for (const [count, wait] of [
    [1, 3000],
    [2, 3000],
    [3, 3000],
  ] as const) {
    await server.waitFor(() => server.traffic.entries().filter((one) => one.kind === 'envelope').length === count);
    clock.advance(wait);
    await Promise.resolve();
    await new Promise(setImmediate);
    clock.advance([0, 60_000, 300_000][count - 1] ?? 0);
  }
  await opened;
  await server.waitFor(() => server.traffic.entries().filter((one) => one.kind === 'envelope').length === 4);
  const sent = server.traffic.entries().filter((one) => one.kind === 'envelope');
  expect(sent.map((one) => one.at - (sent[0]?.at ?? 0))).toEqual([0, 3000, 66_000, 369_000]);
});

test('the next call of a method: 429, an error, a lost answer', async () => {
  const server = await chat();
  const client = new WebClient(server.env.SLACK_BOT_TOKEN, {
    slackApiUrl: server.apiUrl,
    logger: silent,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  const post = (text: string) => client.chat.postMessage({ channel: 'C0OPS', text });
  server.trouble.next('chat.postMessage', { status: 429, retryAfter: 7 });
  await expect(post('a')).rejects.toMatchObject({ retryAfter: 7 });
  server.trouble.next('chat.postMessage', { error: 'fatal_error' });
  await expect(post('b')).rejects.toThrow('fatal_error');
  server.trouble.next('chat.postMessage', { status: 503 });
  await expect(post('c')).rejects.toThrow('503');
  server.trouble.next('chat.postMessage', { lost: true });
  await expect(post('lost but there')).rejects.toThrow();
  server.trouble.down(true);
  await expect(post('d')).rejects.toThrow();
  server.trouble.down(false);
  await post('e');
  expect(server.messages('ops').map((one) => one.text)).toEqual(['lost but there', 'e']);
});

test('rate limits: one message a second a channel once the burst is used', async () => {
  const clock = manualClock();
  const server = await chat({ clock, rateLimits: { channelBurst: 2 } });
  server.addChannel({ name: 'dev', members: ['hostler'] });
  const client = new WebClient(server.env.SLACK_BOT_TOKEN, {
    slackApiUrl: server.apiUrl,
    rejectRateLimitedCalls: true,
  });
  const post = (channel: string) => client.chat.postMessage({ channel, text: 'x' });
  await post('C0OPS');
  await post('C0OPS');
  await expect(post('C0OPS')).rejects.toMatchObject({ retryAfter: 1 });
  await post('C0DEV');
  clock.advance(1000);
  await post('C0OPS');
});

test('an eleventh socket is turned away', async () => {
  const server = await chat();
  await Promise.all(Array.from({ length: 10 }, () => socketApp(server, () => undefined)));
  const client = new WebClient(server.env.SLACK_APP_TOKEN, { slackApiUrl: server.apiUrl });
  const { url = '' } = await client.apps.connections.open();
  const first = await new Promise((resolve) => {
    new WebSocket(url).once('message', (data) => resolve(JSON.parse(data.toString())));
  });
  expect(first).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
});

test('a click on a message with an app that is away', async () => {
  const server = await chat();
  const client = new WebClient(server.env.SLACK_BOT_TOKEN, { slackApiUrl: server.apiUrl });
  await client.chat.postMessage({ channel: 'C0OPS', text: 'x', blocks: JSON.parse(JSON.stringify(buttonBlocks())) });
  const [message] = server.messages('ops');
  if (!message) throw new Error('nothing was posted');
  expect((await server.as('bob').click(message, 'go')).outcome).toBe('dispatch_failed');
});

test('an event on a socket that goes away is sent again on the other, the same event in a new envelope', async () => {
  const server = await chat();
  const client = new WebClient(server.env.SLACK_APP_TOKEN, { slackApiUrl: server.apiUrl });
  type Envelope = { type: string; envelope_id: string; retry_attempt: number; payload: { event_id: string } };
  const got: Envelope[] = [];
  for (let n = 0; n < 2; n += 1) {
    const { url = '' } = await client.apps.connections.open();
    const socket = new WebSocket(url);
    socket.on('message', (data) => {
      const message: Envelope = JSON.parse(data.toString());
      if (message.type !== 'events_api') return;
      got.push(message);
      if (got.length === 1) socket.terminate();
      else socket.send(JSON.stringify({ envelope_id: message.envelope_id, payload: {} }));
    });
  }
  await server.waitFor(() => server.sockets().length === 2);
  expect((await server.as('alice').openHome())?.outcome).toBe('dispatch_failed');
  await server.waitFor(() => got.length === 2);
  expect(got.map((one) => one.retry_attempt)).toEqual([0, 1]);
  expect(got[1]?.payload.event_id).toBe(got[0]?.payload.event_id);
  expect(got[1]?.envelope_id).not.toBe(got[0]?.envelope_id);
});

test('slow answers and calls cut short', async () => {
  const clock = manualClock();
  const server = await chat({ clock });
  const options = { slackApiUrl: server.apiUrl, logger: silent, retryConfig: { retries: 0 } };
  const client = new WebClient(server.env.SLACK_BOT_TOKEN, options);
  server.trouble.next('chat.postMessage', { cut: true });
  await expect(client.chat.postMessage({ channel: 'C0OPS', text: 'never' })).rejects.toThrow();
  server.trouble.slow(2000);
  let answered = false;
  const call = client.auth.test().then(() => {
    answered = true;
  });
  await server.waitFor(() => {
    clock.advance(100);
    return answered;
  });
  await call;
  expect(server.traffic.calls('auth.test')[0]?.ms).toBeGreaterThanOrEqual(2000);
  expect(server.messages('ops')).toEqual([]);
});
