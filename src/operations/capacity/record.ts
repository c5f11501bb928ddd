import type { Used } from '../../domain/capacity.ts';
import { sumMeasures } from '../../domain/capacity.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Clock } from '../ports.ts';
import type { Rows } from '../store.ts';
import type { CapacityDay } from './capacity-rows.ts';
import { fleetParts, hostUsed, teamPart, teamUsed } from './gather.ts';

const DAY_MS = 86_400_000;
const KEPT_DAYS = 800;

/**
 * Keeps what the fleet, each host and each team have today: what is promised as it is now, what is in use as it was in 95 of 100
 * hours of the last day. Gives way between teams, for a fleet may have thousands of VMs.
 */
export async function recordCapacity(rows: Rows, settings: Settings, clock: Clock, day: number): Promise<number> {
  const now = clock.now();
  const days: CapacityDay[] = [];
  const hosts = fleetParts(rows, settings).hosts.flatMap(({ name, measures }) => {
    if (measures === null) return [];
    const used = hostUsed(rows, name, now - DAY_MS, now);
    const part = (percent: number | null, whole: number | null): number | null =>
      percent === null || whole === null ? null : (percent * whole) / 100;
    const { vcpus, memory, disk } = measures;
    const total = rows.hosts.find(name)?.observation?.memoryBytes ?? null;
    const measured = {
      vcpus: { ...vcpus, used: part(used.vcpus, vcpus.size) ?? vcpus.used },
      memory: { ...memory, used: part(used.memory, total) ?? memory.used },
      disk,
    };
    return [{ scope: `host/${name}`, day, measures: measured }];
  });
  days.push(...hosts);
  if (hosts.length > 0)
    days.push({ scope: 'fleet', day, measures: sumMeasures(hosts.map(({ measures }) => measures)) });
  for (const team of settings.teams) {
    await clock.sleep(0);
    const used: Used = teamUsed(rows, team.name, now - DAY_MS, now);
    days.push({ scope: `team/${team.name}`, day, measures: teamPart(rows, team, used) });
  }
  rows.transaction(() => {
    rows.capacity.save(days);
    rows.capacity.prune(day - KEPT_DAYS);
  });
  return days.length;
}
