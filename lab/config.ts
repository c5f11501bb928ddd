// `lab config`: the hostler.yaml for the hosts that run.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type ConfigFileText, configFile, configText, peopleOf } from '../demo/fleet/config-file.ts';
import { LabError } from './command.ts';
import { type HostRecord, hostPid, listHosts } from './host-record.ts';
import { ensureKey } from './keys.ts';
import { LAB_LIMITS } from './limits.ts';
import type { LabPaths } from './paths.ts';
import { botKeyFile } from './targets.ts';

const TEAMS = 2;

/** The names of all people in the lab's config. */
export const labPeople = (): string[] => peopleOf(TEAMS);

/**
 * The config as the file's own shape. `keyFile` is the bot's private key, `osUser` becomes the platform admin in a
 * terminal, `keys` are people's public ssh keys by name.
 */
export function labConfigFile(
  hosts: readonly HostRecord[],
  keyFile: string,
  osUser: string,
  keys: ReadonlyMap<string, string>,
): ConfigFileText {
  const seconds = Object.entries(LAB_LIMITS).map(([name, limit]) => [name, `${limit}s`] as const);
  const file = configFile({
    teams: TEAMS,
    hosts: hosts.map(({ name, sshPort, hostKey }) => ({ name, port: sshPort, hostKey })),
    keyFile,
    osUser,
    keys,
    quota: { vms: 10, vcpus: 16, memory: '8GiB', disk: '200GiB' },
    hostDefaults: {
      limits: Object.fromEntries(seconds),
      overcommit: { vcpus: 8, memory: 1, disk: 2 },
      reserve_memory: '768MiB',
    },
    flavors: [
      { name: 'tiny', vcpus: 1, memory: '128MiB', disk: '512MiB' },
      { name: 'small', vcpus: 1, memory: '192MiB', disk: '1GiB' },
      { name: 'medium', vcpus: 2, memory: '384MiB', disk: '4GiB' },
    ],
    images: ['tiny', 'full', 'full-xfs'].map((name) => ({
      name,
      file: `${name}.qcow2`,
      osinfo: 'linux2022',
      login: 'ops',
    })),
    backups: '/srv/backup/hostler',
  });
  // A guest boots in one minute on a machine at rest, and in three on a busy one.
  return { ...file, times: { address: '5m', shutdown: '4m' } };
}

/** The config of the running lab as YAML. Makes the people's keys on first use. Throws a LabError when no host is ready. */
export async function labConfig(paths: LabPaths): Promise<string> {
  const hosts = listHosts(paths.hosts).filter((host) => host.ready && hostPid(paths.hosts, host.name) !== undefined);
  if (hosts.length === 0) throw new LabError('no host is ready; start some with: npm run lab -- up');
  const keys = new Map<string, string>();
  for (const name of labPeople()) keys.set(name, await ensureKey(join(paths.keys, 'people', name), name));
  const file = labConfigFile(hosts, botKeyFile(paths), userInfo().username, keys);
  const head = [
    'hostler.yaml for the running lab, printed by `npm run lab -- config`. Ports change with each `up` of a host.',
    `The private keys of its people are in ${join(paths.keys, 'people')}.`,
  ];
  return configText(head, file);
}
