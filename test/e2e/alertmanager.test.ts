/** Alertmanager's webhook, in and out, of a running bot. */
import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { readAlertmanager } from '../../src/domain/alerts/alertmanager.ts';
import { freePort } from '../kit/free-port.ts';
import { cards, endAll, type Place, place, textOf, waitUntil } from './kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await endAll();
  for (const end of ends.splice(0).reverse()) await end();
});

const TOKEN = 'a-token-for-alertmanager';
const alert = (status: 'firing' | 'resolved') => ({
  status,
  labels: { alertname: 'DiskSlow', severity: 'critical', team: 'team-01', instance: 'db:9100' },
  annotations: { summary: 'writes take 2 s' },
  startsAt: '2026-11-24T05:04:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint: '00f1e2d3c4b5a697',
});
const message = (status: 'firing' | 'resolved') => ({ version: '4', status, receiver: 'x', alerts: [alert(status)] });

interface Posting {
  readonly token?: string | null;
  readonly method?: string;
}

async function open(): Promise<{
  readonly at: Place;
  readonly post: (body: unknown, how?: Posting) => Promise<[number, string]>;
}> {
  const listen = `127.0.0.1:${await freePort()}`;
  const at = await place({
    start: false,
    config: { metrics: { listen }, alerts: { alertmanager: { token: 'env:HOSTLER_AM_TOKEN' } } },
  });
  await at.start({ HOSTLER_AM_TOKEN: TOKEN });
  const post = async (body: unknown, { token = TOKEN, method = 'POST' }: Posting = {}): Promise<[number, string]> => {
    const response = await fetch(`http://${listen}/alertmanager`, {
      method,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return [response.status, await response.text()];
  };
  return { at, post };
}

it('in: an alert is one message in the team’s channel, edited when it is over', async () => {
  const { at, post } = await open();
  for (let n = 0; n < 3; n += 1) expect(await post(message('firing'))).toEqual([200, '{"ok":true}\n']);
  const card = await at.server.waitFor(() => cards(at.server)[0], { what: 'the card', deadline: 20_000 });
  expect(textOf(card.blocks)).toContain('writes take 2 s');
  expect(card.text).toContain('DiskSlow: db:9100');
  // Written down as posted: a bot that dies between Slack's doing and that posts it again (src/infra/slack/courier.ts).
  await at.server.waitFor(() => at.server.traffic.calls('chat.getPermalink').length > 0, {
    what: 'the bot to know where it stands',
    deadline: 20_000,
  });
  // It is kept: a bot that dies knows of it.
  await at.kill('SIGKILL');
  await at.start({ HOSTLER_AM_TOKEN: TOKEN });
  expect(await post(message('firing'))).toEqual([200, '{"ok":true}\n']);
  expect(await post(message('resolved'))).toEqual([200, '{"ok":true}\n']);
  await at.server.waitFor(() => cards(at.server)[0]?.text.includes('DiskSlow: db:9100, resolved'), {
    what: 'its end',
    deadline: 20_000,
  });
  await at.server.waitFor(() => at.server.thread('team-01', card.ts).length === 2, { what: 'the reply' });
  expect(cards(at.server)).toHaveLength(1);
});

it('in: what is not right is refused, and says why', async () => {
  const { at, post } = await open();
  for (const token of [null, 'wrong', `${TOKEN}x`, ''])
    expect(await post(message('firing'), { token })).toEqual([
      401,
      expect.stringContaining('expected Authorization: Bearer'),
    ]);
  expect(await post('{"version":', {})).toEqual([400, expect.stringContaining('no JSON')]);
  expect(await post({ ...message('firing'), version: '1' })).toEqual([
    400,
    expect.stringContaining('version: expected \\"4\\"'),
  ]);
  expect(await post({ ...message('firing'), alerts: [{ ...alert('firing'), startsAt: 1 }] })).toEqual([
    400,
    expect.stringContaining('alerts[0].startsAt'),
  ]);
  expect(await post('x'.repeat(3 * 1024 * 1024))).toEqual([413, expect.stringContaining('max_alerts')]);
  expect(await post('', { method: 'GET' })).toEqual([405, expect.stringContaining('POST')]);
  expect(cards(at.server)).toEqual([]);
  // Neither the token nor what was sent for one is told to anybody.
  expect(at.bot().log()).not.toContain(TOKEN);
  expect(at.bot().log()).toContain('a webhook of alertmanager was refused');
});

it('in: a token that isn’t there keeps the bot from starting, and is found by the check', async () => {
  const at = await place({
    start: false,
    config: { metrics: { listen: '127.0.0.1:9' }, alerts: { alertmanager: { token: 'env:HOSTLER_AM_TOKEN' } } },
  });
  expect(await at.cli(['start'])).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('HOSTLER_AM_TOKEN is not set'),
  });
  expect((await at.cli(['check'])).stdout).toContain('HOSTLER_AM_TOKEN is not set');
  at.writeConfig({ metrics: {} });
  expect((await at.cli(['check'])).stdout).toContain('needs metrics.listen');
});

it('out: an alert of ours is posted, and again when the receiver comes back', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const got: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      got.push({ authorization: request.headers.authorization, body: JSON.parse(text) });
      response.end();
    });
  });
  const at = await place({
    start: false,
    config: {
      alerts: {
        rules: [{ name: 'some-data', when: 'pool.data > 0', for: '0s', clear: 0 }],
        webhooks: [{ name: 'pager', url: `http://127.0.0.1:${port}/`, token: 'env:PAGER_TOKEN' }],
      },
    },
  });
  at.host.fillPool(0.5);
  await at.start({ PAGER_TOKEN: 'pager-secret' });
  // Not to wait for the minute.
  expect((await at.cli(['run', '--yes', '--', 'hostler', 'schedule', 'run', 'sweep'])).exit).toBe(0);
  await waitUntil('a try in vain', () => at.bot().log().includes('a webhook can’t be reached'));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  await waitUntil('the post', () => got.length > 0);
  expect(got).toEqual([{ authorization: 'Bearer pager-secret', body: expect.anything() }]);
  expect(got[0]).toMatchObject({
    body: {
      status: 'firing',
      receiver: 'pager',
      alerts: [
        {
          labels: { alertname: 'some-data', host: 'kvm-1', source: 'hostler' },
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      ],
    },
  });
  const [first] = got;
  expect(readAlertmanager(Object(first).body)).toMatchObject({ ok: true });
  expect(at.bot().log()).not.toContain('pager-secret');
});
