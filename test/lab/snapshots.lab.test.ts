/** Snapshots under a guest that writes: what was acknowledged before one is there after the way back, in order, and nothing is left. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';

let bot: LabBot;
useBot('full', (made) => {
  bot = made;
});

const run = (...words: string[]) => bot.run('01-dev1', ...words);
const Shown = z.object({ address: z.string() });
/** `vm show` asks for the address anew: a guest on a busy machine may have come up after its card gave up on it. */
const guest = async (command: string) => {
  const { address } = Shown.parse(await run('vm', 'show', 'snaplab-1'));
  return bot.guest('01-dev1', address, command);
};
/** Asks again until it answers: a guest that boots has no sshd yet. */
async function awake(command: string): Promise<string> {
  const deadline = Date.now() + PATIENCE / 2;
  for (;;) {
    try {
      return await guest(command);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
/** A numbered line, on the disk before the next. */
const WRITER = 'n=0; while :; do n=$((n+1)); echo $n >>lines; sync; echo $n >/tmp/acknowledged; done';

it('goes back to a snapshot of a guest that writes, and forth again', { timeout: 3 * PATIENCE }, async () => {
  const before = await inventory(bot);
  await run('vm', 'create', 'snaplab-1', '--image', 'full', '--flavor', 'small');
  await awake(`setsid sh -c '${WRITER}' >/dev/null 2>&1 </dev/null & sleep 3; cat /tmp/acknowledged`);
  const acknowledged = Number(await guest('cat /tmp/acknowledged'));
  expect(acknowledged).toBeGreaterThan(0);

  await run('snapshot', 'create', 'snaplab-1', 'one');
  expect(await run('snapshot', 'show', 'snaplab-1', 'one')).toMatchObject({ consistency: 'filesystem' });
  expect(
    await bot.root('virsh qemu-agent-command team-01-snaplab-1 \'{"execute":"guest-fsfreeze-status"}\''),
  ).toContain('thawed');
  const later = Number(await awake('cat /tmp/acknowledged'));
  expect(later).toBeGreaterThan(acknowledged);

  await run('snapshot', 'revert', 'snaplab-1', 'one');
  const lines = (await awake('cat lines')).split('\n').map(Number);
  expect(lines.length).toBeGreaterThanOrEqual(acknowledged);
  expect(lines).toEqual(lines.map((_line, index) => index + 1));

  const [kept] = bot.rows("select name from snapshot where origin = 'operation'");
  await run('snapshot', 'revert', 'snaplab-1', String(kept?.name));
  const whole = (await awake('cat lines')).split('\n').map(Number);
  expect(whole.length).toBeGreaterThanOrEqual(later);
  expect(whole).toEqual(whole.map((_line, index) => index + 1));

  await run('snapshot', 'delete', 'snaplab-1', 'one');
  await run('vm', 'delete', 'snaplab-1', '--force');
  await bot.run('admin', 'vm', 'purge', 'team-01/snaplab-1');
  expect(await inventory(bot)).toBe(before);
});
