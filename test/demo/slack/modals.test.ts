import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../../demo/slack/clock.ts';
import { buttonBlocks, chat, socketApp, stopAll } from './kit.ts';

afterEach(stopAll);

const modal = (title = 'New VM', more: Record<string, unknown> = {}) =>
  // literal types of the SDK are lost in a shared constant
  JSON.parse(
    JSON.stringify({
      type: 'modal',
      callback_id: 'create',
      title: { type: 'plain_text', text: title },
      submit: { type: 'plain_text', text: 'Create' },
      notify_on_close: true,
      blocks: [
        {
          type: 'input',
          block_id: 'name',
          label: { type: 'plain_text', text: 'Name' },
          element: { type: 'plain_text_input', action_id: 'value', min_length: 2 },
        },
        {
          type: 'input',
          block_id: 'flavor',
          optional: true,
          label: { type: 'plain_text', text: 'Flavor' },
          element: {
            type: 'static_select',
            action_id: 'value',
            options: ['small', 'large'].map((value) => ({ text: { type: 'plain_text', text: value }, value })),
          },
        },
        {
          type: 'input',
          block_id: 'image',
          optional: true,
          label: { type: 'plain_text', text: 'Image' },
          element: { type: 'external_select', action_id: 'image', min_query_length: 1 },
        },
      ],
      ...more,
    }),
  );

test('errors at the field, then the modal closes; the state has all fields', async () => {
  const server = await chat();
  const states: unknown[] = [];
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack, client, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal() });
    });
    app.options('image', async ({ ack, options }) => {
      await ack({ options: [{ text: { type: 'plain_text', text: options.value }, value: options.value }] });
    });
    app.view('create', async ({ ack, view }) => {
      states.push(view.state.values);
      const taken = view.state.values.name?.value?.value === 'taken';
      if (taken) await ack({ response_action: 'errors', errors: { name: 'Name is taken' } });
      else await ack();
    });
  });
  const alice = server.as('alice');
  await alice.slash('ops', '/vm create');
  const view = await server.waitFor(() => server.views('alice')[0]);
  const empty = await alice.submit(view);
  expect([empty.outcome, Object.keys(empty.errors)]).toEqual(['not_sent', ['name']]);
  const short = await alice.submit(view, { Name: 'x' });
  expect(short.errors).toEqual({ name: 'Must be at least 2 characters.' });
  const suggestion = await alice.typeahead(view, 'image', 'deb');
  expect(suggestion.options.map((one) => one.value)).toEqual(['deb']);
  const refused = await alice.submit(view, { name: 'taken', flavor: 'small', image: 'deb' });
  expect(refused.errors).toEqual({ name: 'Name is taken' });
  expect(refused.view?.id).toBe(view.id);
  await expect(alice.submit(view, { flavor: 'huge' })).rejects.toThrow('offers no huge');
  const done = await alice.submit(view, { name: 'web-01' });
  expect([done.outcome, done.view]).toEqual(['acked', undefined]);
  expect(server.views('alice')).toEqual([]);
  expect(states.at(-1)).toMatchObject({
    name: { value: { type: 'plain_text_input', value: 'web-01' } },
    flavor: { value: { type: 'static_select', selected_option: { value: 'small' } } },
    image: { image: { type: 'external_select', selected_option: { value: 'deb' } } },
  });
});

