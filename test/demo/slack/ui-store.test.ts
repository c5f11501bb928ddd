/** What a page is sent: everything at first, then what has changed, and only what its persona may see. */
import { afterEach, expect, test } from 'vitest';
import { socketApp, stopAll } from './kit.ts';
import { act, closePages, openPage, pageChat, stateOf } from './ui-kit.ts';

afterEach(closePages);
afterEach(stopAll);

test('the first patch holds everything, the next only what has changed', async () => {
  const server = await pageChat();
  server.addUserGroup({ handle: 'devs', users: ['alice'] });
  const said = await server.as('alice').say('ops', 'hello');
  const page = await openPage(server, 'bob');
  expect(page.store.get('me')).toMatchObject({ id: 'U0BOB', name: 'bob', groups: [] });
  expect(page.store.get('person:U0ALICE')).toMatchObject({ name: 'alice', groups: ['devs'], isBot: false });
  expect(page.store.get('group:S0DEVS')).toEqual({ id: 'S0DEVS', handle: 'devs', name: 'devs', users: ['U0ALICE'] });
  expect(page.store.get('command:/vm')).toEqual({ command: '/vm', description: 'VMs', usageHint: 'create NAME' });
  expect(page.store.get('shortcut:new_vm')).toEqual({ callbackId: 'new_vm', name: 'New VM', kind: 'global' });
  expect(page.store.get('workspace')).toMatchObject({
    url: server.url,
    clock: 'real',
    app: { name: 'hostler', botUserId: 'U0HOSTLER', online: false, mode: 'socket', sockets: 0, messagesTab: true },
  });
  expect(page.store.get('trouble')).toEqual({ active: [] });
  expect(page.store.get(`message:C0OPS:${said.ts}`)).toMatchObject({ text: 'hello', user: 'U0ALICE', replyCount: 0 });
  expect(page.store.get('channel:C0OPS')).toMatchObject({ isMember: true, lastTs: said.ts, unread: 1, mentions: 0 });
  expect(page.patches).toHaveLength(1);

  const reply = await server.as('alice').say('ops', 'and a reply', { threadTs: said.ts });
  await page.until((store) => store.has(`message:C0OPS:${reply.ts}`));
  const keys = page.patches.slice(1).flatMap((patch) => patch.set);
  expect(new Set(keys)).toEqual(new Set([`message:C0OPS:${said.ts}`, `message:C0OPS:${reply.ts}`]));
  expect(page.store.get(`message:C0OPS:${said.ts}`)).toMatchObject({
    replyCount: 1,
    lastReplyTs: reply.ts,
    replyUsers: ['U0ALICE'],
  });
});

test('edits change a message, deletes take it away, and nothing is sent where nothing changed', async () => {
  const server = await pageChat();
  const app = await socketApp(server, () => undefined);
  const { ts = '' } = await app.client.chat.postMessage({ channel: 'C0OPS', text: 'one' });
  const page = await openPage(server, 'alice');
  const key = `message:C0OPS:${ts}`;
  expect(page.store.get(key)).toMatchObject({ text: 'one', botId: 'B0HOSTLER' });
  await app.client.chat.update({ channel: 'C0OPS', ts, text: 'two' });
  await page.until((store) => store.get(key)?.text === 'two');
  expect(page.store.get(key)?.edited).toMatch(/^\d+\.\d{6}$/);
  const before = page.patches.length;
  server.trouble.slow(0);
  await app.client.chat.delete({ channel: 'C0OPS', ts });
  await page.until((store) => !store.has(key));
  // the call itself counts as traffic; the message is sent once, as gone
  expect(page.patches.slice(before).flatMap((patch) => patch.set.filter((one) => one.startsWith('message:')))).toEqual(
    [],
  );
  expect(page.patches.slice(before).flatMap((patch) => patch.del)).toEqual([key]);
  expect(page.store.get('workspace')).toMatchObject({ app: { online: true, sockets: 1 } });
});

