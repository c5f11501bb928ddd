import type { Metric } from '../../domain/metric.ts';
import type { Settings } from '../../domain/settings.ts';
import { monthAt } from '../../domain/slo/month.ts';
import type { Rows } from '../store.ts';
import { sloMonth, sloTeams } from './gather.ts';

/** Uptime of the month under way, by team, in the team's own calendar. */
export function sloMetrics(rows: Rows, settings: Settings, now: number): Metric[] {
  // A month begins with each zone's own midnight.
  const zones = [...new Set(settings.teams.map(({ timezone }) => timezone))];
  const teams = zones.flatMap((zone) => {
    const { vms } = sloMonth(rows, settings, null, monthAt(now, zone), now);
    const here = settings.teams.filter(({ timezone }) => timezone === zone);
    return sloTeams({ ...settings, teams: here }, vms).map((line) => ({ ...line, labels: { team: line.name } }));
  });
  const gauge = (name: string, help: string, pick: (line: (typeof teams)[number]) => number | null): Metric => ({
    name,
    help,
    type: 'gauge',
    samples: teams.flatMap((line) => {
      const value = pick(line);
      return value === null ? [] : [{ labels: line.labels, value }];
    }),
  });
  return [
    gauge('hostler_slo_target_ratio', 'Uptime of VMs that is aimed at.', (line) => line.targetPercent / 100),
    gauge(
      'hostler_slo_uptime_ratio',
      'Uptime of VMs this month, of the time that is known.',
      (line) => line.judged.ratio,
    ),
    gauge('hostler_slo_down_seconds', 'Unplanned downtime of VMs this month.', (line) => line.time.down / 1000),
    gauge('hostler_slo_unknown_seconds', 'VM time this month that no sweep saw.', (line) => line.time.unknown / 1000),
    gauge(
      'hostler_slo_budget_seconds',
      'Downtime of VMs that the target allows this month.',
      (line) => line.judged.budgetMs / 1000,
    ),
    gauge(
      'hostler_slo_budget_left_seconds',
      'What is left of it; below 0 it is overdrawn.',
      (line) => line.judged.leftMs / 1000,
    ),
  ];
}
