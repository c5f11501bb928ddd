import type { Settings } from '../../domain/settings.ts';
import type { MonthWindow } from '../../domain/slo/month.ts';
import { addUptime, type Judged, judgeUptime, NO_TIME, type Uptime } from '../../domain/slo/uptime.ts';
import { fullName } from '../../domain/vm.ts';
import type { Rows } from '../store.ts';
import type { SloVm } from './slo-rows.ts';

/** A VM, a team or the fleet in a month. */
export interface SloLine {
  readonly name: string;
  readonly team: string | null;
  readonly targetPercent: number;
  readonly time: Uptime;
  readonly judged: Judged;
}

export interface SloMonth {
  readonly vms: readonly SloLine[];
  /** All of them together. */
  readonly whole: SloLine;
}

/** A team's target; the platform's for the fleet, and for a team that is in the configuration no more. */
export function targetOf(settings: Settings, team: string | null): number {
  return settings.teams.find(({ name }) => name === team)?.uptimePercent ?? settings.slo.uptimePercent;
}

/** How the VMs of a team, or of all, were in a month up to now. */
export function sloMonth(
  rows: Rows,
  settings: Settings,
  team: string | null,
  window: MonthWindow,
  now: number,
): SloMonth {
  const until = Math.min(window.to, Math.max(window.from, now));
  const known = new Map<string, Partial<Record<keyof Uptime, number>>>();
  for (const { vm, status, ms } of rows.slo.totals(team, window.from, until))
    known.set(vm, { ...known.get(vm), [status]: ms });
  const vms = rows.slo.vms(team, window.from, until).map((vm): SloLine => {
    const time = timeOf(vm, { ...NO_TIME, ...known.get(vm.id) }, window, until);
    return line(fullName(vm), vm.team, targetOf(settings, vm.team), time);
  });
  const name = team === null ? 'all teams' : `team ${team}`;
  return { vms, whole: line(name, team, targetOf(settings, team), sum(vms)) };
}

/** A line for each team of the configuration, from those of all VMs. */
export function sloTeams(settings: Settings, vms: readonly SloLine[]): SloLine[] {
  const by = new Map<string | null, SloLine[]>();
  for (const vm of vms) {
    const its = by.get(vm.team);
    if (its === undefined) by.set(vm.team, [vm]);
    else its.push(vm);
  }
  return settings.teams.map(({ name, uptimePercent }) => line(name, name, uptimePercent, sum(by.get(name) ?? [])));
}

function sum(lines: readonly SloLine[]): Uptime {
  return lines.reduce((all, { time }) => addUptime(all, time), NO_TIME);
}

function line(name: string, team: string | null, targetPercent: number, time: Uptime): SloLine {
  return { name, team, targetPercent, time, judged: judgeUptime(time, targetPercent) };
}

/** With what is not known of its life, and what is to come. */
function timeOf(vm: SloVm, seen: Uptime, window: MonthWindow, until: number): Uptime {
  const lived = Math.max(0, Math.min(until, vm.trashedAt ?? until) - Math.max(window.from, vm.createdAt));
  const isToRun = (vm.life === 'live' || vm.life === 'faulted') && vm.wanted !== 'off' && vm.wanted !== 'suspended';
  return {
    ...seen,
    unknown: Math.max(0, lived - seen.up - seen.down - seen.planned - seen.off),
    ahead: isToRun ? window.to - until : 0,
  };
}