test('nobody is sent what only others may see', async () => {
  const server = await pageChat();
  const app = await socketApp(server, (bolt) => {
    bolt.command('/vm', async ({ ack, command, client }) => {
      await ack('secret for alice');
      const view = {
        type: 'modal' as const,
        title: { type: 'plain_text' as const, text: 'Secret modal' },
        blocks: [{ type: 'divider' as const }],
      };
      await client.views.open({ trigger_id: command.trigger_id, view });
    });
  });
  server.addUser({ name: 'guest', isGuest: true });
  server.addChannel({ name: 'hidden', kind: 'private', members: ['alice', 'hostler'] });
  server.addChannel({ name: 'open', members: ['alice'] });
  const bob = await openPage(server, 'bob');
  const guest = await openPage(server, 'guest');
  const alice = await openPage(server, 'alice');
  await server.as('alice').slash('ops', '/vm');
  await server.as('alice').say('hidden', 'secret of the channel');
  await server.as('alice').say('open', 'secret until joined');
  await server.as('alice').say(server.as('alice').dm(), 'secret for the app');
  await app.client.chat.postEphemeral({ channel: 'C0OPS', user: 'U0ALICE', text: 'secret ephemeral' });
  await app.client.views.publish({
    user_id: 'U0ALICE',
    view: { type: 'home', blocks: [{ type: 'section', text: { type: 'plain_text', text: 'secret home' } }] },
  });
  await app.client.filesUploadV2({ channel_id: 'C0HIDDEN', content: 'secret', filename: 'secret.txt' });
  await server.as('alice').say('ops', 'the last word');
  for (const page of [alice, bob]) {
    await page.until((store) => [...store.values()].some((entity) => entity.text === 'the last word'));
  }
  const told = (store: Map<string, unknown>) => JSON.stringify([...store]);
  for (const hers of ['for alice', 'modal', 'of the channel', 'for the app', 'ephemeral', 'home', '.txt']) {
    expect(told(alice.store)).toMatch(new RegExp(`secret ?${hers}`, 'i'));
  }
  expect(told(bob.store)).not.toMatch(/secret/i);
  expect(bob.store.has('channel:C0HIDDEN')).toBe(false);
  expect(bob.store.get('channel:C0OPEN')).toMatchObject({ isMember: false, members: [], memberCount: 1, unread: 0 });
  expect([...guest.store.keys()].filter((key) => key.startsWith('channel:') || key.startsWith('message:'))).toEqual([]);
  const [file] = server.files();
  expect((await fetch(`${server.url}/ui/files/${file?.id}?as=bob`)).status).toBe(404);
  const got = await fetch(`${server.url}/ui/files/${file?.id}?as=alice`);
  expect([got.status, await got.text(), got.headers.get('content-type')]).toEqual([
    200,
    'secret',
    'text/plain; charset=utf-8',
  ]);
  expect(got.headers.get('content-security-policy')).toContain('sandbox');
  expect(JSON.stringify(await stateOf(server, 'bob'))).not.toMatch(/secret/i);
});

test('what is unread is counted for each person, and mentions apart', async () => {
  const server = await pageChat();
  server.addUserGroup({ handle: 'devs', users: ['bob'] });
  const page = await openPage(server, 'bob');
  const alice = server.as('alice');
  const root = await alice.say('ops', 'plain');
  await alice.say('ops', 'for <@U0BOB>');
  await alice.say('ops', 'for <!subteam^S0DEVS|@devs>');
  await alice.say('ops', 'for <@U0ALICE>');
  await alice.say('ops', 'hey <@U0BOB>, in the thread', { threadTs: root.ts });
  const last = await alice.say('ops', '<!here> all');
  await page.until((store) => store.get('channel:C0OPS')?.lastTs === last.ts);
  expect(page.store.get('channel:C0OPS')).toMatchObject({ unread: 5, mentions: 4, readTs: '0' });
  expect(await stateOf(server, 'alice')).toMatchObject({ 'channel:C0OPS': { unread: 0, readTs: last.ts } });
  await act(server, 'alice', { act: 'read', channel: 'ops', ts: '0' });
  expect(await stateOf(server, 'alice')).toMatchObject({ 'channel:C0OPS': { unread: 0, mentions: 0, readTs: '0' } });
  await act(server, 'bob', { act: 'read', channel: 'ops', ts: root.ts });
  await page.until((store) => store.get('channel:C0OPS')?.readTs === root.ts);
  expect(page.store.get('channel:C0OPS')).toMatchObject({ unread: 4, mentions: 4 });
  await act(server, 'bob', { act: 'read', channel: 'ops', ts: last.ts });
  await page.until((store) => store.get('channel:C0OPS')?.unread === 0);
});

