import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { cardSays, cards, endAll, type Place, place, plan, reply, waitUntil } from '../e2e/kit.ts';
import { describeUnless } from '../kit/needs.ts';

afterEach(endAll);

const CREATE = '/vm create web-01 --image tiny --flavor small';

async function expectOneEnd(at: Place, ts: string): Promise<void> {
  const [card, ...more] = cards(at.server);
  expect(more).toEqual([]);
  if (card === undefined) throw new Error('no card');
  await cardSays(at, card, ': done');
  await reply(at, card);
  expect(card.ts).toBe(ts);
  expect(at.server.thread('team-01', ts)).toHaveLength(2);
  expect(at.host.snapshot().domains).toEqual([expect.stringMatching(/ running( |$)/)]);
}

test('SIGTERM in the middle of a step: it comes to a safe place, and the next start goes on', async () => {
  const at = await place();
  const card = await plan(at, '01-dev1', CREATE);
  at.host.trouble.slowMs = 200;
  const ran = at.host.log.length;
  await at.server.as('01-dev1').click(card, 'Create');
  await waitUntil('a command to run', () => at.host.log.slice(ran).some(({ line }) => line.includes('lvcreate')));
  expect(await at.kill('SIGTERM')).toBe(0);
  expect(at.bot().log()).toContain('hostler has ended');
  // What was under way is over, as far as its round trip went; the step behind it, which waits for the address, has not begun.
  expect(at.host.log.slice(ran).filter(({ line }) => line.includes('domifaddr'))).toEqual([]);
  // The state is free again, and whole.
  expect(await at.cli(['audit', 'verify'])).toMatchObject({ exit: 0 });
  at.host.trouble.slowMs = 0;
  await at.start();
  await expectOneEnd(at, card.ts);
});

test('a second signal ends it at once, and the next start goes on', async () => {
  const at = await place();
  const card = await plan(at, '01-dev1', CREATE);
  const armed = at.host.trouble.add({ match: /define --file/, when: 'after', kind: 'hang' });
  await at.server.as('01-dev1').click(card, 'Create');
  await waitUntil('the step to hang', () => armed.fired() === 1);
  const bot = at.bot();
  bot.process.kill('SIGTERM');
  await waitUntil('the first signal to be heard', () => bot.log().includes('"ending"'));
  expect(await at.kill('SIGTERM')).toBe(1);
  await at.start();
  await expectOneEnd(at, card.ts);
});

test('SIGHUP with a bad configuration: the old one stays, the admins are told, and work goes on', async () => {
  const at = await place();
  const card = await plan(at, '01-dev1', CREATE);
  at.host.trouble.slowMs = 60;
  await at.server.as('01-dev1').click(card, 'Create');
  at.writeConfig({ flavours: [] });
  at.bot().process.kill('SIGHUP');
  const told = await at.server.waitFor(() => at.server.messages('ops')[0], { deadline: 10_000, what: 'word in #ops' });
  expect(told.text).toContain('the old one stays');
  await expectOneEnd(at, card.ts);
});

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
describeUnless(hasPrlimit ? undefined : 'prlimit (util-linux) is missing', 'no room for the database', () => {
  test('it says so loudly, tells nobody a lie, and goes on when there is room', async () => {
    const at = await place();
    const card = await plan(at, '01-dev1', CREATE);
    const { pid } = at.bot().process;
    // The kernel's own bound on the size of files: writes fail as on a full disk, until it is taken back.
    const bound = (size: string) => spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${size}:unlimited`]).status;
    const armed = at.host.trouble.add({ match: / lvcreate /, when: 'after', kind: 'hang' });
    at.host.trouble.slowMs = 300;
    await at.server.as('01-dev1').click(card, 'Create');
    await waitUntil(
      'the first command',
      () => armed.fired() === 1 || at.host.log.some(({ line }) => line.includes('lvcreate -y -kn')),
    );
    expect(statSync(join(at.stateDir, 'hostler.db-wal')).size).toBeGreaterThan(4096);
    expect(bound('4096')).toBe(0);
    armed.remove();
    at.doors[0]?.cutAll();
    await waitUntil('the bot to say so', () => at.bot().log().includes('could not be written down'));
    expect(at.bot().process.exitCode).toBeNull();
    expect(cards(at.server)[0]?.text).not.toMatch(/: (done|rolled back|stuck)/);
    expect(bound('unlimited')).toBe(0);
    at.host.trouble.slowMs = 0;
    const end = await at.server.waitFor(() => cards(at.server).find(({ text }) => /: (done|rolled back)/.test(text)), {
      deadline: 25_000,
      what: () => `an end: ${at.bot().log().slice(-1500)}`,
    });
    await reply(at, end);
    expect(at.server.thread('team-01', card.ts)).toHaveLength(2);
    expect(await at.cli(['audit', 'verify'])).toMatchObject({ exit: 0 });
  }, 60_000);
});
