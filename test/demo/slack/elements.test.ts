import { afterEach, expect, test } from 'vitest';
import { chat, socketApp, stopAll } from './kit.ts';

afterEach(stopAll);

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(value), value });

test('selects, overflow menus and the state of a message', async () => {
  const server = await chat();
  const app = await socketApp(server, (bolt) => {
    bolt.action(/.*/, async ({ ack }) => ack());
  });
  await app.client.chat.postMessage({
    channel: 'C0OPS',
    text: 'choose',
    blocks: [
      {
        type: 'actions',
        block_id: 'row',
        elements: [
          {
            type: 'static_select',
            action_id: 'size',
            options: [option('s'), option('l')],
            initial_option: option('s'),
          },
          { type: 'overflow', action_id: 'more', options: [option('console'), option('delete')] },
          { type: 'button', action_id: 'go', text: plain('Go') },
        ],
      },
    ],
  });
  const [message] = server.messages('ops');
  if (!message) throw new Error('nothing was posted');
  const [alice, bob] = [server.as('alice'), server.as('bob')];
  const chosen = await alice.select(message, 'size', 'l');
  expect(chosen.payload).toMatchObject({ actions: [{ type: 'static_select', selected_option: { value: 'l' } }] });
  const size = (value: string) => ({ state: { values: { row: { size: { selected_option: { value } } } } } });
  expect((await alice.click(message, 'go')).payload).toMatchObject(size('l'));
  expect((await bob.click(message, 'go')).payload).toMatchObject(size('s'));
  const overflow = await bob.select(message, 'more', 'delete');
  expect(overflow.payload).toMatchObject({ actions: [{ type: 'overflow', selected_option: { value: 'delete' } }] });
  await expect(bob.select(message, 'size', 'xl')).rejects.toThrow('offers no xl, only: s, l');
  await expect(bob.click(message, 'more')).rejects.toThrow('not a button');
});

test('an ephemeral message belongs to one person and goes through its response_url', async () => {
  const server = await chat();
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack }) => {
      await ack({
        text: 'sure?',
        blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'no', text: plain('No') }] }],
      });
    });
    app.action('no', async ({ ack, respond }) => {
      await ack();
      await respond({ delete_original: true });
    });
  });
  const alice = server.as('alice');
  await alice.slash(alice.dm(), '/vm delete');
  const [question] = server.ephemerals('alice');
  if (!question) throw new Error('nothing was asked');
  await expect(server.as('bob').click(question, 'No')).rejects.toThrow("can't see");
  const receipt = await alice.click(question, 'No');
  expect(receipt.payload).toMatchObject({ container: { is_ephemeral: true }, channel: { name: 'directmessage' } });
  expect(receipt.payload).not.toHaveProperty('message');
  await server.waitFor(() => server.ephemerals('alice').length === 0);
});

test('elements of the Home tab, and inputs that dispatch', async () => {
  const server = await chat();
  const app = await socketApp(server, (bolt) => {
    bolt.action(/.*/, async ({ ack }) => ack());
  });
  const input = (dispatch: boolean) => ({
    type: 'input' as const,
    block_id: dispatch ? 'loud' : 'still',
    dispatch_action: dispatch,
    label: plain('Filter'),
    element: { type: 'plain_text_input' as const, action_id: dispatch ? 'find' : 'note' },
  });
  await app.client.views.publish({ user_id: 'U0ALICE', view: { type: 'home', blocks: [input(true), input(false)] } });
  const home = server.home('alice');
  if (!home) throw new Error('no Home tab');
  const alice = server.as('alice');
  expect((await alice.select(home, 'note', 'kept')).outcome).toBe('not_sent');
  const receipt = await alice.select(home, 'find', 'web');
  expect(receipt.payload).toMatchObject({
    container: { type: 'view', view_id: home.id },
    view: { type: 'home', state: { values: { loud: { find: { value: 'web' } }, still: { note: { value: 'kept' } } } } },
  });
  expect(receipt.payload).not.toHaveProperty('response_url');
  await expect(alice.submit(home)).rejects.toThrow('nothing to submit');
});

test('an answer to a submission that Slack would not take is told', async () => {
  const server = await chat();
  const view = {
    type: 'modal' as const,
    callback_id: 'v',
    title: plain('T'),
    submit: plain('Go'),
    blocks: [
      {
        type: 'input' as const,
        block_id: 'a',
        label: plain('A'),
        element: { type: 'plain_text_input' as const, action_id: 'a' },
      },
    ],
  };
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack, client, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
    app.view('v', async ({ ack, view: { state } }) => {
      if (state.values.a?.a?.value === 'stray') await ack({ response_action: 'errors', errors: { nope: 'x' } });
      else await ack({ response_action: 'update', view: { ...view, title: plain('x'.repeat(25)) } });
    });
  });
  const alice = server.as('alice');
  await alice.slash('ops', '/vm');
  const open = await server.waitFor(() => server.views('alice')[0]);
  expect((await alice.submit(open, { a: 'stray' })).problem).toContain('names nope');
  expect((await alice.submit(open, { a: 'long' })).problem).toContain('must be less than 25 characters');
  expect(server.views('alice')).toHaveLength(1);
});
