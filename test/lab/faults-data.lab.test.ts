/**
 * What holds data, struck once in each step on a real hypervisor, under a guest that writes: it ends whole or undone, no acknowledged line is
 * missing, the guest goes on and nothing is left. Each test is a shard by itself: `npm run test:lab -- test/lab/faults-data -t 'killed.*extend'`.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inventory, type LabBot, labBot, PATIENCE, withImage } from './bot.ts';
import { linesOf } from './lines.ts';
import { strikes, struck } from './struck.ts';

const VM = 'shard-1';
const NAME = `team-01/${VM}`;
const Backups = z.array(z.object({ name: z.string() }));

let bot: LabBot;
let dropImage: () => Promise<void>;
let before: string;
/** What the guest had acknowledged when the snapshot, and then the backup, was taken. */
let kept: { readonly snapshot: number; readonly backup: number; readonly name: string };
const { write, acknowledged, expectLines, expectWhole } = linesOf(() => bot);
const run = (...words: string[]) => bot.run('01-dev1', ...words);

beforeAll(async () => {
  bot = await labBot();
  dropImage = await withImage(bot, 'full');
  await bot.start();
  before = await inventory(bot);
  await run('vm', 'create', VM, '--image', 'full', '--flavor', 'small');
  await write(VM);
  const snapshot = await acknowledged(VM);
  await run('snapshot', 'create', VM, 'one');
  const backup = await acknowledged(VM);
  await run('vm', 'backup', 'now', VM);
  const [first] = Backups.parse(await run('vm', 'backup', 'list', VM));
  kept = { snapshot, backup, name: String(first?.name) };
}, 2 * PATIENCE);
afterAll(async () => {
  await run('vm', 'shutdown', VM);
  await expectWhole(VM);
  for (const { name } of Backups.parse(await run('vm', 'backup', 'list', VM)))
    await bot.run('01-lead', 'vm', 'backup', 'delete', name);
  await run('vm', 'delete', VM, '--force');
  await bot.run('admin', 'vm', 'purge', NAME);
  expect(await inventory(bot)).toBe(before);
  expect((await bot.hostler('audit', 'verify')).exit).toBe(0);
  await dropImage?.();
  await bot?.stop();
}, 2 * PATIENCE);
/** A guest that was started anew writes on. */
beforeEach(() => write(VM), PATIENCE);

const thawed = () =>
  bot.root(`virsh qemu-agent-command team-01-${VM} '{"execute":"guest-fsfreeze-status"}'`).catch(String);

describe.each(strikes(() => bot))('%s in each step', (_told, strike) => {
  it.each([
    ['extend', 'Extend', `Extend vda of ${NAME}`, 'vm.disk.extend', `/vm disk extend ${VM} vda +64MiB`, 'now'],
    ['backup', 'Back up', `Back up ${NAME}`, 'vm.backup.now', `/vm backup now ${VM}`, 'now'],
    ['revert', 'Revert', `Revert ${NAME}`, 'snapshot.revert', `/snapshot revert ${VM} one`, 'snapshot'],
    ['restore', 'Restore', `Put the disks of ${NAME}`, 'vm.backup.restore', '/vm backup restore', 'backup'],
  ] as const)('%s', { timeout: 3 * PATIENCE }, async (_what, button, title, kind, words, point) => {
    const had = await acknowledged(VM);
    const command = point === 'backup' ? `${words} ${kept.name}` : words;
    const { state, steps } = await struck(bot, { command, button, title, kind }, strike);
    expect(['succeeded', 'failed']).toContain(state);
    expect(steps.length).toBeGreaterThanOrEqual(3);
    // Undone, all that it had written is there; else all up to the point that it went back to.
    await expectLines(VM, state === 'failed' || point === 'now' ? had : kept[point]);
    expect(await thawed()).toContain('thawed');
    expect(await bot.root(`virsh domstate team-01-${VM}`)).toContain('running');
  });
});
