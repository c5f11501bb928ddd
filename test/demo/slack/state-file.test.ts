/** The workspace outlives its server. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../../demo/slack/clock.ts';
import { chat, socketApp, stopAll } from './kit.ts';
import { act, closePages, folder, pageChat, stateOf } from './ui-kit.ts';

afterEach(closePages);
afterEach(stopAll);

test('a restarted server goes on: the app edits its old card, people find what they have read and seen', async () => {
  const stateFile = join(folder(), 'chat.json');
  // no time goes by meanwhile: what the second server says is still later
  const clock = manualClock();
  const first = await pageChat({ stateFile, clock });
  expect(first.restored).toBe(false);
  first.addUserGroup({ handle: 'devs', users: ['alice'] });
  first.addUser({ name: 'carol', title: 'lead of team-01', tz: 'Europe/Vienna' });
  const app = await socketApp(first, () => undefined);
  const card = await app.client.chat.postMessage({ channel: 'C0OPS', text: 'creating web-01' });
  const ts = card.ts ?? '';
  await app.client.chat.postMessage({ channel: 'C0OPS', text: 'a reply', thread_ts: ts });
  await app.client.filesUploadV2({ channel_id: 'C0OPS', content: 'a,b', filename: 'list.csv' });
  await app.client.chat.postMessage({ channel: 'U0ALICE', text: 'for alice' });
  await app.client.views.publish({ user_id: 'U0ALICE', view: { type: 'home', blocks: [{ type: 'divider' }] } });
  await act(first, 'alice', { act: 'react', channel: 'ops', ts, name: 'eyes' });
  await act(first, 'alice', { act: 'read', channel: 'ops', ts });
  await first.as('bob').say('ops', 'the last');
  const before = await stateOf(first, 'alice');
  await app.stop();
  await first.close();

  const second = await pageChat({ stateFile, clock });
  expect(second.restored).toBe(true);
  const after = await stateOf(second, 'alice');
  const kept = Object.keys(before).filter((key) => !/^(workspace|traffic-count)$/.test(key));
  for (const key of kept) expect([key, after[key]]).toEqual([key, before[key]]);
  expect(Object.keys(after).toSorted()).toEqual(Object.keys(before).toSorted());
  expect(after[`message:C0OPS:${ts}`]).toMatchObject({ replyCount: 1, reactions: [{ name: 'eyes' }] });
  expect(second.files().map((file) => file.bytes?.toString())).toEqual(['a,b']);

  const again = await socketApp(second, () => undefined);
  await again.client.chat.update({ channel: 'C0OPS', ts, text: 'created web-01' });
  const next = await again.client.chat.postMessage({ channel: 'C0OPS', text: 'next' });
  expect(second.messages('ops').map((one) => one.text)).toEqual(['created web-01', 'a reply', '', 'the last', 'next']);
  expect(Number(next.ts)).toBeGreaterThan(Number(second.messages('ops').at(-2)?.ts));
  // ids go on, too: nothing new has the id of something old
  expect(second.addUser({ name: 'ali.ce' }).id).toBe('U0ALICE2');
  expect(second.workspace.ids.state().count).toBeGreaterThanOrEqual(first.workspace.ids.state().count);
});

test('it is written while the server runs, soon after a change, with nothing left beside it', async () => {
  const place = folder();
  const stateFile = join(place, 'chat.json');
  const server = await chat({ stateFile });
  const said = await server.as('alice').say('ops', 'to be kept');
  await server.waitFor(() => existsSync(stateFile) && readFileSync(stateFile, 'utf8').includes(said.ts));
  expect(readdirSync(place)).toEqual(['chat.json']);
  expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toMatchObject({ format: 1 });
});

test.each([
  ['another format', '{"format":99}', 'has format 99, expected format 1; remove it'],
  ['no JSON', '{"form', 'has no format of this server, expected format 1'],
  ['something else', '{"format":1,"users":[]}', 'is no state of this server (ids'],
])('%s is refused, and left as it is', async (_, content, problem) => {
  const stateFile = join(folder(), 'chat.json');
  writeFileSync(stateFile, content);
  const started = chat({ stateFile });
  await expect(started).rejects.toThrow(RangeError);
  await expect(started).rejects.toThrow(problem);
  expect(readFileSync(stateFile, 'utf8')).toBe(content);
});

test('people and channels that are there already are not made twice', async () => {
  const server = await chat();
  const count = () => [server.workspace.users.size, server.workspace.channels.size, server.workspace.groups.size];
  server.addUserGroup({ handle: 'devs', users: ['alice'] });
  const before = count();
  expect(server.addUser({ name: 'alice', tz: 'Europe/Vienna' })).toMatchObject({ id: 'U0ALICE', tz: 'Europe/Vienna' });
  expect(server.addChannel({ name: 'ops', members: [] })).toMatchObject({ id: 'C0OPS' });
  expect([...server.addUserGroup({ handle: 'devs', users: ['bob'] }).users]).toEqual(['U0BOB']);
  expect(count()).toEqual(before);
});
