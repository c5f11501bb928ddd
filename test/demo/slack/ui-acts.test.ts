/** What a page can do as its persona. */
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../../demo/slack/clock.ts';
import { buttonBlocks, MANIFEST, socketApp, stopAll } from './kit.ts';
import { act, closePages, openPage, pageChat, post, stateOf } from './ui-kit.ts';

afterEach(closePages);
afterEach(stopAll);

const text = (value: string) => ({ type: 'plain_text' as const, text: value });

test('a command: acked, unknown, in a thread, or without anybody to hear it', async () => {
  const server = await pageChat();
  expect(await act(server, 'alice', { act: 'slash', channel: 'ops', line: '/vm list' })).toMatchObject({
    ok: false,
    error: { message: '/vm failed with the error "dispatch_failed"' },
    receipt: { outcome: 'dispatch_failed' },
  });
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack }) => ack('done'));
  });
  const acked = await act(server, 'alice', { act: 'slash', channel: 'C0OPS', line: '/vm list' });
  expect(acked).toMatchObject({ status: 200, ok: true, receipt: { outcome: 'acked', ackMs: expect.any(Number) } });
  const unknown = await act(server, 'alice', { act: 'slash', channel: 'ops', line: '/nope' });
  expect(unknown.error?.message).toContain('/nope is not a valid command');
  const threadTs = '1700000000.000100';
  const inThread = await act(server, 'alice', { act: 'slash', channel: 'ops', line: '/vm list', threadTs });
  expect(inThread).toMatchObject({ ok: false, receipt: { outcome: 'not_sent' } });
});

test('a button with a confirm dialog, and what is in other fields goes along', async () => {
  const server = await pageChat();
  const states: unknown[] = [];
  const app = await socketApp(server, (bolt) => {
    bolt.action('go', async ({ ack, body }) => {
      states.push(body.type === 'block_actions' && body.state?.values);
      await ack();
    });
  });
  const note = {
    type: 'input',
    block_id: 'note',
    label: text('Note'),
    element: { type: 'plain_text_input', action_id: 'note' },
  };
  const confirm = { title: text('Sure?'), text: text('Really?') };
  const blocks = JSON.parse(JSON.stringify([note, ...buttonBlocks('go', { confirm })]));
  const { ts = '' } = await app.client.chat.postMessage({ channel: 'C0OPS', text: 'plan', blocks });
  const click = {
    act: 'click' as const,
    target: { message: { channel: 'C0OPS', ts } },
    actionId: 'go',
    blockId: 'acts',
  };
  expect(await act(server, 'bob', click)).toMatchObject({
    ok: false,
    error: { message: 'Go asks to confirm; give confirm.' },
  });
  expect(await act(server, 'bob', { ...click, confirmed: false })).toMatchObject({ receipt: { outcome: 'not_sent' } });
  const draft = { note: 'in a hurry', gone: 'x' };
  expect(await act(server, 'bob', { ...click, confirmed: true, draft })).toMatchObject({
    ok: true,
    receipt: { outcome: 'acked' },
  });
  expect(states).toEqual([{ note: { note: { type: 'plain_text_input', value: 'in a hurry' } } }]);
  const lost = await act(server, 'bob', {
    ...click,
    target: { message: { channel: 'C0OPS', ts: '1700000000.000100' } },
  });
  expect(lost).toMatchObject({ ok: false, error: { message: 'The message is gone.' } });
});

