import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../demo/slack/model/types.ts';
import { cards, endAll, type Place, place, plan, reply, waitUntil } from '../e2e/kit.ts';

afterEach(endAll);

/** A create that takes a moment, so that what happens to Slack happens while it runs. */
async function create(at: Place): Promise<Message> {
  const card = await plan(at, '01-dev1', '/vm create web-01 --image tiny --flavor small');
  at.host.trouble.slowMs = 60;
  await at.server.as('01-dev1').click(card, 'Create');
  return card;
}

/** Whatever Slack knows of it. */
async function endOnHost(at: Place): Promise<void> {
  await waitUntil('the end on the host', () =>
    at.audit({ kind: 'operation.ended' }).some(({ subject }) => subject === 'vm:team-01/web-01'),
  );
}

/** One card, which tells the end, and then one reply. */
async function expectToldOnce(at: Place, card: Message): Promise<void> {
  await reply(at, card);
  expect(cards(at.server)[0]?.text).toContain(': done');
  expect(cards(at.server)).toHaveLength(1);
  expect(at.server.thread('team-01', card.ts)).toHaveLength(2);
  expect(at.host.snapshot().domains).toHaveLength(1);
}

test('429 with Retry-After, on edits and on posts', async () => {
  const at = await place();
  at.server.trouble.next('chat.update', { status: 429, retryAfter: 1, times: 2 });
  at.server.trouble.next('chat.postMessage', { status: 429, retryAfter: 1 });
  const card = await create(at);
  at.server.trouble.next('chat.postMessage', { status: 429, retryAfter: 1 });
  await expectToldOnce(at, card);
  // Each waited as long as it was told to.
  for (const method of ['chat.update', 'chat.postMessage']) {
    const calls = at.server.traffic.calls(method);
    for (const [index, call] of calls.entries()) {
      const next = calls[index + 1];
      if (call.status === 429 && next !== undefined) expect(next.at - call.at).toBeGreaterThan(950);
    }
  }
});

test('sockets dropped, then asked to make room', async () => {
  const at = await place();
  const card = await create(at);
  const old = at.server.sockets().map(({ n }) => n);
  expect(at.server.trouble.dropSockets()).toBe(2);
  const fresh = () => at.server.sockets().filter(({ n }) => !old.includes(n)).length;
  await at.server.waitFor(() => fresh() >= 2, { what: 'two new sockets', deadline: 10_000 });
  at.server.trouble.refresh({ closeAfter: 300 });
  // While one goes and another comes, nothing is lost.
  for (const line of ['/vm list', '/host list', '/vm help']) {
    const { outcome } = await at.server.as('01-dev1').slash('team-01', line);
    expect(outcome).toBe('acked');
  }
  await expectToldOnce(at, card);
  await at.server.waitFor(() => at.server.ephemerals('01-dev1').length === 3, { what: 'three answers' });
});

test('down for a while', async () => {
  const at = await place();
  const card = await create(at);
  at.server.trouble.down(true);
  await endOnHost(at);
  expect(cards(at.server)[0]?.text).not.toContain(': done');
  at.server.trouble.down(false);
  await expectToldOnce(at, card);
  // And it hears again.
  await at.server.waitFor(() => at.server.sockets().length >= 2, { what: 'two sockets', deadline: 15_000 });
  expect(await at.server.as('01-dev1').slash('team-01', '/vm list')).toMatchObject({ outcome: 'acked' });
}, 40_000);

test('answers lost: edits are made again', async () => {
  const at = await place();
  const card = await create(at);
  at.server.trouble.next('chat.update', { lost: true, times: 2 });
  await expectToldOnce(at, card);
});

test('Slack down, and the bot killed meanwhile: the next one tells it', async () => {
  const at = await place();
  const card = await create(at);
  at.server.trouble.down(true);
  // The press was acked: whether it was acted on or only taken, the next one carries it out, and needs no Slack for that.
  await at.kill('SIGKILL');
  await at.start();
  await endOnHost(at);
  at.server.trouble.down(false);
  await expectToldOnce(at, card);
}, 40_000);
