import { webApi } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import type { ChatServer } from '../../../demo/slack/server.ts';
import { decide } from '../../../src/domain/access.ts';
import type { MemberSource, Settings, Team } from '../../../src/domain/settings.ts';
import { makeChannels } from '../../../src/infra/slack/channels.ts';
import { type Directory, makeDirectory } from '../../../src/infra/slack/directory.ts';
import { testSettings } from '../../kit/settings.ts';
import { chat, endAll, quietLog, quietLogger } from './kit.ts';

afterEach(endAll);

function settingsWith(memberSource: MemberSource, change: Partial<Team> = {}): Settings {
  const base = testSettings([]);
  return {
    ...base,
    people: [...base.people, { name: 'ann', slack: 'U0ALICE', sshKeys: [], platform: null }],
    teams: base.teams.map((team) => (team.name === 'team-01' ? { ...team, memberSource, ...change } : team)),
  };
}

function directory(server: ChatServer, settings: Settings, clock = { at: Date.now() }): Directory {
  const client = new webApi.WebClient(server.env.SLACK_BOT_TOKEN, {
    slackApiUrl: server.apiUrl,
    retryConfig: { retries: 0 },
    logger: quietLogger,
  });
  const now = () => clock.at;
  return makeDirectory({ client, channels: makeChannels(client, now), settings: () => settings, log: quietLog, now });
}

test('people, leads and members by the config', async () => {
  const server = await chat();
  const { actorOf } = directory(server, testSettings([]));
  const dev = await actorOf('U01DEV1');
  expect(dev).toMatchObject({ person: '01-dev1', slack: 'U01DEV1', via: 'slack', platform: null, staleMs: null });
  expect([...dev.teams]).toEqual([['team-01', 'member']]);
  expect([...(await actorOf('U01LEAD')).teams]).toEqual([['team-01', 'lead']]);
  expect((await actorOf('UADMIN')).platform).toBe('admin');
  const stranger = await actorOf('U9STRANGER');
  expect(stranger).toMatchObject({ person: 'U9STRANGER', platform: null, staleMs: null });
  expect(stranger.teams.size).toBe(0);
  expect(server.traffic.calls()).toEqual([]);
});

test.each([
  ['a user group by handle', { kind: 'user-group', group: '@team-one' } as const],
  ['a channel', { kind: 'channel' } as const],
])('members of %s, read once a minute', async (_, source) => {
  const server = await chat();
  server.addUserGroup({ handle: 'team-one', users: ['alice'] });
  const clock = { at: Date.now() };
  const { actorOf } = directory(server, settingsWith(source, { channel: 'admins' }), clock);
  if (source.kind === 'channel') server.workspace.channel('admins').members.add('U0ALICE');
  expect([...(await actorOf('U0ALICE')).teams]).toEqual([['team-01', 'member']]);
  expect((await actorOf('U0BOB')).teams.size).toBe(0);
  const calls = server.traffic.calls().length;
  await Promise.all([actorOf('U0ALICE'), actorOf('U0BOB'), actorOf('U0CAROL')]);
  expect(server.traffic.calls()).toHaveLength(calls);
  clock.at += 61_000;
  await Promise.all([actorOf('U0ALICE'), actorOf('U0BOB')]);
  expect(server.traffic.calls().length).toBeGreaterThan(calls);
});

test('who was taken out of a group is out at the next press', async () => {
  const server = await chat();
  const group = server.addUserGroup({ handle: 'team-one', users: ['alice'] });
  const clock = { at: Date.now() };
  const { actorOf } = directory(server, settingsWith({ kind: 'user-group', group: group.id }), clock);
  expect((await actorOf('U0ALICE')).teams.size).toBe(1);
  group.users.clear();
  expect((await actorOf('U0ALICE')).teams.size).toBe(1);
  clock.at += 3000;
  expect((await actorOf('U0ALICE', { anew: true })).teams.size).toBe(0);
});

test('Slack away: reads go by the last list, changes are refused', async () => {
  const server = await chat();
  server.addUserGroup({ handle: 'team-one', users: ['alice'] });
  const clock = { at: Date.now() };
  const { actorOf } = directory(server, settingsWith({ kind: 'user-group', group: 'team-one' }), clock);
  await actorOf('U0ALICE');
  server.trouble.next('usergroups.users.list', { error: 'internal_error', times: 9 });
  clock.at += 300_000;
  const stale = await actorOf('U0ALICE');
  expect(stale.staleMs).toBe(300_000);
  expect(decide(stale, 'view', 'team-01').allowed).toBe(true);
  expect(decide(stale, 'operate', 'team-01').allowed).toBe(false);
  const other = await actorOf('U02DEV1');
  expect(other.staleMs).toBeNull();
});

test('never read: those without another team may change nothing; others are not held back', async () => {
  const server = await chat({ paidPlan: false });
  const { actorOf } = directory(server, settingsWith({ kind: 'user-group', group: 'team-one' }));
  expect((await actorOf('U0ALICE')).staleMs).not.toBeNull();
  expect((await actorOf('U02DEV1')).staleMs).toBeNull();
  expect((await actorOf('U01LEAD')).staleMs).toBeNull();
});

test('the team of a channel, by id, by name, and of a private one', async () => {
  const server = await chat();
  server.workspace.channel('private').members.add(server.app.botUserId);
  const { teamOf } = directory(server, settingsWith({ kind: 'config' }, { channel: 'private' }));
  const priv = server.workspace.channel('private').id;
  expect(await teamOf(priv, 'privategroup')).toBe('team-01');
  expect(await teamOf('C0ELSE', 'team-02')).toBe('team-02');
  expect(await teamOf('C0ELSE', 'random')).toBeNull();
  expect(await teamOf('D0BOB', 'directmessage')).toBeNull();
  const byId = directory(server, settingsWith({ kind: 'config' }, { channel: 'C0TEAM01' }));
  expect(await byId.teamOf('C0TEAM01', 'renamed')).toBe('team-01');
});
