/** A real guest whose QEMU dies, and its restart policy: it runs again without anybody, as often as the policy lets it; then it stays off, and that is told. */
import { expect, it } from 'vitest';
import { waitFor } from '../../lab/wait.ts';
import { DEFAULT_RULES } from '../../src/domain/alerts/rule.ts';
import { type LabBot, PATIENCE, useBot } from './bot.ts';

let bot: LabBot;
useBot('tiny', (made) => {
  bot = made;
  const off = { enabled: false };
  bot.configure({
    alerts: {
      // An emulated host is busy with next to nothing, its clock falls behind meanwhile, and this one has little memory.
      rules: ['host-cpu', 'host-clock', 'host-memory', 'fleet-memory', 'vm-cpu'].map((name) => ({ name, ...off })),
    },
  });
});

const SPENT = DEFAULT_RULES.find(({ name }) => name === 'vm-restarts')?.title;
const DOMAIN = 'team-01-again-1';
const kill = () => bot.root(`kill -KILL $(cat /run/libvirt/qemu/${DOMAIN}.pid)`);
const state = async () => (await bot.root(`virsh domstate --reason ${DOMAIN}`)).trim();
const pid = async () => (await bot.root(`cat /run/libvirt/qemu/${DOMAIN}.pid 2>/dev/null || true`)).trim();
const starts = () => bot.rows("select state, person from operation where kind = 'vm.start' order by created_at");
const said = (text: string) => bot.chat.messages('team-01').filter((message) => JSON.stringify(message).includes(text));

it('starts it once, and gives up where it dies again', { timeout: 3 * PATIENCE }, async () => {
  await bot.run('01-dev1', 'vm', 'create', 'again-1', '--image', 'tiny', '--flavor', 'small');
  await bot.run('01-dev1', 'vm', 'policy', 'again-1', '--restart', 'on-failure', '--max', '1');

  const first = await pid();
  await kill();
  expect(await state()).toBe('shut off (crashed)');
  await waitFor(
    'the guest to run again',
    PATIENCE,
    async () => (await state()) === 'running (booted)' || undefined,
    1000,
  );
  expect(await pid()).not.toBe(first);
  await waitFor('the start to end', PATIENCE, () => starts()[0]?.state === 'succeeded' || undefined, 500);
  expect(starts()).toEqual([{ state: 'succeeded', person: 'hostler' }]);
  await bot.chat.waitFor(() => said('restart policy on-failure, 1 of 1 this hour')[0], {
    deadline: 60_000,
    what: 'the word to the team why it was started',
  });

  await kill();
  await bot.chat.waitFor(() => said('was started once in an hour')[0], {
    deadline: PATIENCE,
    what: 'the alert that it stays off',
  });
  expect(await state()).toBe('shut off (crashed)');
  expect(bot.rows("select count(*) as n from audit where kind = 'vm.restarts_spent'")).toEqual([{ n: 1 }]);
  expect(starts()).toHaveLength(1);

  // Whoever starts it gives it its starts back.
  await bot.run('01-dev1', 'vm', 'start', 'again-1');
  expect(await state()).toBe('running (booted)');
  await bot.chat.waitFor(() => said(`${SPENT}: team-01/again-1, resolved`)[0], {
    deadline: PATIENCE,
    what: 'the end of the alert',
  });
  await bot.run('01-dev1', 'vm', 'delete', 'again-1', '--force');
  await bot.run('admin', 'vm', 'purge', 'team-01/again-1');
});
