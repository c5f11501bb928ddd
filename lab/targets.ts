// How to reach a user on a running host.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRecord } from './host-record.ts';
import type { LabPaths } from './paths.ts';
import type { SshTarget } from './ssh.ts';

/** Who may be asked for: root for the lab's own looks, hostler for what the bot does. */
export const LAB_USERS = ['root', 'hostler'] as const;

/** One of them. */
export type LabUser = (typeof LAB_USERS)[number];

/** The bot's private key for all hosts of a lab. */
export const botKeyFile = (paths: LabPaths): string => join(paths.keys, 'hostler');

/** The ssh target of a user on a host, with the host's key pinned in a file beside its record. */
export function target(paths: LabPaths, host: HostRecord, user: LabUser): SshTarget {
  const knownHosts = join(paths.hosts, host.name, 'known_hosts');
  writeFileSync(knownHosts, `${host.name} ${host.hostKey}\n`);
  const keyFile = user === 'root' ? join(host.image, 'keys', 'root') : botKeyFile(paths);
  return { name: host.name, port: host.sshPort, user, keyFile, knownHosts };
}
