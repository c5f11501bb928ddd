/** The demo's own directory: what is kept over restarts, and who works in it just now. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BotError } from '../src/domain/error.ts';
import { lockState, makeStateDir } from '../src/infra/sqlite/state-lock.ts';

/** Grows with each change that an older demo's state doesn't fit. */
const FORMAT = 1;
const Mark = z.object({ format: z.number(), hosts: z.number(), vms: z.number() });
const Running = z.object({ url: z.string(), pid: z.number() });

export interface DemoFolder {
  readonly path: string;
  /** Says where this demo is, and its hosts' control interface, for whoever looks into the directory. */
  readonly announce: (url: string, control: string | null) => void;
  readonly release: () => void;
}

/**
 * Takes the directory for this process; with `fresh` it is emptied first. Throws `conflict` where another demo works in it (and says
 * where that is), `invalid_config` for what an older version, or a demo of another size, left there.
 */
export function takeFolder(
  path: string,
  fleet: { readonly hosts: number; readonly vms: number },
  fresh: boolean,
): DemoFolder {
  makeStateDir(path);
  const runningFile = join(path, 'running.json');
  let unlock: () => void;
  try {
    unlock = lockState(path);
  } catch (cause) {
    if (!(cause instanceof BotError) || cause.code !== 'conflict') throw cause;
    const other = read(runningFile, Running);
    const where = other === null ? 'and is just starting' : `at ${other.url} (process ${other.pid})`;
    throw new BotError('conflict', `A demo runs already ${where}`, {
      hint: 'Open that one, or end it first; `--state DIRECTORY --port 0` starts a second one.',
      cause,
    });
  }
  const release = (): void => {
    rmSync(runningFile, { force: true });
    unlock();
  };
  try {
    if (fresh) empty(path);
    checkFormat(path, fleet);
  } catch (cause) {
    release();
    throw cause;
  }
  return {
    path,
    announce: (url, control) => writeFileSync(runningFile, JSON.stringify({ url, pid: process.pid, control })),
    release,
  };
}

function checkFormat(path: string, fleet: { readonly hosts: number; readonly vms: number }): void {
  const file = join(path, 'demo.json');
  const begin = { hint: 'Begin anew with `npm run demo -- --fresh`: what was made in it is lost then.' };
  const mark = read(file, Mark);
  if (mark === null) {
    if (contents(path).length > 0)
      throw new BotError('invalid_config', `${path} holds something else than a demo’s state`, begin);
    writeFileSync(file, JSON.stringify({ format: FORMAT, ...fleet }));
    return;
  }
  if (mark.format !== FORMAT)
    throw new BotError('invalid_config', `${path} holds the state of another version of the demo`, begin);
  if (mark.hosts !== fleet.hosts || mark.vms !== fleet.vms) {
    const was = `${mark.hosts} hosts and ${mark.vms} VMs`;
    throw new BotError('invalid_config', `${path} holds a demo that began with ${was}`, {
      hint: `Go on with \`--hosts ${mark.hosts} --vms ${mark.vms}\`, or begin anew with \`--fresh\`.`,
    });
  }
}

/** All but the lock, which is this process's own. */
function contents(path: string): string[] {
  return readdirSync(path).filter((name) => !name.startsWith('lock.') && name !== 'running.json');
}

function empty(path: string): void {
  for (const name of contents(path)) rmSync(join(path, name), { recursive: true, force: true });
}

function read<T>(file: string, shape: z.ZodType<T>): T | null {
  if (!existsSync(file)) return null;
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
