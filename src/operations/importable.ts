/** Whether a domain that was found on a host is a VM of ours, which this database doesn't know yet. */
import type { Observation } from '../domain/inventory.ts';
import { vmTag } from '../domain/marks.ts';
import { TeamName, VmName } from '../domain/names.ts';
import type { Settings } from '../domain/settings.ts';
import { type Disk, fullName, type Vm } from '../domain/vm.ts';
import { volumeAt } from '../domain/volume-path.ts';
import type { DefinitionSeen } from './mark-verbs.ts';
import type { Rows } from './store.ts';

/** Either its row, or why it stays what it is: drift. */
export type Verdict =
  | { readonly kind: 'ours'; readonly vm: Vm; readonly op: string }
  | { readonly kind: 'drift'; readonly reason: string };

export interface Found {
  readonly definition: DefinitionSeen;
  readonly host: string;
  /** The VMs that are known there. */
  readonly neighbours: readonly Vm[];
  /** What the host said in the same sweep. */
  readonly observation: Observation;
  readonly at: number;
}

/** No person of a config can be called so: an imported VM has no maker whom its team would owe anything. */
const NOBODY = '(imported)';
const ULID = '[0-9A-HJKMNP-TV-Z]{26}';
const VM_ID = new RegExp(`^vm_${ULID}$`);
const OP_ID = new RegExp(`^op_${ULID}$`);
const MOST = { vcpus: 4096, memoryBytes: 2 ** 50 };
/** Why a domain is no VM that anybody could adopt. */
export const NO_MARKS = 'it bears no marks of Hostler';

const drift = (reason: string): Verdict => ({ kind: 'drift', reason });

/**
 * Trusts nothing that the definition says: ids must be well formed and unknown, names free, the team one of the config's, disks and
 * MAC nobody else's. A volume counts as the VM's own only where LVM's tag says the same, so that nothing foreign is ever removed.
 */
export function verdictOn(
  { definition, host, neighbours, observation, at }: Found,
  rows: Rows,
  settings: Settings,
): Verdict {
  if (definition.kind === 'unreadable') return drift(definition.why);
  const { marks, uuid, domainName, vcpus, memoryBytes } = definition;
  if (marks === null) return drift(NO_MARKS);
  if (!VM_ID.test(marks.vm) || !OP_ID.test(marks.op)) return drift('its marks are malformed');
  if (!TeamName.safeParse(marks.team).success || !VmName.safeParse(marks.name).success)
    return drift('its names are malformed');
  const names = { team: marks.team, name: marks.name };
  if (!settings.teams.some(({ name }) => name === names.team)) return drift(`the config has no team ${names.team}`);
  if (domainName !== (marks.domain ?? `${names.team}-${names.name}`))
    return drift(`its marks say ${fullName(names)}, its name does not`);
  const taken = takenBy(rows, marks.vm, names, domainName);
  if (taken !== null) return drift(taken);
  // An operation of ours made it, and its VM is no row: it was rolled back, and what is left is that operation's to remove.
  if (rows.operations.byId(marks.op) !== null) return drift(`operation ${marks.op} made it, and took it back`);
  if (!isSized(definition)) return drift('its size can’t be read');
  const [nic] = definition.nics;
  if (nic === undefined) return drift('it has no network interface');
  const macOf = rows.vms.byMac(nic.mac);
  if (macOf !== null) return drift(`its MAC ${nic.mac} is that of ${fullName(macOf)}`);
  const found = disksOf(definition.disks, marks.vm, neighbours, observation);
  if (typeof found === 'string') return drift(found);
  const seen = observation.domains?.find((domain) => domain.uuid === uuid);
  const directory = settings.hosts.find(({ name }) => name === host)?.directory ?? '';
  const seed = `${directory}/seed/${marks.vm}.img`;
  const vm: Vm = {
    id: marks.vm,
    uuid,
    ...names,
    domainName,
    host,
    life: 'live',
    vcpus,
    memoryBytes,
    flavor: flavorFor(settings, vcpus, memoryBytes),
    image: null,
    login: null,
    network: networkFor(settings, nic.source),
    mac: nic.mac,
    address: null,
    disks: found,
    seed: definition.disks.some(({ path }) => path === seed) ? seed : null,
    autostart: false,
    xml: null,
    createdBy: NOBODY,
    createdAt: at,
    trashedAt: null,
    seen: seen === undefined ? null : { state: seen.state, reason: seen.reason, at },
  };
  return { kind: 'ours', vm, op: marks.op };
}

/** Who has its id or its names already; null where nobody. */
function takenBy(rows: Rows, id: string, names: { team: string; name: string }, domainName: string): string | null {
  const byId = rows.vms.byId(id);
  if (byId !== null) return `its id is that of ${fullName(byId)}`;
  if (rows.vms.byName(names.team, names.name) !== null) return `there is another ${fullName(names)}`;
  const byDomain = rows.vms.byDomainName(domainName);
  return byDomain === null ? null : `its domain is called as that of ${fullName(byDomain)}`;
}

/** Its definition says how many vCPUs and how much memory, and no nonsense. */
export function isSized({ vcpus, memoryBytes }: { readonly vcpus: number; readonly memoryBytes: number }): boolean {
  const isCount = (value: number, most: number) => Number.isSafeInteger(value) && value > 0 && value <= most;
  return isCount(vcpus, MOST.vcpus) && isCount(memoryBytes, MOST.memoryBytes);
}

/** Its written disks; or whose one of them is. */
function disksOf(
  disks: readonly { readonly target: string; readonly path: string; readonly written: boolean }[],
  id: string,
  neighbours: readonly Vm[],
  observation: Observation,
): Disk[] | string {
  const own: Disk[] = [];
  for (const { target, path } of disks.filter(({ written }) => written)) {
    const at = volumeAt(path);
    if (at === null) return `its disk ${target} is no volume`;
    const { vg, volume } = at;
    const owner = neighbours.find((vm) => vm.disks.some((disk) => disk.vg === vg && disk.volume === volume));
    if (owner !== undefined) return `its disk ${vg}/${volume} is that of ${fullName(owner)}`;
    const seen = observation.volumes?.find((each) => each.vg === vg && each.name === volume);
    if (seen === undefined || seen.kind === 'thin-pool') return `its disk ${vg}/${volume} is not there`;
    const kind = seen.tags.includes(vmTag(id)) ? seen.kind : 'existing';
    own.push({ target, vg, volume, sizeBytes: seen.sizeBytes, kind });
  }
  return own;
}

/** The flavor of that size, or `custom`. */
export function flavorFor(settings: Settings, vcpus: number, memoryBytes: number): string {
  return settings.flavors.find((each) => each.vcpus === vcpus && each.memoryBytes === memoryBytes)?.name ?? 'custom';
}

/** The configuration’s name of a network; else the host’s own. */
export function networkFor(settings: Settings, source: { network: string } | { bridge: string }): string {
  const wanted = JSON.stringify(source);
  const known = settings.networks.find((each) => JSON.stringify(each.source) === wanted);
  return known?.name ?? ('network' in source ? source.network : source.bridge);
}
