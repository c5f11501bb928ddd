import { WebClient } from '@slack/web-api';
import { afterEach, expect, test } from 'vitest';
import { chat, silent, stopAll } from './kit.ts';

afterEach(stopAll);

const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });

/** Calls a method and gives the answer, good or bad. */
const caller = (apiUrl: string, token: string) => {
  // literal types of blocks and the like are not what is tested here
  const client = new WebClient(token, { slackApiUrl: apiUrl, logger: silent });
  return (method: string, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> =>
    client.apiCall(method, args).then(
      (answer) => ({ ...answer }),
      (error: { data: Record<string, unknown> }) => error.data,
    );
};

const setup = async (options: Parameters<typeof chat>[0] = {}) => {
  const server = await chat(options);
  server.addChannel({ name: 'dev', members: ['alice'] });
  server.addChannel({ name: 'secret', kind: 'private', members: ['alice'] });
  return { server, call: caller(server.apiUrl, server.env.SLACK_BOT_TOKEN) };
};

test('tokens and scopes', async () => {
  const { server, call } = await setup({ scopes: ['commands', 'chat:write'] });
  expect(await caller(server.apiUrl, 'xoxb-wrong')('auth.test')).toMatchObject({ error: 'invalid_auth' });
  expect(await caller(server.apiUrl, server.env.SLACK_APP_TOKEN)('auth.test')).toMatchObject({
    error: 'not_allowed_token_type',
  });
  expect(await (await fetch(`${server.apiUrl}auth.test`, { method: 'POST' })).json()).toEqual({
    ok: false,
    error: 'not_authed',
  });
  expect(await call('auth.test')).toMatchObject({ ok: true, user_id: 'U0HOSTLER', bot_id: 'B0HOSTLER' });
  expect(await call('users.info', { user: 'U0ALICE' })).toMatchObject({
    error: 'missing_scope',
    needed: 'users:read',
    provided: 'commands,chat:write',
  });
  expect(await call('no.such')).toMatchObject({ error: 'unknown_method' });
});

test('where the bot may post', async () => {
  const { server, call } = await setup();
  const post = async (channel: string) => (await call('chat.postMessage', { channel, text: 'x' })).error;
  expect(await post('C0DEV')).toBe('not_in_channel');
  expect(await post('C0SECRET')).toBe('channel_not_found');
  expect(await post('C0NOPE')).toBe('channel_not_found');
  expect(await post('#ops')).toBeUndefined();
  expect(await post('U0ALICE')).toBeUndefined();
  expect(server.directMessages('alice')).toHaveLength(1);
  server.workspace.channel('ops').archived = true;
  expect(await post('C0OPS')).toBe('is_archived');
  const ephemeral = { channel: server.workspace.direct(['U0HOSTLER', 'U0ALICE']).id, user: 'U0BOB', text: 'x' };
  expect(await call('chat.postEphemeral', ephemeral)).toMatchObject({ error: 'user_not_in_channel' });
});

test.each<[string, unknown[], string]>([
  [
    '51 blocks',
    Array.from({ length: 51 }, () => ({ type: 'divider' })),
    'no more than 50 items allowed [json-pointer:/blocks]',
  ],
  ['long section', [section('x'.repeat(3001))], 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
  ['empty section', [section('')], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
  ['unknown block', [{ type: 'nope' }], 'unsupported type: nope [json-pointer:/blocks/0/type]'],
  [
    'alert in a message',
    [{ type: 'alert', text: { type: 'mrkdwn', text: 'x' } }],
    'unsupported type: alert [json-pointer:/blocks/0/type]',
  ],
  [
    'mrkdwn header',
    [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
    'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
  ],
  [
    'unknown field',
    [{ type: 'divider', colour: 'red' }],
    'invalid additional property: colour [json-pointer:/blocks/0]',
  ],
  ['no text', [{ type: 'section' }], 'missing required field: text or fields [json-pointer:/blocks/0]'],
  [
    'same block_id',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'a' },
    ],
    '`block_id` "a" already exists [json-pointer:/blocks/1/block_id]',
  ],
  [
    'six overflow options',
    [
      {
        type: 'actions',
        elements: [
          {
            type: 'overflow',
            action_id: 'o',
            options: Array.from({ length: 6 }, (_, n) => ({
              text: { type: 'plain_text', text: `${n}` },
              value: `${n}`,
            })),
          },
        ],
      },
    ],
    'no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]',
  ],
])('blocks: %s', async (_name, blocks, problem) => {
  const { call } = await setup();
  const answer = await call('chat.postMessage', { channel: 'C0OPS', text: 'x', blocks });
  expect(answer).toMatchObject({ error: 'invalid_blocks', errors: [problem] });
  expect(answer.response_metadata).toMatchObject({ messages: [`[ERROR] ${problem}`] });
});

test('length of whole messages', async () => {
  const { call } = await setup();
  const post = (args: Record<string, unknown>) => call('chat.postMessage', { channel: 'C0OPS', ...args });
  expect(await post({ text: 'x'.repeat(40_001) })).toMatchObject({ error: 'msg_too_long' });
  const blocks = (length: number) => [
    ...Array.from({ length: 4 }, () => section('x'.repeat(3000))),
    section('x'.repeat(length)),
  ];
  expect(await post({ text: 'x', blocks: blocks(1200) })).toMatchObject({ ok: true });
  expect(await post({ text: 'x', blocks: blocks(1201) })).toMatchObject({ error: 'msg_blocks_too_long' });
  expect(await post({})).toMatchObject({ error: 'no_text' });
  expect(await post({ text: 'x', blocks: 'nonsense' })).toMatchObject({ error: 'invalid_blocks_format' });
});

test('edits and deletes', async () => {
  const { server, call } = await setup();
  const { ts } = await call('chat.postMessage', { channel: 'C0OPS', text: 'a', blocks: [section('a')] });
  const update = (args: Record<string, unknown>) => call('chat.update', { channel: 'C0OPS', ts, ...args });
  expect(await update({ text: 'x'.repeat(4001) })).toMatchObject({ error: 'msg_too_long' });
  expect(await update({ text: 'b', blocks: [section('b')] })).toMatchObject({ ok: true, text: 'b' });
  expect(server.messages('ops')[0]).toMatchObject({ text: 'b', blocks: [{ text: { text: 'b' } }] });
  expect(await update({ text: 'c' })).toMatchObject({ ok: true });
  expect(server.messages('ops')[0]).toMatchObject({ text: 'c', blocks: [], edited: { user: 'U0HOSTLER' } });
  expect(await call('chat.update', { channel: 'C0OPS', ts: '1.000001', text: 'x' })).toMatchObject({
    error: 'message_not_found',
  });
  const said = await server.as('alice').say('ops', 'mine');
  expect(await call('chat.update', { channel: 'C0OPS', ts: said.ts, text: 'x' })).toMatchObject({
    error: 'cant_update_message',
  });
  expect(await call('chat.delete', { channel: 'C0OPS', ts })).toMatchObject({ ok: true });
  expect(server.messages('ops').map((one) => one.text)).toEqual(['mine']);
});

test('the directory: people, members, groups, pages', async () => {
  const { server, call } = await setup();
  server.addUserGroup({ handle: 'devs', users: ['alice'] });
  expect(await call('users.info', { user: 'U0ALICE' })).toMatchObject({
    user: { profile: { email: 'alice@example.com' } },
  });
  expect(await call('users.lookupByEmail', { email: 'bob@example.com' })).toMatchObject({ user: { id: 'U0BOB' } });
  expect(await call('conversations.members', { channel: 'C0OPS' })).toMatchObject({
    members: ['U0ALICE', 'U0BOB', 'U0HOSTLER'],
  });
  expect(await call('usergroups.users.list', { usergroup: 'S0DEVS' })).toMatchObject({ users: ['U0ALICE'] });
  const first = await call('users.list', { limit: 2 });
  expect(first.members).toHaveLength(2);
  const cursor = (await call('users.list', { limit: 2 })).response_metadata;
  expect(
    await call('users.list', {
      limit: 2,
      ...(typeof cursor === 'object' && cursor && 'next_cursor' in cursor ? { cursor: cursor.next_cursor } : {}),
    }),
  ).toMatchObject({
    members: [{ name: 'bob' }],
    response_metadata: { next_cursor: '' },
  });
  const names = await call('conversations.list', { types: 'public_channel,private_channel' });
  expect(names).toMatchObject({
    channels: [
      { name: 'ops', is_member: true },
      { name: 'dev', is_member: false },
    ],
  });
  const free = await setup({ paidPlan: false });
  expect(await free.call('usergroups.list')).toMatchObject({ error: 'plan_upgrade_required' });
});

test('reactions are given once and taken back once', async () => {
  const { server, call } = await setup({ scopes: ['chat:write', 'reactions:write', 'reactions:read'] });
  const { ts } = await call('chat.postMessage', { channel: 'C0OPS', text: 'x' });
  const at = { channel: 'C0OPS', timestamp: ts };
  expect(await call('reactions.add', { ...at, name: 'eyes' })).toMatchObject({ ok: true });
  expect(await call('reactions.add', { ...at, name: 'eyes' })).toMatchObject({ error: 'already_reacted' });
  expect(await call('reactions.add', { ...at, name: 'Not A Name' })).toMatchObject({ error: 'invalid_name' });
  expect(await call('reactions.get', at)).toMatchObject({
    message: { reactions: [{ name: 'eyes', count: 1, users: ['U0HOSTLER'] }] },
  });
  expect(await call('reactions.remove', { ...at, name: 'eyes' })).toMatchObject({ ok: true });
  expect(await call('reactions.remove', { ...at, name: 'eyes' })).toMatchObject({ error: 'no_reaction' });
  expect(server.messages('ops')[0]?.reactions).toEqual([]);
});

test('a topic is set by an app that may, and people have time zones', async () => {
  const { server, call } = await setup({ scopes: ['users:read', 'channels:write.topic'] });
  expect(await call('conversations.setTopic', { channel: 'C0OPS', topic: 'VMs' })).toMatchObject({
    channel: { topic: { value: 'VMs' } },
  });
  expect(await call('conversations.setTopic', { channel: 'C0OPS', topic: 'x'.repeat(251) })).toMatchObject({
    error: 'too_long',
  });
  expect(await call('conversations.setTopic', { channel: 'C0DEV', topic: 'x' })).toMatchObject({
    error: 'not_in_channel',
  });
  const { id } = server.addUser({ name: 'kolkata', tz: 'Asia/Kolkata', title: 'lead of team-01' });
  expect(await call('users.info', { user: id })).toMatchObject({
    user: {
      tz: 'Asia/Kolkata',
      tz_label: 'India Standard Time',
      tz_offset: 19_800,
      profile: { title: 'lead of team-01' },
    },
  });
});
