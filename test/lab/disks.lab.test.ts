/** A second disk in a real guest: seen at once under its name, in its snapshots, out when its guest lets go, and back with what it held. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';

let bot: LabBot;
useBot('tiny', (made) => {
  bot = made;
});

const run = (...words: string[]) => bot.run('01-dev1', ...words);
const Shown = z.object({ address: z.string() });
/** As root, who may write to disks. Asks again until it answers as wanted: a guest that boots has no sshd yet, and its kernel takes a moment to see a disk. */
async function guest(command: string, wanted: RegExp): Promise<string> {
  const deadline = Date.now() + PATIENCE / 2;
  for (;;) {
    try {
      const { address } = Shown.parse(await run('vm', 'show', 'disklab-1'));
      const said = await bot.guest('01-dev1', address, command, 'root');
      if (wanted.test(said)) return said;
      throw new Error(`${command}: ${said}`);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
/** By its serial: `vdb` in the guest is whatever came second when it booted, such as the seed. */
const DEVICE = '$(grep -l hostler-d1 /sys/block/vd*/serial | cut -d/ -f4)';
const COUNT = 'grep -l hostler-d1 /sys/block/vd*/serial | wc -l';
const write = (word: string) =>
  guest(`echo ${word} | dd of=/dev/${DEVICE} conv=fsync 2>/dev/null && echo written`, /written/);
const read = () => guest(`head -c 6 /dev/${DEVICE}`, /^(first|second)/);

it('attaches, snapshots, detaches and brings back a disk of a guest that runs', { timeout: 3 * PATIENCE }, async () => {
  const before = await inventory(bot);
  await run('vm', 'create', 'disklab-1', '--image', 'tiny', '--flavor', 'small');
  await run('vm', 'disk', 'attach', 'disklab-1', '512MiB');
  await guest(COUNT, /^1$/m);
  await write('first');
  expect(JSON.stringify(await run('vm', 'disk', 'io', 'disklab-1', '--seconds', '1'))).toContain('"target":"vdb"');

  // This guest runs from its memory: its agent answers, and has nothing to freeze. So it is suspended.
  await run('snapshot', 'create', 'disklab-1', 'one');
  expect(JSON.stringify(await run('snapshot', 'list', 'disklab-1'))).toContain('crash');
  await write('second');
  await run('vm', 'disk', 'detach', 'disklab-1', 'vdb');
  await guest(COUNT, /^0$/m);
  await run('vm', 'disk', 'restore', 'disklab-1', 'd1');
  expect(await read()).toBe('second');

  await run('snapshot', 'revert', 'disklab-1', 'one', '--force');
  expect((await read()).trim()).toBe('first');

  await run('vm', 'disk', 'detach', 'disklab-1', 'vdb');
  await run('vm', 'delete', 'disklab-1', '--force');
  await bot.run('admin', 'vm', 'purge', 'team-01/disklab-1');
  expect(await inventory(bot)).toBe(before);
});
