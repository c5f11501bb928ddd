import { asBotError, type BotError } from './error.ts';
import type { Observation } from './inventory.ts';
import { type Candidate, place } from './placement.ts';
import { type Amounts, add } from './plan.ts';
import { poolOf } from './pool.ts';
import type { HostSettings, Quota } from './settings.ts';

export const RESOURCES = ['vcpus', 'memory', 'disk'] as const;
export type Resource = (typeof RESOURCES)[number];

/** One resource of a host, of all hosts, or of a team. Counts of vCPUs, else bytes. */
export interface Measure {
  /** What is there: CPUs, memory without what the host keeps for itself, the thin pool. Null for a team, which has a quota. */
  readonly size: number | null;
  /** The most that may be promised: size times overcommit, or the quota. */
  readonly limit: number;
  /** Promised to VMs, those in the trash with their disks. */
  readonly allocated: number;
  /** Held by plans and operations under way. */
  readonly held: number;
  /** What is really in use; null where nobody knows. */
  readonly used: number | null;
}
export type Measures = Readonly<Record<Resource, Measure>>;

/** What a host, the fleet or a team really uses. */
export type Used = Readonly<Record<Resource, number | null>>;

/** What may still be promised; negative when too much is. */
export function freeOf({ limit, allocated, held }: Measure): number {
  return limit - allocated - held;
}

/** Promised per cent of what may be; 0 where nothing may be and nothing is. */
export function promisedPercent({ limit, allocated, held }: Measure): number {
  return limit > 0 ? (100 * (allocated + held)) / limit : allocated + held > 0 ? 100 : 0;
}

/** A host's, from its report. `cpuPercent`: how busy its CPUs are, where that was sampled. */
export function hostMeasures(
  host: HostSettings,
  seen: Observation,
  allocated: Amounts,
  held: Amounts,
  cpuPercent: number | null,
): Measures {
  const pool = poolOf(host, seen);
  const memory = Math.max(0, seen.memoryBytes - host.reserveMemoryBytes);
  const poolBytes = pool?.sizeBytes ?? 0;
  const data = pool?.dataPercent ?? null;
  return {
    vcpus: {
      size: seen.cpus,
      limit: Math.floor(seen.cpus * host.overcommit.vcpus),
      allocated: allocated.vcpus,
      held: held.vcpus,
      used: cpuPercent === null ? null : (cpuPercent * seen.cpus) / 100,
    },
    memory: {
      size: memory,
      limit: Math.floor(memory * host.overcommit.memory),
      allocated: allocated.memoryBytes,
      held: held.memoryBytes,
      used: seen.memoryBytes - seen.memoryAvailableBytes,
    },
    disk: {
      size: poolBytes,
      limit: Math.floor(poolBytes * host.overcommit.disk),
      allocated: allocated.diskBytes,
      held: held.diskBytes,
      used: data === null ? null : (poolBytes * data) / 100,
    },
  };
}

/** A team's, whose quota is the limit. */
export function teamMeasures(quota: Quota, allocated: Amounts, held: Amounts, used: Used): Measures {
  const of = (resource: Resource, key: 'vcpus' | 'memoryBytes' | 'diskBytes'): Measure => ({
    size: null,
    limit: quota[key],
    allocated: allocated[key],
    held: held[key],
    used: used[resource],
  });
  return { vcpus: of('vcpus', 'vcpus'), memory: of('memory', 'memoryBytes'), disk: of('disk', 'diskBytes') };
}

/** All of them together. What is in use counts only where it is known. */
export function sumMeasures(all: readonly Measures[]): Measures {
  const of = (resource: Resource): Measure => {
    const parts = all.map((each) => each[resource]);
    const total = (pick: (part: Measure) => number): number => parts.reduce((sum, part) => sum + pick(part), 0);
    const known = parts.filter(({ used }) => used !== null);
    return {
      size: total(({ size }) => size ?? 0),
      limit: total(({ limit }) => limit),
      allocated: total(({ allocated }) => allocated),
      held: total(({ held }) => held),
      used: known.length === 0 ? null : known.reduce((sum, { used }) => sum + (used ?? 0), 0),
    };
  };
  return { vcpus: of('vcpus'), memory: of('memory'), disk: of('disk') };
}

/** Head-room of one resource after the loss of the host that would be missed most: negative when the rest could not carry all. */
export interface HeadRoom {
  readonly without: string;
  readonly free: number;
}

/** For each resource by itself; null with fewer than two hosts. */
export function headRoom(
  hosts: readonly { readonly name: string; readonly measures: Measures }[],
): Readonly<Record<Resource, HeadRoom>> | null {
  const [first] = hosts;
  if (first === undefined || hosts.length < 2) return null;
  const fleet = sumMeasures(hosts.map(({ measures }) => measures));
  const of = (resource: Resource): HeadRoom => {
    const most = hosts.reduce((a, b) => (b.measures[resource].limit > a.measures[resource].limit ? b : a), first);
    return { without: most.name, free: freeOf(fleet[resource]) - most.measures[resource].limit };
  };
  return { vcpus: of('vcpus'), memory: of('memory'), disk: of('disk') };
}

/** Where VMs would go one after the other, by the real placement; `stopped` says why no more fit. */
export function placeMany(
  candidates: readonly Candidate[],
  wanted: readonly Amounts[],
  weigh: 'spread' | 'pack',
): { readonly hosts: readonly string[]; readonly stopped: BotError | null } {
  const left = candidates.map((candidate) => ({ ...candidate }));
  const hosts: string[] = [];
  for (const wants of wanted) {
    try {
      const { host } = place(left, wants, weigh);
      const chosen = left.find(({ settings }) => settings.name === host.name);
      if (chosen !== undefined) chosen.promised = add(chosen.promised, wants);
      hosts.push(host.name);
    } catch (cause) {
      const stopped = asBotError(cause);
      if (stopped.code !== 'no_capacity') throw cause;
      return { hosts, stopped };
    }
  }
  return { hosts, stopped: null };
}
