import type { Notice } from '../../domain/notice.ts';
import type { Settings, Team } from '../../domain/settings.ts';
import type { MonthWindow } from '../../domain/slo/month.ts';
import { sloMonth, sloTeams } from '../slo/gather.ts';
import { sloCsv, sloFacts, sloTable, toneOf, verdictLines } from '../slo/text.ts';
import type { Rows } from '../store.ts';

/** More in a message is a file’s. */
const MOST_LINES = 20;

/** What a team's VMs made of a month that is over; null when it had none. */
export function teamStatement(
  rows: Rows,
  settings: Settings,
  team: Team,
  window: MonthWindow,
  now: number,
): Notice | null {
  const { vms, whole } = sloMonth(rows, settings, team.name, window, now);
  if (vms.length === 0) return null;
  const table = sloTable(vms, 'VM', '');
  const left = table.rows.length - MOST_LINES;
  return {
    tone: toneOf(whole),
    title: `Uptime of team ${team.name}: ${window.title}`,
    lines: [
      ...verdictLines(whole, false),
      ...(left <= 0 ? [] : [`The ${MOST_LINES} VMs with the least left are shown; the other ${left} are in the file.`]),
    ],
    facts: sloFacts(whole),
    table: { ...table, rows: table.rows.slice(0, MOST_LINES) },
    buttons: [{ label: 'Show this month', press: { do: 'run', name: 'slo.show', input: {} } }],
    files: [sloCsv(window, vms, `uptime-${team.name}-${window.month}.csv`)],
  };
}

/** The same of all teams, for admins; also of a fleet without a VM. */
export function fleetStatement(rows: Rows, settings: Settings, window: MonthWindow, now: number): Notice {
  const { vms, whole } = sloMonth(rows, settings, null, window, now);
  const title = `Uptime of all teams: ${window.title}`;
  // Without a VM all numbers would be nought.
  if (vms.length === 0) return { tone: 'plain', title, lines: verdictLines(whole, false), files: [] };
  const had = new Set(vms.map(({ team }) => team));
  const teams = sloTeams(settings, vms).filter(({ team }) => had.has(team));
  const table = sloTable(teams, 'Team', 'None of the teams in the configuration had one.');
  const without = settings.teams.length - teams.length;
  return {
    tone: toneOf(whole),
    title,
    lines: [
      ...verdictLines(whole, false),
      ...(without === 0 ? [] : [`${without} ${without === 1 ? 'team' : 'teams'} had no VM.`]),
    ],
    facts: sloFacts(whole),
    table: { ...table, rows: table.rows.slice(0, MOST_LINES) },
    files: [sloCsv(window, vms, `uptime-${window.month}.csv`)],
  };
}
