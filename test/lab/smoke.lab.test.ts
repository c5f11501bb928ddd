import { afterAll, beforeAll, expect, it } from 'vitest';
import { inventory, type LabBot, labBot, PATIENCE, withImage } from './bot.ts';

/** The shortest proof on a real hypervisor, for every landing: create, restart, delete, and nothing left. */
let bot: LabBot;
let dropImage: () => Promise<void>;
beforeAll(async () => {
  bot = await labBot();
  dropImage = await withImage(bot);
}, PATIENCE);
afterAll(async () => {
  await dropImage?.();
  await bot?.stop();
}, PATIENCE);

it('creates, restarts, deletes and purges a VM from a terminal, and leaves the host as it was', {
  timeout: PATIENCE,
}, async () => {
  const before = await inventory(bot);
  const created = await bot.run('01-dev1', 'vm', 'create', 'smoke', '--image', 'tiny', '--flavor', 'tiny');
  expect(created).toMatchObject({ operation: { state: 'succeeded', vm: 'team-01/smoke', host: bot.host } });
  expect(await bot.root('virsh domstate team-01-smoke')).toContain('running');
  const [vm] = bot.rows("select id, address from vm where name = 'smoke'");
  expect(await bot.root('lvs --noheadings -o lv_name,pool_lv,lv_tags')).toContain(`hostler.vm.${String(vm?.id)}`);
  const address = String(vm?.address);
  const bootId = await bot.guest('01-dev1', address, 'cat /proc/sys/kernel/random/boot_id');
  expect(await bot.guest('01-dev1', address, 'hostname')).toBe('smoke');

  expect(await bot.run('01-dev1', 'vm', 'restart', 'smoke')).toMatchObject({ operation: { state: 'succeeded' } });
  expect(await bootIdAfter(address, bootId)).not.toBe(bootId);

  expect(await bot.run('01-dev1', 'vm', 'delete', 'smoke')).toMatchObject({ operation: { state: 'succeeded' } });
  expect(await bot.root('virsh list --all --name')).not.toContain('team-01-smoke');
  expect(await bot.run('01-dev1', 'vm', 'purge', 'smoke')).toMatchObject({ operation: { state: 'succeeded' } });
  expect(await inventory(bot)).toBe(before);
  expect((await bot.hostler('audit', 'verify')).exit).toBe(0);
});

/** Logs in again and again until the guest is back with another boot id. */
async function bootIdAfter(address: string, old: string): Promise<string> {
  const until = Date.now() + PATIENCE / 3;
  for (;;) {
    const id = await bot.guest('01-dev1', address, 'cat /proc/sys/kernel/random/boot_id').catch(() => old);
    if (id !== old || Date.now() > until) return id;
  }
}
