/** Which VMs a fleet has, as data: spread over hosts and teams, and the same for the same seed. */
import { chanceOf, oneOf, ulidOf } from './chance.ts';
import { teamNumbers } from './config-file.ts';
import { hostPart } from './model/domains.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** The sizes that VMs of a simulated fleet have; also the flavors of its config. */
export const FLAVORS = [
  { name: 'small', vcpus: 1, memoryBytes: GIB, diskBytes: 10 * GIB },
  { name: 'medium', vcpus: 2, memoryBytes: 4 * GIB, diskBytes: 20 * GIB },
  { name: 'large', vcpus: 4, memoryBytes: 8 * GIB, diskBytes: 40 * GIB },
] as const;
export type FleetFlavor = (typeof FLAVORS)[number];

/** Small ones are more than others. */
const OFTEN = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
/** What VMs are for, which shows in how they are loaded. */
export const ROLES = ['web', 'api', 'db', 'cache', 'worker', 'ci', 'mail', 'proxy', 'search', 'build'] as const;
export type Role = (typeof ROLES)[number];

/** Hardware of the hosts: the smallest that has room. */
const HARDWARE = [
  { cpus: 16, memoryBytes: 64 * GIB, vgBytes: 1024 * GIB },
  { cpus: 32, memoryBytes: 128 * GIB, vgBytes: 2048 * GIB },
  { cpus: 64, memoryBytes: 256 * GIB, vgBytes: 4096 * GIB },
  { cpus: 96, memoryBytes: 512 * GIB, vgBytes: 8192 * GIB },
  { cpus: 128, memoryBytes: 1024 * GIB, vgBytes: 16_384 * GIB },
] as const;
/** More find no address in the /24 of libvirt's network. */
export const MOST_VMS_A_HOST = 150;
/** As many as have a port each, and some for the machine itself. */
export const MOST_HOSTS = 4000;

export interface VmPlan {
  readonly id: string;
  readonly op: string;
  readonly uuid: string;
  /** `team-01`. */
  readonly team: string;
  /** `web-01`, unique in the team. */
  readonly name: string;
  readonly flavor: FleetFlavor;
  readonly mac: string;
  readonly createdAt: number;
}

export interface HostPlan {
  readonly name: string;
  readonly hardware: (typeof HARDWARE)[number];
  readonly vms: readonly VmPlan[];
}

/** VMs are younger than this day, whatever the clock says: their ids don't hang on it. */
const FIRST_DAY = Date.UTC(2026, 0, 1);

/** `vms` VMs on `hosts` hosts. The caller has seen to it that they have room. */
export function planFleet(seed: string, hosts: number, vms: number, teams: number): readonly HostPlan[] {
  const lists: VmPlan[][] = Array.from({ length: hosts }, () => []);
  const numbers = teamNumbers(teams);
  const taken = lists.map(() => new Set<number>());
  const nextMac = lists.map((_, host) => host * 4096);
  const named = numbers.map(() => 0);
  for (let at = 0; at < vms; at += 1) {
    const host = at % hosts;
    const round = Math.floor(at / hosts);
    const team = (at + round) % teams;
    const index = named[team] ?? 0;
    named[team] = index + 1;
    const key = `${seed} vm ${at}`;
    const createdAt = FIRST_DAY + at * 60_000;
    lists[host]?.push({
      id: `vm_${ulidOf(createdAt, `${key} id`)}`,
      op: `op_${ulidOf(createdAt, `${key} op`)}`,
      uuid: uuidOf(key),
      team: `team-${numbers[team]}`,
      name: nameOf(index, team),
      flavor: FLAVORS[oneOf(OFTEN, `${key} flavor`)] ?? FLAVORS[0],
      mac: freeMac(host, nextMac, taken[host] ?? new Set()),
      createdAt,
    });
  }
  const width = String(hosts).length;
  return lists.map((list, at) => ({
    name: `kvm-${hosts > 9 ? String(at + 1).padStart(width, '0') : at + 1}`,
    hardware: hardwareFor(list),
    vms: list,
  }));
}

/** In each round of roles another number: web-01, api-01 … web-02. Each team begins elsewhere, so that few VMs aren't all alike. */
function nameOf(index: number, team: number): string {
  const role = ROLES[(index + team * 3) % ROLES.length] ?? 'web';
  return `${role}-${String(Math.floor(index / ROLES.length) + 1).padStart(2, '0')}`;
}

/** What a VM is for, read from its name; `web` for a name that says nothing. */
export function roleOf(name: string): Role {
  return ROLES.find((role) => name.startsWith(`${role}-`)) ?? 'web';
}

function uuidOf(key: string): string {
  const hex = (part: string): string =>
    Math.floor(chanceOf(`${key} uuid ${part}`) * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const [a, b, c, d] = [hex('a'), hex('b'), hex('c'), hex('d')];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** A MAC whose guest gets an address that no other on this host has (`hostPart` is how the model hands them out). */
function freeMac(host: number, next: number[], taken: Set<number>): string {
  for (;;) {
    const number = next[host] ?? 0;
    next[host] = number + 1;
    const hex = number.toString(16).padStart(6, '0');
    const mac = `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
    const part = hostPart(mac);
    if (taken.has(part)) continue;
    taken.add(part);
    return mac;
  }
}

/** Half as much again as is promised, and what the host keeps for itself. */
function hardwareFor(vms: readonly VmPlan[]): (typeof HARDWARE)[number] {
  const memory = vms.reduce((sum, { flavor }) => sum + flavor.memoryBytes, 0) * 1.5 + 8 * GIB;
  const disk = vms.reduce((sum, { flavor }) => sum + flavor.diskBytes, 0) * 1.5;
  const last = HARDWARE[HARDWARE.length - 1] ?? HARDWARE[0];
  return HARDWARE.find((it) => it.memoryBytes >= memory && it.vgBytes >= disk) ?? last;
}

/** Image files on every host; also the images of the config. */
export const IMAGES = [
  { name: 'debian-12', osinfo: 'debian11', login: 'debian', virtualBytes: 3 * GIB, sizeBytes: 350 * MIB },
  { name: 'ubuntu-2204', osinfo: 'ubuntu22.04', login: 'ubuntu', virtualBytes: 3.5 * GIB, sizeBytes: 620 * MIB },
  { name: 'tiny', osinfo: 'linux2022', login: 'ops', virtualBytes: 96 * MIB, sizeBytes: 17_182_720 },
] as const;