test("a modal: the client's and the app's errors at the field, what was typed stays, then it closes", async () => {
  const server = await pageChat();
  const told: string[] = [];
  await socketApp(server, (app) => {
    const view = {
      type: 'modal' as const,
      callback_id: 'new',
      notify_on_close: true,
      title: text('New VM'),
      submit: text('Create'),
      blocks: [
        {
          type: 'input' as const,
          block_id: 'name',
          label: text('Name'),
          element: { type: 'plain_text_input' as const, action_id: 'name', max_length: 10 },
        },
      ],
    };
    app.shortcut('new_vm', async ({ ack, client, shortcut }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view });
    });
    app.view('new', async ({ ack, view: sent }) => {
      const name = sent.state.values.name?.name?.value ?? '';
      if (name === 'taken') await ack({ response_action: 'errors', errors: { name: 'There is one already' } });
      else await ack();
    });
    app.view({ callback_id: 'new', type: 'view_closed' }, async ({ ack }) => {
      told.push('closed');
      await ack();
    });
  });
  const page = await openPage(server, 'alice');
  const open = async () => {
    await act(server, 'alice', { act: 'shortcut', callbackId: 'new_vm' });
    return page.until((store) => [...store.values()].find((one) => one.type === 'modal'));
  };
  const view = await open();
  expect(view).toMatchObject({ callbackId: 'new', depth: 0, title: text('New VM'), notifyOnClose: true, errors: {} });
  const submit = (name: string) => act(server, 'alice', { act: 'submit', viewId: String(view.id), values: { name } });
  expect(await submit('')).toMatchObject({
    ok: false,
    error: { message: 'Some fields need another value.', fields: { name: 'Please complete this required field.' } },
  });
  expect((await submit('much too long')).error?.fields).toEqual({ name: 'Must be at most 10 characters.' });
  expect((await submit('taken')).error?.fields).toEqual({ name: 'There is one already' });
  await page.until((store) => store.get(`view:${view.id}`)?.errors?.name === 'There is one already');
  expect(page.store.get(`view:${view.id}`)?.values).toMatchObject({ name: { name: { value: 'taken' } } });
  expect(await submit('web-01')).toMatchObject({ ok: true, receipt: { outcome: 'acked' } });
  await page.until((store) => !store.has(`view:${view.id}`));
  const again = await open();
  expect(await act(server, 'bob', { act: 'close', viewId: String(again.id) })).toMatchObject({ ok: false });
  await act(server, 'alice', { act: 'close', viewId: String(again.id), all: true });
  expect(told).toEqual(['closed']);
});

test('an external select gives its options, in groups where there are groups; both queries can be chosen from', async () => {
  const server = await pageChat();
  const picked: unknown[] = [];
  const app = await socketApp(server, (bolt) => {
    const option = (value: string) => ({ text: text(value), value });
    bolt.options('image', async ({ ack, options }) => {
      if (options.value === 'groups')
        await ack({ option_groups: [{ label: text('Debian'), options: [option('deb')] }] });
      else if (options.value === 'bad') await ack({ options: [option('x'.repeat(100))] });
      else await ack({ options: [option(options.value)] });
    });
    bolt.action('image', async ({ ack, action }) => {
      picked.push('selected_option' in action && action.selected_option?.value);
      await ack();
    });
  });
  const element = { type: 'external_select' as const, action_id: 'image', min_query_length: 2 };
  const blocks = [{ type: 'actions' as const, block_id: 'acts', elements: [element] }];
  const { ts = '' } = await app.client.chat.postMessage({ channel: 'C0OPS', text: 'pick', blocks });
  const at = { target: { message: { channel: 'C0OPS', ts } }, actionId: 'image', blockId: 'acts' };
  const suggest = (query: string) => act(server, 'alice', { act: 'suggest', ...at, text: query });
  expect(await suggest('a')).toMatchObject({ ok: true, receipt: { outcome: 'not_sent', options: [] } });
  expect(await suggest('groups')).toMatchObject({
    receipt: { options: [{ value: 'deb' }], optionGroups: [{ label: text('Debian') }] },
  });
  expect((await suggest('bad')).error?.message).toContain('json-pointer:/options/0/value');
  expect((await suggest('ubuntu')).receipt).not.toHaveProperty('optionGroups');
  for (const value of ['deb', 'ubuntu']) await act(server, 'alice', { act: 'select', ...at, value });
  expect(picked).toEqual(['deb', 'ubuntu']);
  expect(await act(server, 'alice', { act: 'select', ...at, value: 'never' })).toMatchObject({ ok: false });
});