test('response_action update, push and clear; three views and no more', async () => {
  const server = await chat();
  await socketApp(server, (app) => {
    app.shortcut('new_vm', async ({ ack, client, shortcut }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view: modal('One') });
    });
    app.view('create', async ({ ack, view }) => {
      const wish = view.state.values.name?.value?.value;
      if (wish === 'update') await ack({ response_action: 'update', view: modal('Two') });
      else if (wish === 'push') await ack({ response_action: 'push', view: modal('More') });
      else await ack({ response_action: 'clear' });
    });
  });
  const alice = server.as('alice');
  await alice.shortcut('new_vm');
  const root = await server.waitFor(() => server.views('alice')[0]);
  const updated = await alice.submit(root, { name: 'update' });
  expect(updated.view).toMatchObject({ id: root.id, title: { text: 'Two' } });
  expect(updated.view?.hash).not.toBe(root.hash);
  const second = (await alice.submit(root, { name: 'push' })).view ?? root;
  const third = (await alice.submit(second, { name: 'push' })).view ?? root;
  expect(server.views('alice').map((one) => one.id)).toEqual([root.id, second.id, third.id]);
  expect(third).toMatchObject({ rootViewId: root.id, previousViewId: second.id });
  const fourth = await alice.submit(third, { name: 'push' });
  expect(fourth.problem).toBe('push_limit_reached');
  await expect(alice.submit(root, { name: 'x2' })).rejects.toThrow('covered');
  await alice.submit(third, { name: 'clear' });
  expect(server.views('alice')).toEqual([]);
});

test('typed text outlives an update, a stale hash is refused, view_closed is sent', async () => {
  const server = await chat();
  const closed: boolean[] = [];
  const app = await socketApp(server, (bolt) => {
    bolt.shortcut('new_vm', async ({ ack, client, shortcut }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view: modal() });
    });
    bolt.view('create', async ({ ack }) => ack({ response_action: 'errors', errors: { name: 'no' } }));
    bolt.view({ callback_id: 'create', type: 'view_closed' }, async ({ ack, body }) => {
      if (body.type === 'view_closed') closed.push(body.is_cleared);
      await ack();
    });
  });
  const alice = server.as('alice');
  await alice.shortcut('new_vm');
  const view = await server.waitFor(() => server.views('alice')[0]);
  await alice.submit(view, { name: 'typed' });
  const answer = await app.client.views.update({ view_id: view.id, hash: view.hash, view: modal('Again') });
  expect(answer.view?.state).toMatchObject({ values: { name: { value: { value: 'typed' } } } });
  const stale = app.client.views.update({ view_id: view.id, hash: view.hash, view: modal() });
  await expect(stale).rejects.toThrow('hash_conflict');
  const receipts = await alice.close(view);
  expect(receipts.map((one) => one.outcome)).toEqual(['acked']);
  expect(closed).toEqual([false]);
});

test('a trigger_id lives three seconds and is good for one view', async () => {
  const clock = manualClock();
  const server = await chat({ clock });
  const app = await socketApp(server, (bolt) => {
    bolt.action('go', async ({ ack }) => ack());
  });
  await app.client.chat.postMessage({
    channel: 'C0OPS',
    text: 'x',
    blocks: JSON.parse(JSON.stringify(buttonBlocks())),
  });
  const [message] = server.messages('ops');
  if (!message) throw new Error('nothing was posted');
  const trigger = async () => String((await server.as('alice').click(message, 'go')).payload.trigger_id);
  const first = await trigger();
  await app.client.views.open({ trigger_id: first, view: modal() });
  await expect(app.client.views.open({ trigger_id: first, view: modal() })).rejects.toThrow('exchanged_trigger_id');
  const second = await trigger();
  clock.advance(3001);
  await expect(app.client.views.open({ trigger_id: second, view: modal() })).rejects.toThrow('expired_trigger_id');
  await expect(app.client.views.open({ trigger_id: 'nonsense', view: modal() })).rejects.toThrow('invalid_arguments');
});

test('a bad view is refused with the path', async () => {
  const server = await chat();
  const app = await socketApp(server, () => undefined);
  const view = modal('A title of more than twenty-four', { submit: undefined });
  const refusal = await app.client.views.open({ trigger_id: '1.1.a', view }).catch((error) => error.data);
  expect(refusal).toMatchObject({
    error: 'invalid_arguments',
    response_metadata: {
      messages: [
        '[ERROR] must be less than 25 characters [json-pointer:/view/title/text]',
        '[ERROR] missing required field: submit [json-pointer:/view]',
      ],
    },
  });
});
