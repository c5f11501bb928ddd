// What is known of each host that was started: `hosts/<name>/host.json`, and QEMU's own pid file beside it.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LabError } from './command.ts';
import { DEFAULT_POOL_BYTES } from './pool.ts';
import { isOurs, readPid } from './process.ts';

const HostRecord = z.object({
  name: z.string().regex(/^kvm-[1-9]\d?$/),
  number: z.int().positive(),
  sshPort: z.int().positive(),
  segmentPort: z.int().positive(),
  hubPort: z.int().positive(),
  /** The host's machine id and libvirt host UUID. */
  uuid: z.string(),
  /** Its public ssh host key, `ssh-ed25519 AAAA…`. */
  hostKey: z.string(),
  /** What its /etc/sudoers.d/hostler says. */
  sudoers: z.string().default(''),
  /** Size of its thin pool. */
  poolBytes: z.int().positive().default(DEFAULT_POOL_BYTES),
  /** Folders of the builds that it runs from. */
  image: z.string(),
  state: z.string(),
  /** Set when the host has its identity and answered as a user; one that never got there is begun anew. */
  ready: z.boolean(),
});

/** One host's record; see the fields' own words. */
export type HostRecord = z.infer<typeof HostRecord>;

/** Reads a record's text; throws a LabError when it is none. */
export function parseHostRecord(text: string, from: string): HostRecord {
  try {
    return HostRecord.parse(JSON.parse(text));
  } catch (cause) {
    throw new LabError(`${from} is not a host's record; \`npm run lab -- down\` clears it away`, { cause });
  }
}

/** Writes a host's record, whole or not at all. */
export function saveHost(hosts: string, host: HostRecord): void {
  const file = join(hosts, host.name, 'host.json');
  mkdirSync(join(hosts, host.name), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(host, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** The names of all host folders, whether their records are readable or not. */
export function hostFolders(hosts: string): string[] {
  if (!existsSync(hosts)) return [];
  return readdirSync(hosts).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** All hosts that have a record, by number. A folder without one is a start that was killed early. */
export function listHosts(hosts: string): HostRecord[] {
  return hostFolders(hosts)
    .map((name) => join(hosts, name, 'host.json'))
    .filter((file) => existsSync(file))
    .map((file) => parseHostRecord(readFileSync(file, 'utf8'), file))
    .sort((a, b) => a.number - b.number);
}

/** What a host's QEMU has on its command line and no other process has: its pid file. */
export const hostMark = (hosts: string, name: string): string => join(hosts, name, 'pid');

/** The pid of a host's QEMU when it runs. */
export function hostPid(hosts: string, name: string): number | undefined {
  const mark = hostMark(hosts, name);
  const pid = readPid(mark);
  return pid !== undefined && isOurs(pid, mark) ? pid : undefined;
}