test('writing, changing, deleting, reacting: what is another’s stays', async () => {
  const manifest = {
    ...MANIFEST,
    settings: { event_subscriptions: { bot_events: ['reaction_added', 'reaction_removed', 'message.channels'] } },
  };
  const server = await pageChat({ manifest });
  const heard: string[] = [];
  await socketApp(server, (app) => {
    app.event('reaction_added', async ({ event }) => void heard.push(`+${event.reaction} ${event.item_user}`));
    app.event('reaction_removed', async ({ event }) => void heard.push(`-${event.reaction}`));
    app.event('message', async ({ event }) => void heard.push(event.subtype ?? 'message'));
  });
  const page = await openPage(server, 'bob');
  const said = await act(server, 'alice', { act: 'say', channel: 'ops', text: 'hello' });
  const ts = String(said.receipt?.ts);
  const entity = () => page.store.get(`message:C0OPS:${ts}`);
  expect(await act(server, 'bob', { act: 'edit', channel: 'ops', ts, text: 'x' })).toMatchObject({ ok: false });
  expect(await act(server, 'bob', { act: 'delete', channel: 'ops', ts })).toMatchObject({ ok: false });
  await act(server, 'alice', { act: 'edit', channel: 'ops', ts, text: 'hello all' });
  for (const who of ['alice', 'bob', 'bob']) await act(server, who, { act: 'react', channel: 'ops', ts, name: '+1' });
  // The page hears of each in turn, Bob's coming and going among them.
  await server.waitFor(() => heard.includes('-+1'), { what: 'the app to hear of the reaction that is taken back' });
  await page.until(() => entity()?.text === 'hello all' && entity()?.reactions[0]?.users.length === 1);
  expect(entity()?.reactions).toEqual([{ name: '+1', users: ['U0ALICE'] }]);
  const reply = await act(server, 'bob', { act: 'say', channel: 'ops', text: 're', threadTs: ts, broadcast: true });
  await page.until((store) => store.get(`message:C0OPS:${String(reply.receipt?.ts)}`)?.broadcast);
  await act(server, 'alice', { act: 'delete', channel: 'ops', ts });
  await page.until(() => !entity());
  await server.waitFor(() => heard.includes('message_deleted'), { what: 'the app to hear of the end' });
  expect(heard).toEqual([
    'message',
    'message_changed',
    '++1 U0ALICE',
    '++1 U0ALICE',
    '-+1',
    'thread_broadcast',
    'message_deleted',
  ]);
});

test('an ephemeral message is put away by the one who sees it', async () => {
  const server = await pageChat();
  const app = await socketApp(server, () => undefined);
  const sent = await app.client.chat.postEphemeral({ channel: 'C0OPS', user: 'U0ALICE', text: 'for your eyes' });
  const ts = sent.message_ts ?? '';
  const page = await openPage(server, 'alice');
  expect(page.store.get(`message:C0OPS:${ts}`)).toMatchObject({ ephemeral: true });
  expect(await act(server, 'bob', { act: 'dismiss', channel: 'ops', ts })).toMatchObject({ ok: false });
  expect(await act(server, 'alice', { act: 'dismiss', channel: 'ops', ts })).toMatchObject({ ok: true });
  await page.until((store) => !store.has(`message:C0OPS:${ts}`));
});

test('coming and going: join, leave, invite, kick, topic, a new channel, a direct conversation', async () => {
  const server = await pageChat();
  const joined: string[] = [];
  await socketApp(server, (app) => {
    app.event('member_joined_channel', async ({ event }) => void joined.push(`${event.user} by ${event.inviter}`));
  });
  server.addUser({ name: 'guest', isGuest: true });
  const made = await act(server, 'alice', { act: 'createChannel', name: 'team-01', private: true });
  const channel = String(made.receipt?.channel);
  expect(await act(server, 'alice', { act: 'createChannel', name: 'team-01' })).toMatchObject({ ok: false });
  expect(await act(server, 'bob', { act: 'join', channel })).toMatchObject({
    ok: false,
    error: { message: `There is no channel ${channel}.` },
  });
  await act(server, 'alice', { act: 'invite', channel });
  await act(server, 'alice', { act: 'invite', channel, user: 'bob' });
  await act(server, 'bob', { act: 'topic', channel, topic: 'VMs of team 01' });
  expect((await stateOf(server, 'bob'))[`channel:${channel}`]).toMatchObject({
    name: 'team-01',
    kind: 'private',
    topic: 'VMs of team 01',
    members: ['U0ALICE', 'U0HOSTLER', 'U0BOB'],
  });
  expect(joined).toEqual(['U0HOSTLER by U0ALICE', 'U0BOB by U0ALICE']);
  await act(server, 'alice', { act: 'kick', channel, user: 'bob' });
  expect((await stateOf(server, 'bob'))[`channel:${channel}`]).toBeUndefined();
  await act(server, 'bob', { act: 'leave', channel: 'ops' });
  expect((await stateOf(server, 'bob'))['channel:C0OPS']).toMatchObject({ isMember: false });
  await server.as('alice').say('ops', 'while bob was away');
  await act(server, 'bob', { act: 'join', channel: 'ops' });
  expect((await stateOf(server, 'bob'))['channel:C0OPS']).toMatchObject({ isMember: true, unread: 0 });
  expect(await act(server, 'guest', { act: 'join', channel: 'ops' })).toMatchObject({ ok: false });
  const dm = await act(server, 'alice', { act: 'openDm', users: ['bob'] });
  expect((await stateOf(server, 'bob'))[`channel:${String(dm.receipt?.channel)}`]).toMatchObject({
    kind: 'im',
    members: ['U0ALICE', 'U0BOB'],
  });
});

