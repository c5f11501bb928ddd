import {
  hostMeasures,
  type Measures,
  type Resource,
  sumMeasures,
  teamMeasures,
  type Used,
} from '../../domain/capacity.ts';
import { amountsOf } from '../../domain/quota.ts';
import { quantile } from '../../domain/robust.ts';
import type { HostSettings, Settings, Team } from '../../domain/settings.ts';
import type { Vm } from '../../domain/vm.ts';
import { allocatedOn } from '../candidates.ts';
import type { Rows } from '../store.ts';

const DAY_MS = 86_400_000;

export interface HostPart {
  readonly name: string;
  readonly state: HostSettings['state'];
  /** Null while it was never seen. */
  readonly measures: Measures | null;
  /** Why it does not answer: then its numbers are the last known. */
  readonly trouble: string | null;
}

export interface FleetParts {
  readonly hosts: readonly HostPart[];
  /** All hosts that were seen. */
  readonly fleet: Measures;
}

/** What hosts have and have promised, from rows alone. */
export function fleetParts(rows: Rows, settings: Settings): FleetParts {
  const hosts = settings.hosts.map((host): HostPart => {
    const row = rows.hosts.find(host.name);
    const seen = row?.observation ?? null;
    const cpu = rows.samples.latest('host', host.name)?.values.cpu ?? null;
    return {
      name: host.name,
      state: host.state,
      trouble: row === null ? 'not seen yet' : row.trouble,
      measures:
        seen === null
          ? null
          : hostMeasures(host, seen, allocatedOn(rows, host.name), rows.held({ host: host.name }), cpu),
    };
  });
  return { hosts, fleet: sumMeasures(hosts.flatMap(({ measures }) => measures ?? [])) };
}

/** What a team has of its quota. */
export function teamPart(rows: Rows, team: Team, used: Used): Measures {
  return teamMeasures(team.quota, amountsOf(rows.vms.list(team.name)), rows.held({ team: team.name }), used);
}

/** Nobody has measured. */
export const UNKNOWN: Used = { vcpus: null, memory: null, disk: null };

/** What one VM used in a time: in 95 of 100 hours no more. Null where it wasn't measured. */
function vmUsed(rows: Rows, vm: Vm, from: number, to: number): Used & { readonly hours: number } {
  const hours = rows.samples.series('vm', vm.id, 60, from, to);
  const high = (name: string): number | null => {
    const known = hours.flatMap(({ values }) => values[name] ?? []);
    return known.length === 0 ? null : quantile(known, 0.95);
  };
  const part = (name: string, whole: number): number | null => {
    const percent = high(name);
    return percent === null ? null : (percent * whole) / 100;
  };
  return {
    vcpus: part('cpu', vm.vcpus),
    memory: part('memory', vm.memoryBytes),
    disk: high('disk_bytes'),
    hours: hours.length,
  };
}

/** What a team's VMs used in a time, each by itself: their sum is no less than what they used at any moment. */
export function teamUsed(rows: Rows, team: string, from: number, to: number): Used {
  const all = rows.vms.list(team).map((vm) => vmUsed(rows, vm, from, to));
  const sum = (resource: Resource): number | null => {
    const known = all.flatMap((used) => used[resource] ?? []);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
  };
  return { vcpus: sum('vcpus'), memory: sum('memory'), disk: sum('disk') };
}

/** What a host's CPUs and memory were used to, in per cent, in 95 of 100 hours. */
export function hostUsed(rows: Rows, host: string, from: number, to: number): Omit<Used, 'disk'> {
  const hours = rows.samples.series('host', host, 60, from, to);
  const high = (name: string): number | null => {
    const known = hours.flatMap(({ values }) => values[name] ?? []);
    return known.length === 0 ? null : quantile(known, 0.95);
  };
  return { vcpus: high('cpu'), memory: high('memory') };
}

/** The day of the platform's calendar, as days since 1970: `2026-03-29` by its zone. */
export function epochDay(date: { readonly year: number; readonly month: number; readonly day: number }): number {
  return Math.round(Date.UTC(date.year, date.month - 1, date.day) / DAY_MS);
}
