/** Troubles made from the page's panel: each does what it says, shows while it is at work, and can be ended. */
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../../demo/slack/clock.ts';
import { MANIFEST, socketApp, stopAll } from './kit.ts';
import { act, closePages, openPage, pageChat, trouble } from './ui-kit.ts';

afterEach(closePages);
afterEach(stopAll);

const call = async (apiUrl: string, token: string, method = 'auth.test') => {
  const response = await fetch(`${apiUrl}${method}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text };
};

test('429 with Retry-After for a method, so many times; it counts down and is over', async () => {
  const server = await pageChat();
  const page = await openPage(server, 'alice');
  const ask = (method?: string) => call(server.apiUrl, server.env.SLACK_BOT_TOKEN, method);
  const made = await trouble(server, { kind: 'rate-limit', method: 'auth.test', times: 2, seconds: 7 });
  expect(made).toMatchObject({ ok: true, active: [{ kind: 'rate-limit', method: 'auth.test', left: 2, seconds: 7 }] });
  expect(await ask('users.list')).toMatchObject({ status: 200 });
  expect(await ask()).toMatchObject({ status: 429, retryAfter: '7' });
  await page.until((store) => store.get('trouble')?.active[0]?.left === 1);
  expect(await ask()).toMatchObject({ status: 429 });
  expect(await ask()).toMatchObject({ status: 200 });
  await page.until((store) => store.get('trouble')?.active.length === 0);
});

test('without a number it lasts until it is cleared, alone or with all', async () => {
  const server = await pageChat();
  const ask = () => call(server.apiUrl, server.env.SLACK_BOT_TOKEN);
  await trouble(server, { kind: 'error', error: 'fatal_error' });
  const { active } = await trouble(server, { kind: 'rate-limit', method: 'chat.update' });
  expect(active).toEqual([
    { id: expect.any(String), kind: 'error', method: '*', error: 'fatal_error' },
    { id: expect.any(String), kind: 'rate-limit', method: 'chat.update', seconds: 30 },
  ]);
  for (let n = 0; n < 3; n += 1) expect((await ask()).text).toContain('fatal_error');
  const id = String(active?.[0]?.id);
  expect(await trouble(server, { kind: 'clear', id })).toMatchObject({ ok: true, active: [{ kind: 'rate-limit' }] });
  expect(await trouble(server, { kind: 'clear', id })).toMatchObject({ ok: false });
  expect((await ask()).text).toContain('"ok":true');
  expect(await trouble(server, { kind: 'clear' })).toMatchObject({ ok: true, active: [] });
});

test('down: the app can’t call and isn’t online, while the page goes on; up ends it', async () => {
  const server = await pageChat();
  const page = await openPage(server, 'alice');
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack }) => ack());
  });
  await page.until((store) => store.get('workspace')?.app.online);
  await trouble(server, { kind: 'down' });
  await page.until((store) => !store.get('workspace')?.app.online);
  expect(page.store.get('trouble')).toMatchObject({ active: [{ kind: 'down', method: '*' }] });
  await expect(call(server.apiUrl, server.env.SLACK_BOT_TOKEN)).rejects.toThrow();
  expect(await act(server, 'alice', { act: 'slash', channel: 'ops', line: '/vm' })).toMatchObject({ ok: false });
  await act(server, 'alice', { act: 'say', channel: 'ops', text: 'still here' });
  await page.until((store) => [...store.values()].some((one) => one.text === 'still here'));
  expect(await trouble(server, { kind: 'up' })).toMatchObject({ active: [] });
  await page.until((store) => store.get('workspace')?.app.online);
  // that it answers shows that the app has understood that it is back
  expect(await act(server, 'alice', { act: 'slash', channel: 'ops', line: '/vm' })).toMatchObject({ ok: true });
});

test('every event delivered twice, until cleared', async () => {
  const server = await pageChat({ manifest: MANIFEST });
  const heard: string[] = [];
  await socketApp(server, (app) => {
    app.event('app_home_opened', async () => void heard.push('home'));
    app.shortcut('new_vm', async ({ ack }) => {
      heard.push('shortcut');
      await ack();
    });
  });
  await trouble(server, { kind: 'duplicate', method: 'events_api' });
  for (const times of [2, 4]) {
    await act(server, 'alice', { act: 'openHome' });
    await server.waitFor(() => heard.length === times);
  }
  await act(server, 'alice', { act: 'shortcut', callbackId: 'new_vm' });
  await trouble(server, { kind: 'clear' });
  await act(server, 'alice', { act: 'openHome' });
  await server.waitFor(() => heard.length === 6);
  expect(heard.filter((one) => one === 'home')).toHaveLength(5);
});

test('slow, for all calls or for one', async () => {
  const clock = manualClock();
  const server = await pageChat({ clock });
  const timed = async (method?: string) => {
    const before = server.traffic.calls().length;
    const done = call(server.apiUrl, server.env.SLACK_BOT_TOKEN, method);
    // time goes on in small steps until the answer has been given
    await server.waitFor(() => {
      if (server.traffic.calls().length > before) return true;
      clock.advance(10_000);
      return false;
    });
    await done;
    return server.traffic.calls().at(-1)?.ms ?? -1;
  };
  const made = await trouble(server, { kind: 'slow', seconds: 60 });
  expect(made.active).toEqual([{ id: expect.any(String), kind: 'slow', method: '*', seconds: 60 }]);
  expect(await timed()).toBeGreaterThanOrEqual(60_000);
  await trouble(server, { kind: 'clear' });
  await trouble(server, { kind: 'slow', method: 'users.list', seconds: 60, times: 1 });
  expect(await timed('users.list')).toBeGreaterThanOrEqual(60_000);
  expect(await timed()).toBeLessThan(60_000);
});

test('sockets are dropped and come back; a refresh makes the app change its socket', async () => {
  const server = await pageChat();
  expect(await trouble(server, { kind: 'drop-sockets' })).toMatchObject({
    ok: false,
    error: { message: 'The app has no socket open.' },
  });
  await socketApp(server, (app) => {
    app.command('/vm', async ({ ack }) => ack());
  });
  const slash = () => act(server, 'alice', { act: 'slash', channel: 'ops', line: '/vm' });
  expect(await trouble(server, { kind: 'drop-sockets' })).toMatchObject({ ok: true, active: [] });
  await server.waitFor(() => server.sockets().some((one) => one.n === 2));
  // that it answers shows that it has understood that it is back
  expect(await slash()).toMatchObject({ ok: true });
  expect(await trouble(server, { kind: 'refresh', seconds: 5 })).toMatchObject({ ok: true });
  await server.waitFor(() => server.sockets().some((one) => one.n === 3) && server.sockets().length === 1);
  expect(await slash()).toMatchObject({ ok: true });
});
