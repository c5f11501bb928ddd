import { describe, expect, it } from 'vitest';
import { inventory, type LabBot, PATIENCE, useBot } from './bot.ts';
import { strikes, struck } from './struck.ts';

/** On a real hypervisor: the bot killed, and the link cut, once in each step of create and of delete. */
let bot: LabBot;
useBot('tiny', (made) => {
  bot = made;
});

/** What shows on the host, one after the other, while a VM is made there, and while it goes into the trash. */
const madeOf = (name: string) => ({
  'its volume is there': 'lvs --noheadings -o name cloudvg | grep -q vm-',
  'its seed is there': 'find /var/lib/hostler/seed -type f | grep -q .',
  'its domain is there': `virsh dominfo team-01-${name} >/dev/null`,
});
const leftOf = (name: string) => ({
  'it is off': `! virsh list --name | grep -q team-01-${name}`,
  'its domain is gone': `! virsh list --all --name | grep -q team-01-${name}`,
  'its volume is being renamed': 'pgrep -x lvrename',
  'its seed is being moved': 'pgrep -x mv',
});

/** These last a moment, so that they are struck for certain: both programs take two seconds longer while `work` lasts. */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  const slow = (program: string, real: string) =>
    `printf '#!/bin/sh\\nsleep 2\\nexec ${real} "$@"\\n' >${program}.slow && chmod 755 ${program}.slow && mv ${program}.slow ${program}`;
  await bot.root(
    `${slow('/usr/local/bin/mv', '/usr/bin/mv')} && rm /usr/sbin/lvrename && ${slow('/usr/sbin/lvrename', '/usr/sbin/lvm lvrename')}`,
  );
  try {
    return await work();
  } finally {
    await bot.root('rm -f /usr/local/bin/mv; ln -sf lvm /usr/sbin/lvrename');
  }
}

describe.each(strikes(() => bot))('%s in each step', (told, strike) => {
  it('create and delete end whole or undone, and the host is clean', { timeout: 3 * PATIENCE }, async () => {
    const before = await inventory(bot);
    const name = told === 'killed' ? 'killed' : 'cut';
    const create = { command: `/vm create ${name} --image tiny --flavor tiny`, button: 'Create', kind: 'vm.create' };
    const making = { ...create, title: `Create team-01/${name}`, moments: madeOf(name) };
    const made = await struck(bot, making, strike);
    expect(made.steps).toEqual(expect.arrayContaining(Object.keys(making.moments)));
    if (made.state === 'failed') {
      expect(await inventory(bot)).toBe(before);
      await bot.run('01-dev1', 'vm', 'create', name, '--image', 'tiny', '--flavor', 'tiny');
    } else expect(made.state).toBe('succeeded');
    expect(await bot.root(`virsh domstate team-01-${name}`)).toContain('running');
    const remove = { command: `/vm delete ${name} --force`, button: 'Delete', kind: 'vm.delete' };
    const removing = { ...remove, title: `Delete team-01/${name}`, moments: leftOf(name) };
    const gone = await slowly(() => struck(bot, removing, strike));
    expect(gone.steps).toEqual(expect.arrayContaining(Object.keys(removing.moments)));
    expect(gone.state).toBe('succeeded');
    expect(await bot.root('virsh list --all --name')).not.toContain(`team-01-${name}`);
    await bot.run('admin', 'vm', 'purge', `team-01/${name}`);
    expect(await inventory(bot)).toBe(before);
    expect((await bot.hostler('audit', 'verify')).exit).toBe(0);
  });
});
