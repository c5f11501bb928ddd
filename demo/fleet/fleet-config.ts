/** The `hostler.yaml` of a simulated fleet. */
import { join } from 'node:path';
import { formatSize } from '../../src/domain/size.ts';
import { type ConfigFileText, configFile } from './config-file.ts';
import type { FleetKeys } from './fleet-keys.ts';
import type { SimHost } from './host.ts';
import { BACKUP_DIR } from './model/make-host.ts';
import type { HostServer } from './server.ts';
import { FLAVORS, IMAGES } from './vm-plan.ts';

export interface FleetConfigParts {
  readonly vms: number;
  readonly teams: number;
  readonly osUser: string;
  readonly folder: string;
  readonly keys: FleetKeys;
}

/** Reaches each host at its door. The bot's state goes into the fleet's own folder, so that two fleets don't share one. */
export function fleetConfig(
  hosts: readonly SimHost[],
  doors: readonly HostServer[],
  { vms, teams, osUser, folder, keys }: FleetConfigParts,
): ConfigFileText {
  // Twice what a team has at the start, and enough for a beginning.
  const each = Math.max(20, Math.ceil((vms / teams) * 2));
  return configFile({
    teams,
    hosts: hosts.flatMap(({ name }, at) => {
      const door = doors[at];
      return door === undefined ? [] : [{ name, port: door.port, hostKey: door.hostKey() }];
    }),
    keyFile: keys.botFile,
    osUser,
    keys: new Map([...keys.people].map(([name, { publicKey }]) => [name, publicKey])),
    quota: { vms: each, vcpus: each * 2, memory: `${each * 4}GiB`, disk: `${each * 20}GiB` },
    hostDefaults: { overcommit: { vcpus: 4, memory: 1, disk: 2 }, reserve_memory: '4GiB' },
    flavors: FLAVORS.map(({ name, vcpus, memoryBytes, diskBytes }) => ({
      name,
      vcpus,
      memory: sizeText(memoryBytes),
      disk: sizeText(diskBytes),
    })),
    images: IMAGES.map(({ name, osinfo, login }) => ({ name, file: `${name}.qcow2`, osinfo, login })),
    stateDir: join(folder, 'bot'),
    backups: BACKUP_DIR,
  });
}

function sizeText(bytes: number): string {
  return formatSize(bytes).replace(' ', '');
}
