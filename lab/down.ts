// `lab down`: ends hosts and removes what they wrote. Builds and keys stay.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './command.ts';
import { hostFolders, hostMark } from './host-record.ts';
import { stopHub } from './hub.ts';
import { quitQemu } from './machine.ts';
import type { LabPaths } from './paths.ts';
import { sweep } from './sweep.ts';

/** Ends the named hosts, or all of them and the hub. Gives the names of what it ended. Call it under the lab's lock. */
export async function down(paths: LabPaths, names: readonly string[]): Promise<string[]> {
  const all = hostFolders(paths.hosts);
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new LabError(`no such host: ${unknown.join(', ')} (there is: ${all.join(', ') || 'none'})`);
  const ending = names.length > 0 ? [...names] : all;
  await Promise.all(
    ending.map(async (name) => {
      const folder = join(paths.hosts, name);
      await quitQemu(folder, hostMark(paths.hosts, name));
      rmSync(folder, { recursive: true, force: true });
    }),
  );
  if (ending.length === all.length) await stopHub(paths.hub);
  await sweep(paths);
  return ending;
}
