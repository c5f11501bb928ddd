/**
 * A chain of encrypted backups on a real host, from the bot's own commands: a full one, and one of what a guest that writes has changed since.
 * No acknowledged line is missing in the VM that is made of it; and a byte that flips in the first is found by verifying the second.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { AGE_KEY } from '../kit/age-key.ts';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';
import { linesOf } from './lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostler-lab-key-'));
const identity = join(folder, 'backup.key');
writeFileSync(identity, `${AGE_KEY.identity}\n`, { mode: 0o600 });
afterAll(() => rmSync(folder, { recursive: true }));

let bot: LabBot;
useBot('full', (made) => {
  bot = made;
  bot.configure({
    backups: {
      target: '/srv/backup/hostler',
      full_every: 7,
      encrypt_to: AGE_KEY.recipient,
      identity: `file:${identity}`,
    },
    dr: { rpo: '1h', rto: '30m', boot: '8m' },
  });
});

const run = (...words: string[]) => bot.run('01-dev1', ...words);
const Backups = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    number: z.number(),
    parent: z.string().nullable(),
    encryptedTo: z.string().nullable(),
    files: z.array(z.object({ path: z.string(), sizeBytes: z.number() })),
  }),
);
const Drills = z.array(
  z.looseObject({ verdict: z.string(), checks: z.array(z.object({ name: z.string(), result: z.string() })) }),
);
type Stored = z.infer<typeof Backups>[number];

const { write, acknowledged, expectLines, expectWhole } = linesOf(() => bot);

async function backUp(vm: string): Promise<Stored> {
  await run('vm', 'backup', 'now', vm);
  const all = Backups.parse(await run('vm', 'backup', 'list', vm));
  const newest = all.sort((a, b) => b.number - a.number)[0];
  if (newest === undefined) throw new Error(`${vm} has no backup`);
  return newest;
}

const bytesOf = ({ files }: Stored): number => files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const diskOf = ({ files }: Stored): string => files.find(({ path }) => path.includes('.zst'))?.path ?? '';

it('is made, verified, restored and drilled, and one flipped byte is found', { timeout: 6 * PATIENCE }, async () => {
  const before = await inventory(bot);
  await run('vm', 'create', 'ch-1', '--image', 'full', '--flavor', 'small');
  await write('ch-1');

  const first = await backUp('ch-1');
  expect(first).toMatchObject({ parent: null, encryptedTo: AGE_KEY.recipient });
  const atSecond = await acknowledged('ch-1');
  const second = await backUp('ch-1');
  expect(second).toMatchObject({ parent: first.id, encryptedTo: AGE_KEY.recipient });
  expect(bytesOf(second)).toBeLessThan(bytesOf(first) / 4);
  for (const one of [first, second]) {
    expect(await bot.root(`head -c 21 ${diskOf(one)}`)).toBe('age-encryption.org/v1');
    await run('vm', 'backup', 'verify', one.name);
  }
  expect(await bot.root(`grep -rl SECRET-KEY /srv/backup/hostler || echo none`)).toBe('none\n');

  await run('vm', 'backup', 'restore', second.name, '--as', 'ch-2');
  await expectLines('ch-2', atSecond);

  // The newest is the one that builds on the other.
  await run('dr', 'drill', 'ch-1', '--same-host');
  const [drill] = Drills.parse(await run('dr', 'history', 'ch-1'));
  expect(drill).toMatchObject({ verdict: 'passed' });
  expect(drill?.checks).toEqual(
    expect.arrayContaining(
      ['Backup', 'Restore', 'Boot', 'Data', 'Taken down'].map((name) => ({ name, result: 'passed' })),
    ),
  );

  const early = await bot.hostler('run', '--as', '01-lead', '--yes', '--', 'vm', 'backup', 'delete', first.name);
  expect(early).toMatchObject({ exit: 75 });
  expect(early.stdout + early.stderr).toContain(`A backup builds on ${first.name}`);
  await bot.root(`printf XXXX | dd of=${diskOf(first)} bs=1 seek=1000000 conv=notrunc status=none`);
  const verified = await bot.hostler('run', '--as', '01-dev1', '--yes', '--', 'vm', 'backup', 'verify', second.name);
  expect(verified).toMatchObject({ exit: 1 });
  expect(verified.stdout + verified.stderr).toContain(`${basename(diskOf(first))} is not what was written`);

  for (const vm of ['ch-1', 'ch-2']) {
    await run('vm', 'shutdown', vm);
    await expectWhole(vm);
    await run('vm', 'delete', vm, '--force');
    await bot.run('admin', 'vm', 'purge', `team-01/${vm}`);
  }
  for (const { name } of [second, first]) await bot.run('01-lead', 'vm', 'backup', 'delete', name);
  expect(await inventory(bot)).toBe(before);
});
