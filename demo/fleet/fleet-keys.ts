/** The keys of a fleet, kept in its folder: of its hosts, of the bot, and of its people. */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type KeyPair, makeKeyPair } from './keys.ts';

export interface FleetKeys {
  readonly bot: KeyPair;
  /** The path of the bot's private key. */
  readonly botFile: string;
  readonly hosts: ReadonlyMap<string, KeyPair>;
  readonly people: ReadonlyMap<string, KeyPair>;
}

const Kept = z.record(z.string(), z.object({ privateKey: z.string(), publicKey: z.string() }));

/** What is there is used, what is missing is made: a config that was printed before stays good. */
export async function loadOrMakeKeys(
  folder: string,
  hosts: readonly string[],
  people: readonly string[],
): Promise<FleetKeys> {
  const keysFolder = join(folder, 'keys');
  await mkdir(join(keysFolder, 'people'), { recursive: true, mode: 0o700 });
  await chmod(keysFolder, 0o700);
  const file = join(keysFolder, 'all.json');
  const kept = await read(file);
  const pairs = new Map(Object.entries(kept));
  const pair = (name: string, comment: string): KeyPair => {
    const found = pairs.get(name) ?? makeKeyPair(comment);
    pairs.set(name, found);
    return found;
  };
  const before = pairs.size;
  const keys = {
    bot: pair('bot', 'hostler'),
    botFile: join(keysFolder, 'hostler'),
    hosts: new Map(hosts.map((name) => [name, pair(`host ${name}`, name)])),
    people: new Map(people.map((name) => [name, pair(`person ${name}`, name)])),
  };
  if (pairs.size > before) {
    await writeFile(`${file}.part`, JSON.stringify(Object.fromEntries(pairs)), { mode: 0o600 });
    await rename(`${file}.part`, file);
  }
  await writeFile(keys.botFile, keys.bot.privateKey, { mode: 0o600 });
  for (const [name, { privateKey, publicKey }] of keys.people) {
    await writeFile(join(keysFolder, 'people', name), privateKey, { mode: 0o600 });
    await writeFile(join(keysFolder, 'people', `${name}.pub`), `${publicKey}\n`);
  }
  return keys;
}

async function read(file: string): Promise<z.infer<typeof Kept>> {
  try {
    return Kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if (Reflect.get(Object(cause), 'code') === 'ENOENT') return {};
    throw cause;
  }
}