test('a file goes up and can be fetched by those who see it', async () => {
  const server = await pageChat();
  const content = Buffer.from('a,b\n1,2\n').toString('base64');
  const sent = await act(server, 'alice', { act: 'upload', channel: 'ops', name: 'list.csv', content, text: 'List' });
  const state = await stateOf(server, 'bob');
  const message = state[`message:C0OPS:${String(sent.receipt?.ts)}`];
  expect(message).toMatchObject({ text: 'List', files: [expect.any(String)] });
  const file = state[`file:${message.files[0]}`];
  expect(file).toMatchObject({ name: 'list.csv', mimetype: 'text/csv', size: 8 });
  expect(await (await fetch(`${server.url}${file.url}`)).text()).toBe('a,b\n1,2\n');
});

test('the Home tab is opened and shown; messages to an app that takes none are refused', async () => {
  const manifest = {
    ...MANIFEST,
    features: { ...MANIFEST.features, app_home: { home_tab_enabled: true, messages_tab_read_only_enabled: true } },
  };
  const server = await pageChat({ manifest });
  await socketApp(server, (app) => {
    app.event('app_home_opened', async ({ event, client }) => {
      if (event.tab !== 'home') return;
      const view = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
      await client.views.publish({ user_id: event.user, view });
    });
  });
  const page = await openPage(server, 'alice');
  expect(page.store.get('workspace')).toMatchObject({ app: { homeTab: true, messagesTab: false } });
  expect(page.store.has('home')).toBe(false);
  expect(await act(server, 'alice', { act: 'openHome', tab: 'messages' })).toMatchObject({ ok: true });
  expect(await act(server, 'alice', { act: 'openHome' })).toMatchObject({ ok: true, receipt: { outcome: 'acked' } });
  const home = await page.until((store) => store.get('home'));
  expect(home).toMatchObject({ type: 'home', depth: 0, blocks: [{ type: 'divider' }] });
  const dm = server.as('alice').dm().id;
  expect(await act(server, 'alice', { act: 'say', channel: dm, text: 'hi' })).toMatchObject({
    error: { message: 'Sending messages to this app has been turned off.' },
  });
});

test('a manual clock is moved from the page, the machine’s is not', async () => {
  const clock = manualClock(1_700_000_000_000);
  const server = await pageChat({ clock });
  expect((await stateOf(server, 'alice')).workspace).toMatchObject({ clock: 'manual' });
  expect(await act(server, 'alice', { act: 'advance', seconds: 60 })).toMatchObject({ ok: true });
  expect(clock.now()).toBe(1_700_000_060_000);
  expect(await act(await pageChat(), 'alice', { act: 'advance', seconds: 60 })).toMatchObject({ ok: false });
});

test('what can’t be read is said to be so', async () => {
  const server = await pageChat();
  expect(await post(server, 'act', { act: 'say', channel: 'ops', text: 'x' })).toMatchObject({
    status: 400,
    ok: false,
  });
  const odd = await post(server, 'act', { as: 'alice', act: 'fly' });
  expect([odd.status, odd.error?.message]).toEqual([400, expect.stringContaining('act')]);
  expect(await post(server, 'act', { as: 'nobody', act: 'openHome' })).toMatchObject({
    status: 200,
    error: { message: 'There is no user nobody.' },
  });
  expect(await post(server, 'act', { as: 'hostler', act: 'openHome' })).toMatchObject({
    error: { message: 'Hostler is no active person.' },
  });
});
