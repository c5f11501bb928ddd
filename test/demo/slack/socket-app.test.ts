import { afterEach, expect, test } from 'vitest';
import { buttonBlocks, chat, MANIFEST, socketApp, stopAll } from './kit.ts';

afterEach(stopAll);

test('a slash command is acked, answered in the channel and edited', async () => {
  const server = await chat();
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack, client, command }) => {
      await ack();
      const posted = await client.chat.postMessage({ channel: command.channel_id, text: `planning ${command.text}` });
      await client.chat.update({ channel: command.channel_id, ts: posted.ts ?? '', text: 'done' });
    });
  });
  const result = await server.as('alice').slash('#ops', '/vm create web-01 for @bob & co');
  expect(result.outcome).toBe('acked');
  expect(result.ackMs).toBeLessThan(3000);
  const card = await server.waitFor(() => server.messages('ops').find((one) => one.text === 'done'));
  expect(card.revisions.map((one) => one.text)).toEqual(['planning create web-01 for <@U0BOB|bob> &amp; co']);
});

test('text in the ack of a command is for its user only; respond works five times', async () => {
  const server = await chat();
  const statuses: unknown[] = [];
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack, respond }) => {
      await ack('got it');
      for (let n = 1; n <= 6; n += 1) {
        await respond({ text: `r${n}`, response_type: n === 1 ? 'in_channel' : 'ephemeral' }).then(
          () => statuses.push('ok'),
          (error: { statusCode?: number; message: string }) => statuses.push(error.message),
        );
      }
    });
  });
  await server.as('alice').slash('ops', '/vm');
  await server.waitFor(() => statuses.length === 6);
  expect(statuses.slice(0, 5)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  expect(statuses[5]).toContain('404');
  expect(server.ephemerals('alice').map((one) => one.text)).toEqual(['got it', 'r2', 'r3', 'r4', 'r5']);
  expect(server.ephemerals('bob')).toEqual([]);
  expect(server.messages('ops').map((one) => one.text)).toEqual(['r1']);
});

test('what Slack refuses before it reaches the app', async () => {
  const server = await chat();
  const alice = server.as('alice');
  expect((await alice.slash('ops', '/nope x')).complaint?.text).toContain('/nope is not a valid command');
  expect((await alice.slash('ops', '/vm list')).complaint?.text).toBe('/vm failed with the error "dispatch_failed"');
  expect((await alice.slash('ops', '/vm list', { threadTs: '1.000001' })).complaint?.text).toContain('in threads');
  expect(server.ephemerals('alice')).toHaveLength(3);
});

test('a button, its confirm dialog, and replace_original', async () => {
  const server = await chat();
  const confirm = { title: { type: 'plain_text', text: 'Sure?' }, text: { type: 'plain_text', text: 'Really' } };
  const app = await socketApp(server, (bolt) => {
    bolt.action('go', async ({ ack, action, body, respond }) => {
      await ack();
      const value = action.type === 'button' ? action.value : undefined;
      await respond({ replace_original: true, text: `by ${body.user.id} ${value}` });
    });
  });
  // confirm has literal types in the SDK, which a shared constant loses
  const blocks = JSON.parse(JSON.stringify(buttonBlocks('go', { confirm })));
  await app.client.chat.postMessage({ channel: 'C0OPS', text: 'plan', blocks });
  const [message] = server.messages('ops');
  if (!message) throw new Error('nothing was posted');
  await expect(server.as('bob').click(message, 'Create')).rejects.toThrow('asks to confirm');
  expect((await server.as('bob').click(message, 'Create', { confirm: false })).outcome).toBe('not_sent');
  const receipt = await server.as('bob').click(message, 'Create', { confirm: true });
  expect(receipt.outcome).toBe('acked');
  expect(receipt.payload).toMatchObject({
    type: 'block_actions',
    container: { type: 'message', message_ts: message.ts, channel_id: 'C0OPS', is_ephemeral: false },
    channel: { id: 'C0OPS', name: 'ops' },
    message: { bot_id: 'B0HOSTLER', ts: message.ts },
    actions: [{ action_id: 'go', block_id: 'acts', value: 'v1', type: 'button' }],
  });
  await server.waitFor(() => server.messages('ops')[0]?.text === 'by U0BOB v1');
  await expect(server.as('bob').click(message, 'Create')).rejects.toThrow('no element');
});

test('the Home tab is published when it is opened', async () => {
  const server = await chat();
  await socketApp(server, (app) => {
    app.event('app_home_opened', async ({ event, client }) => {
      const view = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
      await client.views.publish({ user_id: event.user, view });
    });
  });
  expect((await server.as('alice').openHome())?.outcome).toBe('acked');
  await server.waitFor(() => server.home('alice'));
  expect(server.home('bob')).toBeUndefined();
});

test('a mention reaches the app, a plain message of a channel that it has not subscribed to does not', async () => {
  const server = await chat();
  const heard: string[] = [];
  await socketApp(server, (app) => {
    app.event('app_mention', async ({ event, say }) => {
      heard.push(event.text);
      await say({ text: 'hi', thread_ts: event.ts });
    });
    app.message(async ({ message }) => void heard.push(JSON.stringify(message)));
  });
  await server.as('alice').say('ops', 'plain');
  const asked = await server.as('alice').say('ops', '<@U0HOSTLER> hello');
  await server.waitFor(() => server.thread('ops', asked.ts).length === 2);
  expect(heard).toEqual(['<@U0HOSTLER> hello']);
});

test('files go up in three steps', async () => {
  const server = await chat();
  const app = await socketApp(server, () => undefined);
  await app.client.filesUploadV2({ channel_id: 'C0OPS', file: Buffer.from([1, 2, 3]), filename: 'chart.png' });
  await app.client.filesUploadV2({
    channel_id: 'C0OPS',
    content: 'a,b',
    filename: 'list.csv',
    initial_comment: 'List',
  });
  expect(server.files().map((file) => [file.name, [...(file.bytes ?? [])], file.completed])).toEqual([
    ['chart.png', [1, 2, 3], true],
    ['list.csv', [97, 44, 98], true],
  ]);
  expect(server.messages('ops').map((one) => [one.text, one.files.length])).toEqual([
    ['', 1],
    ['List', 1],
  ]);
  await expect(app.client.filesUploadV2({ channel_id: '#ops', content: 'x', filename: 'x.txt' })).rejects.toThrow(
    'channel_not_found',
  );
});

test('without a manifest every command is taken', async () => {
  const server = await chat({ manifest: undefined });
  await socketApp(server, (app) => {
    app.command(/.*/, async ({ ack }) => ack());
  });
  expect((await server.as('alice').slash('ops', '/anything')).outcome).toBe('acked');
  expect(MANIFEST.features.slash_commands).toHaveLength(2);
});
