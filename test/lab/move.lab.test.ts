/**
 * A guest writes numbered lines, each on the disk before the next, while its disk is made thick and thin again under it: no line that it
 * had acknowledged is missing, and its file system is whole.
 */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';
import { linesOf } from './lines.ts';

let bot: LabBot;
useBot('full', (made) => {
  bot = made;
});

const run = (...words: string[]) => bot.run('01-dev1', ...words);
const { write, acknowledged, expectLines, expectWhole } = linesOf(() => bot);
const Change = z.object({ operation: z.object({ state: z.string() }) });
const Disks = z.array(z.looseObject({ target: z.string(), kind: z.string(), detachedAt: z.number().nullable() }));

async function move(to: 'thin' | 'thick', ...more: string[]): Promise<void> {
  const { operation } = Change.parse(await run('vm', 'disk', 'move', 'mv-1', 'vda', '--class', to, ...more));
  expect(operation.state).toBe('succeeded');
  const disks = Disks.parse(await run('vm', 'disk', 'list', 'mv-1'));
  expect(disks.filter(({ detachedAt }) => detachedAt === null)).toMatchObject([{ target: 'vda', kind: to }]);
}

it('loses no line of a guest whose disk is moved under it, there and back', { timeout: 6 * PATIENCE }, async () => {
  const before = await inventory(bot);
  await run('vm', 'create', 'mv-1', '--image', 'full', '--flavor', 'small');
  await write('mv-1');
  let known = await acknowledged('mv-1');
  // It never stops for it: each time it has written on when the disk is there.
  const wroteOn = async () => {
    const now = await acknowledged('mv-1');
    expect(now).toBeGreaterThan(known);
    known = now;
    await expectLines('mv-1', known);
  };
  await move('thick');
  await wroteOn();
  await move('thin');
  await wroteOn();
  await move('thick', '--verify');
  await wroteOn();

  // And once while it is off, where the copy is compared.
  await run('vm', 'shutdown', 'mv-1');
  await expectWhole('mv-1');
  await move('thin');
  await expectWhole('mv-1');
  await run('vm', 'start', 'mv-1');
  await expectLines('mv-1', known);

  await run('vm', 'delete', 'mv-1', '--force');
  await bot.run('admin', 'vm', 'purge', 'team-01/mv-1');
  expect(await inventory(bot)).toBe(before);
});
