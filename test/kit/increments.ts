import { testSettings } from './settings.ts';
import type { World } from './world.ts';

/** Settings under which a backup builds on the one before. */
export const INCREMENTS = { backups: { ...testSettings([]).backups, fullEvery: 7 } };

/** A full backup of web-01, another upon it, and what was written since each. */
export async function backedUpTwice(world: World): Promise<void> {
  for (const write of ['a log', 'a mail']) {
    const row = await world.change('vm.backup.now', { vm: 'web-01' });
    if (row.state !== 'succeeded') throw new Error(`no backup: ${row.error?.message ?? row.state}`);
    const volumes = world.hosts.flatMap(({ model }) => model.volumes);
    for (const volume of volumes) if (volume.name.startsWith('vm-')) volume.content += ` + ${write}`;
  }
}
