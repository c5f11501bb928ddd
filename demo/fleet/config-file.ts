/** A `hostler.yaml` for hosts that were made to be tried on, simulated or of the lab: the same people and teams everywhere. */
import { stringify } from 'yaml';
import type { z } from 'zod';
import type { ConfigFile } from '../../src/config/schema.ts';

/** The config as the file's own shape, before its defaults are filled in. */
export type ConfigFileText = z.input<typeof ConfigFile>;
type Person = NonNullable<ConfigFileText['people']>[number];
type Team = NonNullable<ConfigFileText['teams']>[number];

/** Two digits and more: `01`. */
export function teamNumbers(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String(at + 1).padStart(2, '0'));
}

function membersOf(team: string): string[] {
  return [`${team}-dev1`, `${team}-dev2`];
}

/** The names of all people of a config with so many teams: `admin`, `auditor`, and `01-lead`, `01-dev1`, `01-dev2` for each. */
export function peopleOf(teams: number): string[] {
  return ['admin', 'auditor', ...teamNumbers(teams).flatMap((team) => [`${team}-lead`, ...membersOf(team)])];
}

export interface ConfigFileOptions {
  readonly teams: number;
  readonly hosts: readonly { readonly name: string; readonly port: number; readonly hostKey: string }[];
  /** The bot's private key. */
  readonly keyFile: string;
  /** The user of this machine who is the platform admin in a terminal. */
  readonly osUser: string;
  /** People's public ssh keys, by name. */
  readonly keys: ReadonlyMap<string, string>;
  readonly quota: Team['quota'];
  /** What these hosts have of their own: `limits`, `overcommit`, `reserve_memory`. */
  readonly hostDefaults: ConfigFileText['host_defaults'];
  readonly flavors: ConfigFileText['flavors'];
  readonly images: ConfigFileText['images'];
  readonly stateDir?: string;
  /** The directory on the hosts that backups go to. */
  readonly backups?: string;
}

/** Hosts on this machine's loopback, their keys pinned; the calling user as `admin`, who may act as everybody. */
export function configFile(options: ConfigFileOptions): ConfigFileText {
  const { teams, hosts, keyFile, osUser, keys, quota, hostDefaults, flavors, images, stateDir, backups } = options;
  return {
    ...(stateDir === undefined ? {} : { state_dir: stateDir }),
    channels: { admin: 'hostler-admin', audit: 'hostler-audit' },
    host_defaults: {
      user: 'hostler',
      identity_files: [keyFile],
      vg: 'cloudvg',
      pool: 'thinpool',
      directory: '/var/lib/hostler',
      ...hostDefaults,
    },
    hosts: hosts.map(({ name, port, hostKey }) => ({ name, address: '127.0.0.1', port, host_keys: [hostKey] })),
    networks: [{ name: 'default', network: 'default' }],
    flavors,
    images,
    people: peopleOf(teams).map((name) => person(name, keys)),
    teams: teamNumbers(teams).map((team) => ({
      name: `team-${team}`,
      channel: `team-${team}`,
      quota,
      leads: [`${team}-lead`],
      members: membersOf(team),
    })),
    ...(backups === undefined ? {} : { backups: { target: backups } }),
    // Last in the file: one that was read before it was written to its end lets nobody in.
    cli: { users: { [osUser]: 'admin' }, act_as: ['admin'] },
  };
}

function person(name: string, keys: ReadonlyMap<string, string>): Person {
  return {
    name,
    // The id that the local chat server gives to somebody of this name.
    slack: `U0${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`,
    ssh_keys: [keys.get(name)].filter((key) => key !== undefined),
    ...(name === 'admin' || name === 'auditor' ? { platform: name } : {}),
  };
}

/** The file as text, under comment lines. */
export function configText(head: readonly string[], file: ConfigFileText): string {
  return `${head.map((line) => `# ${line}\n`).join('')}${stringify(file, { lineWidth: 0 })}`;
}
