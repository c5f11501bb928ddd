import { afterEach, expect, test } from 'vitest';
import { chat, httpApp, stopAll } from './kit.ts';

afterEach(stopAll);

test('commands, clicks and events over HTTP, signed', async () => {
  const server = await chat();
  await httpApp(server, (app) => {
    app.command('/vm', async ({ ack, client, command }) => {
      await ack({ text: 'ok', response_type: 'ephemeral' });
      await client.chat.postMessage({
        channel: command.channel_id,
        text: 'plan',
        blocks: [
          {
            type: 'actions',
            elements: [{ type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }],
          },
        ],
      });
    });
    app.action('go', async ({ ack, respond }) => {
      await ack();
      await respond({ text: 'went', response_type: 'in_channel' });
    });
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } });
    });
  });
  const alice = server.as('alice');
  expect(await alice.slash('ops', '/vm list')).toMatchObject({ outcome: 'acked', response: { text: 'ok' } });
  const plan = await server.waitFor(() => server.messages('ops')[0]);
  expect((await alice.click(plan, 'Go')).outcome).toBe('acked');
  await server.waitFor(() => server.messages('ops').some((one) => one.text === 'went'));
  expect((await alice.openHome())?.outcome).toBe('acked');
  await server.waitFor(() => server.home('alice'));
});

test('a wrong secret is noticed by the app, and the user told', async () => {
  const server = await chat();
  await httpApp(server, () => undefined, 'another-secret');
  const result = await server.as('alice').slash('ops', '/vm list');
  expect(result.complaint?.text).toBe('/vm failed with the error "http_client_error"');
});

test('nobody at the address', async () => {
  const server = await chat({ requestUrl: 'http://127.0.0.1:1/slack/events' });
  expect((await server.as('alice').slash('ops', '/vm list')).outcome).toBe('dispatch_failed');
});
