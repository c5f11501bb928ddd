/**
 * A guest writes numbered lines, each on the disk before the next, while its VM is backed up, extended, resized, reverted and restored: no
 * line that it had acknowledged is missing where it should be, their order is kept, and its file system is whole.
 */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';
import { linesOf } from './lines.ts';

const Change = z.object({ operation: z.object({ state: z.string() }) });
const Backups = z.array(z.object({ name: z.string() }));

/** With the root on ext4, and on XFS. */
describe.each(['full', 'full-xfs'] as const)('image %s', (image) => {
  let bot: LabBot;
  useBot(image, (made) => {
    bot = made;
  });

  const run = (...words: string[]) => bot.run('01-dev1', ...words);
  const { guest, write, acknowledged, expectLines, expectWhole } = linesOf(() => bot);

  it('loses no acknowledged line, whatever is done to the VM', { timeout: 6 * PATIENCE }, async () => {
    const before = await inventory(bot);
    await run('vm', 'create', 'nl-1', '--image', image, '--flavor', 'small');
    await write('nl-1');

    const atSnapshot = await acknowledged('nl-1');
    await run('snapshot', 'create', 'nl-1', 'one');
    const atBackup = await acknowledged('nl-1');
    expect(atBackup).toBeGreaterThan(atSnapshot);
    expect(Change.parse(await run('vm', 'backup', 'now', 'nl-1')).operation.state).toBe('succeeded');

    const small = Number(await guest('nl-1', "df -k / | awk 'END { print $2 }'"));
    await run('vm', 'disk', 'extend', 'nl-1', 'vda', '+512MiB');
    await run('vm', 'disk', 'grow', 'nl-1', 'vda');
    expect(Number(await guest('nl-1', "df -k / | awk 'END { print $2 }'"))).toBeGreaterThan(small + 400 * 1024);
    await run('vm', 'resize', 'nl-1', '--memory', '256MiB');
    const atEnd = await acknowledged('nl-1');
    expect(atEnd).toBeGreaterThan(atBackup);
    await expectLines('nl-1', atEnd);

    await run('snapshot', 'revert', 'nl-1', 'one');
    await expectLines('nl-1', atSnapshot);
    await write('nl-1');

    const [backup] = Backups.parse(await run('vm', 'backup', 'list', 'nl-1'));
    await run('vm', 'backup', 'restore', String(backup?.name), '--as', 'nl-2');
    await expectLines('nl-2', atBackup);
    await run('vm', 'backup', 'restore', String(backup?.name));
    await expectLines('nl-1', atBackup);

    for (const vm of ['nl-1', 'nl-2']) {
      await run('vm', 'shutdown', vm);
      await expectWhole(vm);
      await run('vm', 'delete', vm, '--force');
      await bot.run('admin', 'vm', 'purge', `team-01/${vm}`);
    }
    await bot.run('01-lead', 'vm', 'backup', 'delete', String(backup?.name));
    expect(await inventory(bot)).toBe(before);
  });
});
