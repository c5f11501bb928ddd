import type { App } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import type { ChatServer } from '../../../demo/slack/server.ts';
import { type SlackDeps, startSlack } from '../../../src/infra/slack/app.ts';
import { checkSlack, type SlackTokens } from '../../../src/infra/slack/tokens.ts';
import { testSettings } from '../../kit/settings.ts';
import { atEnd, chat, database, endAll, quietLog } from './kit.ts';

afterEach(endAll);

const tokensOf = (server: ChatServer, change: Partial<SlackTokens> = {}): SlackTokens => ({
  bot: server.env.SLACK_BOT_TOKEN,
  app: server.env.SLACK_APP_TOKEN,
  signingSecret: null,
  apiUrl: server.apiUrl,
  ...change,
});
const settings = testSettings([], { channels: { admin: 'admins', audit: null } });
const [team] = settings.teams;
const oneTeam = { ...settings, teams: team === undefined ? [] : [team] };

const deps = (server: ChatServer, change: Partial<SlackTokens> = {}): SlackDeps => ({
  tokens: tokensOf(server, change),
  port: 0,
  settings: () => oneTeam,
  db: database().db,
  render: () => null,
  register: () => undefined,
  log: quietLog,
  socketTimes: { retryMs: [20, 100] },
});

test('all is well: a line for each thing', async () => {
  const server = await chat();
  const lines = await checkSlack(tokensOf(server), oneTeam);
  expect(lines.filter(({ ok }) => !ok)).toEqual([]);
  expect(lines.map(({ what }) => what)).toEqual([
    'the bot token works in Hostler demo',
    'it has the scopes that it needs',
    'Hostler is in #team-01',
    'Hostler is in #admins',
    'the app-level token opens sockets',
  ]);
});

test.each<[string, (server: ChatServer) => Partial<SlackTokens>, string, string]>([
  ['no bot token', () => ({ bot: '' }), 'SLACK_BOT_TOKEN is not set', 'xoxb-'],
  [
    'a wrong bot token',
    () => ({ bot: 'xoxb-wrong' }),
    'Slack refused SLACK_BOT_TOKEN: invalid_auth',
    'OAuth & Permissions',
  ],
  [
    'tokens swapped',
    ({ env }) => ({ bot: env.SLACK_APP_TOKEN }),
    'SLACK_BOT_TOKEN holds a token of another kind',
    'xoxb-',
  ],
  [
    'a wrong app token',
    () => ({ app: 'xapp-wrong' }),
    'Slack refused SLACK_APP_TOKEN: invalid_auth',
    'App-Level Tokens',
  ],
  ['no way in', () => ({ app: null }), 'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set', 'Socket Mode'],
  ['nobody there', () => ({ apiUrl: 'http://127.0.0.1:1/api/' }), 'the bot token could not be tried', 'SLACK_API_URL'],
])('%s', async (_, change, what, hint) => {
  const server = await chat();
  const bad = (await checkSlack(tokensOf(server, change(server)), oneTeam)).find(({ ok }) => !ok);
  expect(bad?.what).toContain(what);
  expect(bad?.hint).toContain(hint);
});

test('scopes that the token lacks are named, by check and at the start', async () => {
  const server = await chat({ scopes: ['commands', 'chat:write', 'channels:read', 'groups:read', 'files:write'] });
  const lines = await checkSlack(tokensOf(server), oneTeam);
  expect(lines.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual(['it lacks the scope im:write']);
  await expect(startSlack(deps(server))).rejects.toMatchObject({
    code: 'invalid_config',
    message: 'The bot token lacks the scopes im:write',
  });
});

test('channels without Hostler are named', async () => {
  const server = await chat();
  await server.as('carol').kick('admins');
  const lines = await checkSlack(tokensOf(server), { ...oneTeam, channels: { admin: 'admins', audit: 'nowhere' } });
  expect(lines.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual([
    'Hostler is not in #admins',
    'Hostler is not in #nowhere',
  ]);
});

test('wrong tokens end the start, with what to do', async () => {
  const server = await chat();
  await expect(startSlack(deps(server, { bot: 'xoxb-wrong' }))).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(startSlack(deps(server, { app: 'xapp-wrong' }))).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(startSlack(deps(server, { app: null }))).rejects.toMatchObject({ code: 'invalid_config' });
  expect(server.sockets()).toEqual([]);
});

test('Slack down at the start: it starts, and connects when Slack is back', async () => {
  const server = await chat();
  server.trouble.down(true);
  const slack = await startSlack(deps(server));
  atEnd(slack.stop);
  expect(slack.health().sockets).toMatchObject({ open: 0, wanted: 2 });
  server.trouble.down(false);
  await server.waitFor(() => slack.health().sockets?.open === 2, { what: 'two sockets' });
});

test('a stop lets what was taken come to its end', async () => {
  const server = await chat();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const done: string[] = [];
  const register = (app: App): void => {
    app.command('/vm', async ({ ack, command }) => {
      await ack();
      await held;
      done.push(command.text);
    });
  };
  const slack = await startSlack({ ...deps(server), register });
  await server.waitFor(() => slack.health().sockets?.open === 2);
  expect((await server.as('alice').slash('team-01', '/vm list')).outcome).toBe('acked');
  const stopped = slack.stop();
  await server.waitFor(() => server.sockets().length === 0, { what: 'no sockets' });
  release();
  await stopped;
  expect(done).toEqual(['list']);
});
