// Where the lab keeps its things, and where its scripts are.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders and files of one lab. Two labs with different roots can run at once. */
export type LabPaths = {
  readonly root: string;
  /** Finished builds by content hash: `image-<hash>/`, `state-<hash>/`. */
  readonly cache: string;
  /** One folder for each host that was started. */
  readonly hosts: string;
  /** Keys that outlive a `down`: the bot's, and those of the people in the printed config. */
  readonly keys: string;
  /** The L2 hub's own record: pid, port and members. */
  readonly hub: string;
  /** Held by whichever command is changing the lab. */
  readonly lock: string;
};

/** The lab's paths: `$HOSTLER_LAB_DIR`, else `~/.cache/hostler-lab`. */
export function labPaths(env: NodeJS.ProcessEnv = process.env): LabPaths {
  const root = env.HOSTLER_LAB_DIR || join(env.HOME || homedir(), '.cache', 'hostler-lab');
  return {
    root,
    cache: join(root, 'cache'),
    hosts: join(root, 'hosts'),
    keys: join(root, 'keys'),
    hub: join(root, 'hub.json'),
    lock: join(root, 'lock.db'),
  };
}

/** The checkout's `lab/` folder, where the shell scripts are; the same from `lab/` and from `dist/lab/`. */
export function scriptsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'lab');
  }
  throw new Error('lab: no package.json above this file');
}