test('traffic is sent only to those who watch it', async () => {
  const server = await pageChat();
  const app = await socketApp(server, () => undefined);
  const page = await openPage(server, 'alice');
  await app.client.chat.postMessage({ channel: 'C0OPS', text: 'x'.repeat(39_000) });
  await page.until((store) => [...store.keys()].some((key) => key.startsWith('message:')));
  expect([...page.store.keys()].filter((key) => key.startsWith('traffic:'))).toEqual([]);
  page.send({ type: 'watch', traffic: true });
  const call = await page.until((store) => [...store.values()].find((one) => one.name === 'chat.postMessage'));
  expect(call).toMatchObject({ kind: 'api', from: 'app', status: 200, cut: true });
  expect(call.sent).toBeUndefined();
  await app.client.chat.postMessage({ channel: 'C0NONE', text: 'x' }).catch(() => undefined);
  const failed = await page.until((store) => [...store.values()].find((one) => one.answer?.ok === false));
  expect(failed).toMatchObject({ name: 'chat.postMessage', answer: { error: 'channel_not_found' } });
  await page.until((store) => store.get('traffic-count')?.failed === 1);
  page.send({ type: 'watch', traffic: false });
  await page.until((store) => ![...store.keys()].some((key) => key.startsWith('traffic:')));
});

test('of thousands of messages the newest come, older ones when asked for, and a change costs no more than itself', async () => {
  const server = await pageChat();
  const root = server.workspace.channel('ops');
  const alice = server.as('alice');
  const first = await alice.say('ops', 'first of all');
  for (let n = 0; n < 5000; n += 1) await alice.say('ops', `message ${n}`);
  const reply = await alice.say('ops', 'late reply to the first', { threadTs: first.ts });
  expect(root.messages.size).toBe(5002);
  const page = await openPage(server, 'bob');
  const shown = () => [...page.store.keys()].filter((key) => key.startsWith('message:')).length;
  expect(shown()).toBe(61);
  expect(page.store.get(`message:C0OPS:${first.ts}`)).toMatchObject({ replyCount: 1, lastReplyTs: reply.ts });
  expect(page.store.get('channel:C0OPS')).toMatchObject({ older: true, unread: 1000 });
  page.send({ type: 'more', channel: 'C0OPS' });
  await page.until(() => shown() === 301);
  const before = page.patches.length;
  const next = await alice.say('ops', 'one more');
  await page.until((store) => store.has(`message:C0OPS:${next.ts}`));
  const keys = page.patches.slice(before).flatMap((patch) => patch.set);
  expect(keys.toSorted()).toEqual(['channel:C0OPS', `message:C0OPS:${next.ts}`]);
  const all = await stateOf(server, 'bob');
  expect(Object.keys(all).filter((key) => key.startsWith('message:'))).toHaveLength(5003);
  expect(all['channel:C0OPS']).toMatchObject({ older: false });
});

test('what somebody has chosen in a message is theirs alone', async () => {
  const server = await pageChat();
  const app = await socketApp(server, (bolt) => {
    bolt.action(/.*/, async ({ ack }) => ack());
  });
  const option = (value: string) => ({ text: { type: 'plain_text' as const, text: value }, value });
  const select = { type: 'static_select' as const, action_id: 'size', options: [option('s'), option('m')] };
  const blocks = [{ type: 'actions' as const, block_id: 'acts', elements: [select] }];
  const { ts = '' } = await app.client.chat.postMessage({ channel: 'C0OPS', text: 'pick', blocks });
  const [alice, bob] = [await openPage(server, 'alice'), await openPage(server, 'bob')];
  const target = { message: { channel: 'C0OPS', ts } };
  const chosen = await act(server, 'alice', { act: 'select', target, actionId: 'size', blockId: 'acts', value: 'm' });
  expect(chosen).toMatchObject({ ok: true, receipt: { outcome: 'acked' } });
  const key = `state:C0OPS:${ts}`;
  await alice.until((store) => store.has(key));
  expect(alice.store.get(key)).toMatchObject({ acts: { size: { selected_option: { value: 'm' } } } });
  expect(bob.store.has(key)).toBe(false);
});
