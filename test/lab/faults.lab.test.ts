import { describe, expect, it } from 'vitest';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';
import { strikes, struck } from './struck.ts';

/** On a real hypervisor: the bot killed, and the link cut, once in each step of create and of delete. */
let bot: LabBot;
useBot('tiny', (made) => {
  bot = made;
});

describe.each(strikes(() => bot))('%s in each step', (told, strike) => {
  it('create and delete end whole or undone, and the host is clean', { timeout: 3 * PATIENCE }, async () => {
    const before = await inventory(bot);
    const name = told === 'killed' ? 'killed' : 'cut';
    const create = { command: `/vm create ${name} --image tiny --flavor tiny`, button: 'Create', kind: 'vm.create' };
    const made = await struck(bot, { ...create, title: `Create team-01/${name}` }, strike);
    expect(made.steps.length).toBeGreaterThanOrEqual(4);
    if (made.state === 'failed') expect(await inventory(bot)).toBe(before);
    else {
      expect(made.state).toBe('succeeded');
      expect(await bot.root(`virsh domstate team-01-${name}`)).toContain('running');
      const remove = { command: `/vm delete ${name} --force`, button: 'Delete', kind: 'vm.delete' };
      const gone = await struck(bot, { ...remove, title: `Delete team-01/${name}` }, strike);
      expect(gone.steps.length).toBeGreaterThanOrEqual(3);
      expect(gone.state).toBe('succeeded');
      expect(await bot.root('virsh list --all --name')).not.toContain(`team-01-${name}`);
      await bot.run('admin', 'vm', 'purge', `team-01/${name}`);
    }
    expect(await inventory(bot)).toBe(before);
    expect((await bot.hostler('audit', 'verify')).exit).toBe(0);
  });
});
