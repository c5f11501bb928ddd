/** A fleet's state in its folder: what it was made of, and each host that has changed since. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BotError } from '../../src/domain/error.ts';
import { lockState } from '../../src/infra/sqlite/state-lock.ts';
import type { SimHost } from './host.ts';
import type { HostModel } from './model/host-model.ts';
import { loadModel, saveModel } from './state.ts';

/** What a fleet was made of; another makes other VMs. */
const Made = z.strictObject({
  format: z.literal(1),
  seed: z.string(),
  hosts: z.number(),
  vms: z.number(),
  teams: z.number(),
  madeAt: z.number(),
});
export type MadeOf = Omit<z.infer<typeof Made>, 'format' | 'madeAt'>;

export interface KeptState {
  /** When the fleet was first made: what it is made of hangs on it. */
  readonly madeAt: number;
  /** The host's state where it has changed since; null where it is as it was made. */
  readonly load: (host: string) => Promise<HostModel | null>;
  /** To be called when a host has changed: it is written a moment later, with all that changes until then. */
  readonly changed: (host: SimHost) => void;
  /** Writes all of them, and stops writing. */
  readonly close: (hosts: readonly SimHost[]) => Promise<void>;
}

const DELAY = 1000;

/** Throws `invalid_config` for a folder that holds another fleet, or one of another version; `fresh` begins anew instead. */
export async function openState(folder: string, made: MadeOf, now: number, fresh: boolean): Promise<KeptState> {
  const file = join(folder, 'fleet.json');
  const hosts = join(folder, 'hosts');
  if (fresh) {
    // The bot's own state belongs to VMs that are gone then. Not under a bot that runs: its lock refuses.
    const bot = join(folder, 'bot');
    if (existsSync(bot)) lockState(bot)();
    for (const path of [file, hosts, bot]) await rm(path, { recursive: true, force: true });
  }
  await mkdir(hosts, { recursive: true, mode: 0o700 });
  const kept = await read(file);
  if (kept !== null) checkSame(folder, kept, made);
  const madeAt = kept?.madeAt ?? now;
  if (kept === null) await writeWhole(file, JSON.stringify({ format: 1, ...made, madeAt }));

  const pathOf = (name: string): string => join(hosts, `${name}.json`);
  const dirty = new Set<SimHost>();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  let closed = false;
  const writeDirty = (): void => {
    timer = undefined;
    const batch = [...dirty];
    dirty.clear();
    writing = writing.then(async () => {
      for (const host of batch) await saveModel(host.model, pathOf(host.name));
    });
  };
  return {
    madeAt,
    load: async (name) => {
      try {
        return await loadModel(pathOf(name));
      } catch (cause) {
        throw unusable(folder, `${pathOf(name)} can't be used`, cause);
      }
    },
    changed: (host) => {
      if (closed) return;
      dirty.add(host);
      timer ??= setTimeout(writeDirty, DELAY);
    },
    close: async (all) => {
      closed = true;
      clearTimeout(timer);
      await writing;
      for (const host of all) await saveModel(host.model, pathOf(host.name));
    },
  };
}

function checkSame(folder: string, { format: _, madeAt: __, ...kept }: z.infer<typeof Made>, made: MadeOf): void {
  const other = Object.entries(made).flatMap(([key, value]) => {
    const was = Object.entries(kept).find(([name]) => name === key)?.[1];
    return was === value ? [] : [`${key} ${was}, not ${value}`];
  });
  if (other.length > 0) throw unusable(folder, `${folder} holds another fleet: ${other.join(', ')}`);
}

function unusable(folder: string, why: string, cause?: unknown): BotError {
  return new BotError('invalid_config', why, {
    hint: `Begin anew with --fresh, which forgets the fleet in ${folder} and its bot's state; or name another folder.`,
    cause,
  });
}

async function read(file: string): Promise<z.infer<typeof Made> | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (Reflect.get(Object(cause), 'code') === 'ENOENT') return null;
    throw cause;
  }
  try {
    return Made.parse(JSON.parse(text));
  } catch (cause) {
    throw unusable(file, `${file} is of another version of the simulator, or damaged`, cause);
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text, { mode: 0o600 });
  await rename(`${file}.part`, file);
}
