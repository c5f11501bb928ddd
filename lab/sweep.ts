// After a killed build.
import { join } from 'node:path';
import { remove, unfinished } from './cache.ts';
import { quitQemu } from './machine.ts';
import type { LabPaths } from './paths.ts';

/** Clears away what killed builds left: half-made folders, and a seed host that may still run in one. */
export async function sweep(paths: LabPaths): Promise<void> {
  for (const folder of unfinished(paths.cache)) {
    await quitQemu(folder, join(folder, 'pid'));
    await remove(folder);
  }
}
