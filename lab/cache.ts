// Builds are kept by the hash of what they were made from. What is there is finished: it got its name last.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run } from './command.ts';

const UNFINISHED = 'tmp-';

/** Every file below a folder, as sorted paths. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/** 16 hex digits over the names and contents of files, and over texts. Where the files lie does not matter. */
export function contentHash(base: string, files: readonly string[], texts: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (name: string, content: string | Buffer) => {
    hash.update(`${name}\0${Buffer.byteLength(content)}\0`);
    hash.update(content);
  };
  for (const file of files) add(relative(base, file), readFileSync(file));
  for (const [at, text] of texts.entries()) add(`text ${at}`, text);
  return hash.digest('hex').slice(0, 16);
}

/**
 * The folder `<cache>/<kind>-<hash>`, made by `build` when it isn't there. `build` works in a folder of its own, which
 * gets the name only when all went well. Call it under the lab's lock.
 */
export async function cached(
  cache: string,
  kind: string,
  hash: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, `${kind}-${hash}`);
  mkdirSync(cache, { recursive: true });
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now); // pruning goes by last use
    return folder;
  }
  const work = await mkdtemp(join(cache, `${UNFINISHED}${kind}-`));
  try {
    await build(work);
    renameSync(work, folder);
  } finally {
    await remove(work);
  }
  return folder;
}

/** The folders of builds that were killed midway. Only under the lab's lock: else one may still be at work. */
export function unfinished(cache: string): string[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith(UNFINISHED))
    .map((name) => join(cache, name));
}

/** Removes a folder, but nothing that is mounted below it: a killed mmdebstrap may have left /dev there. */
export async function remove(folder: string): Promise<void> {
  await run('rm', ['-rf', '--one-file-system', '--', folder]);
}

/** Removes all but the `keep` last used builds of a kind, and never one of `inUse` (full paths). */
export async function prune(cache: string, kind: string, keep: number, inUse: readonly string[]): Promise<string[]> {
  const old = readdirSync(cache)
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => join(cache, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .slice(keep)
    .filter((folder) => !inUse.includes(folder));
  for (const folder of old) await remove(folder);
  return old;
}
