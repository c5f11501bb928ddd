import { headRoom, type Measures, RESOURCES, type Resource } from '../../domain/capacity.ts';
import type { Notice, Text } from '../../domain/notice.ts';
import { quantile } from '../../domain/robust.ts';
import type { Settings, Team } from '../../domain/settings.ts';
import { fullName } from '../../domain/vm.ts';
import type { CapacityDay } from '../capacity/capacity-rows.ts';
import { fleetParts } from '../capacity/gather.ts';
import { givesBack, type Idle } from '../capacity/idle.ts';
import { amountText, dayText, type Outlook, outlookName, outlookOf, outlookText } from '../capacity/outlook.ts';
import type { Rows } from '../store.ts';
import { capacityCsv, outlookChart, showbackChart, type TeamUse } from './capacity-chart.ts';

/** What a month is compared with. */
const MONTH_DAYS = 30;
/** What runs out within that time is said to be about to. */
const SOON_DAYS = 90;
const MOST_IDLE = 10;

export interface ReportParts {
  readonly rows: Rows;
  readonly settings: Settings;
  /** Days since 1970. */
  readonly today: number;
  /** `October 2026`. */
  readonly month: string;
}

/** The monthly capacity plan of all hosts: what grew, what will run out, what to do, and who uses what. */
export function fleetPlan({ rows, settings, today, month }: ReportParts): Notice {
  const days = rows.capacity.series('fleet', today - MONTH_DAYS, today);
  const outlooks = outlookOf(rows, 'fleet', today);
  const { hosts } = fleetParts(rows, settings);
  const seen = hosts.flatMap(({ name, measures }) => (measures === null ? [] : [{ name, measures }]));
  const room = headRoom(seen);
  const short = room === null ? [] : RESOURCES.filter((each) => room[each].free < 0);
  const teams = settings.teams.map(({ name }) => ({
    name,
    days: rows.capacity.series(`team/${name}`, today - MONTH_DAYS, today),
  }));
  const todo: string[] = [
    ...short.map(
      (each) =>
        `The fleet could not bear the loss of ${room?.[each].without}: ${amountText(each, -(room?.[each].free ?? 0))} of ${WORDS[each]} would be missing. Add a host, or promise less.`,
    ),
    ...outlooks
      .filter(isSoon)
      .map(
        (line) =>
          `${outlookName(line)} runs out about ${when(line)}: add hosts or disks before, or have teams give back what they don’t use (\`/capacity idle --all\`).`,
      ),
  ];
  return {
    tone: todo.length > 0 ? 'warn' : 'plain',
    title: `Capacity plan, all hosts: ${month}`,
    lines: [...outlookLines(outlooks), ...todoLines(todo)],
    table: grewTable(days),
    buttons: [
      { label: 'Show capacity', press: { do: 'run', name: 'capacity.show', input: {} } },
      { label: 'Plan for more', press: { do: 'open', name: 'capacity.plan', input: {} } },
    ],
    charts: [
      ...outlooks.filter(isDrawn).map((line) => outlookChart(line, 'all hosts')),
      ...(days.length === 0
        ? []
        : [showbackChart('memory', teams.map((each) => useOf('memory', each)).sort(byPromised))]),
    ].slice(0, 4),
    files:
      days.length === 0
        ? []
        : [
            capacityCsv(`capacity-${month.replace(' ', '-').toLowerCase()}.csv`, [
              ...days,
              ...teams.flatMap((each) => each.days),
            ]),
          ],
  };
}

/** A team that has nothing and had nothing in the month needs no plan. */
export function hasCapacity({ rows, today }: ReportParts, team: Team): boolean {
  const days = rows.capacity.series(`team/${team.name}`, today - MONTH_DAYS, today);
  return days.some(({ measures }) => RESOURCES.some((each) => measures[each].allocated + measures[each].held > 0));
}

/** A team's: against its quota, with the VMs that it hardly uses. */
export function teamPlan({ rows, today, month }: ReportParts, team: Team, idle: readonly Idle[]): Notice {
  const scope = `team/${team.name}`;
  const days = rows.capacity.series(scope, today - MONTH_DAYS, today);
  const outlooks = outlookOf(rows, scope, today);
  const found = idle.filter(({ found: { kind } }) => kind === 'off' || kind === 'unused' || kind === 'oversized');
  const memory = found.reduce((sum, each) => sum + givesBack(each).memoryBytes, 0);
  const todo: string[] = [
    ...outlooks
      .filter(isSoon)
      .map(
        (line) =>
          `The quota’s ${WORDS[line.resource]} will be used up about ${when(line)}: ask an admin for more before, or give some back.`,
      ),
    ...(found.length === 0
      ? []
      : [
          `${found.length} ${found.length === 1 ? 'VM is' : 'VMs are'} idle or too large, with ${amountText('memory', memory)} of memory: ${found
            .slice(0, MOST_IDLE)
            .map(
              ({ vm, found: judged }) =>
                `${fullName(vm)} (${judged.kind === 'oversized' ? `${judged.flavor.name} would do` : judged.kind})`,
            )
            .join(', ')}${found.length > MOST_IDLE ? ' …' : ''}. See \`/capacity idle\`.`,
        ]),
  ];
  return {
    tone: todo.length > 0 ? 'warn' : 'plain',
    title: `Capacity plan, team ${team.name}: ${month}`,
    lines: [...outlookLines(outlooks), ...todoLines(todo)],
    table: grewTable(days),
    buttons: [{ label: 'Find idle VMs', press: { do: 'run', name: 'capacity.idle', input: {} } }],
    charts: outlooks
      .filter(({ resource }) => resource !== 'vcpus')
      .map((line) => outlookChart(line, `team ${team.name}`)),
    files:
      days.length === 0
        ? []
        : [capacityCsv(`capacity-${team.name}-${month.replace(' ', '-').toLowerCase()}.csv`, days)],
  };
}

const WORDS: Readonly<Record<Resource, string>> = { vcpus: 'vCPUs', memory: 'memory', disk: 'disk' };

/** One point is no line; vCPUs are seldom what runs out. */
function isDrawn({ resource, past }: Outlook): boolean {
  return resource !== 'vcpus' && past.length > 1;
}

function isSoon({ at100 }: Outlook): boolean {
  return at100 !== null && at100.likely !== null && at100.likely <= SOON_DAYS;
}

function when({ at100, day }: Outlook): string {
  return dayText(day + (at100?.likely ?? 0));
}

function outlookLines(outlooks: readonly Outlook[]): Text[] {
  if (outlooks.length === 0)
    return ['No day is on record yet: what will run out can be told when there are 14 of them.'];
  return outlooks.map((line): Text => [{ bold: `${outlookName(line)}: ` }, outlookText(line)]);
}

function todoLines(todo: readonly string[]): Text[] {
  if (todo.length === 0) return [[{ bold: 'To do: ' }, 'nothing.']];
  return todo.map((line): Text => [{ bold: 'To do: ' }, line]);
}

function grewTable(days: readonly CapacityDay[]): NonNullable<Notice['table']> {
  const [first, last] = [days[0], days.at(-1)];
  const promised = (measures: Measures, each: Resource): number => measures[each].allocated + measures[each].held;
  return {
    columns: ['What', first === undefined ? 'Then' : dayText(first.day), 'Now', 'Grew by', 'Of', 'In use'],
    rows:
      first === undefined || last === undefined
        ? []
        : RESOURCES.map((each) => {
            const [then, now] = [promised(first.measures, each), promised(last.measures, each)];
            const { limit, used } = last.measures[each];
            const show = (amount: number): string => amountText(each, amount);
            return [
              { vcpus: 'vCPUs', memory: 'Memory', disk: 'Disk' }[each],
              show(then),
              show(now),
              now === then ? '–' : `${now > then ? '+' : '−'}${show(Math.abs(now - then))}`,
              show(limit),
              used === null ? 'not measured' : show(used),
            ];
          }),
    empty: 'Nothing is on record of this month.',
  };
}

function useOf(resource: Resource, team: { readonly name: string; readonly days: readonly CapacityDay[] }): TeamUse {
  const last = team.days.at(-1);
  const used = team.days.flatMap(({ measures }) => measures[resource].used ?? []);
  return {
    team: team.name,
    promised: last === undefined ? 0 : last.measures[resource].allocated,
    used: used.length === 0 ? null : quantile(used, 0.95),
  };
}

function byPromised(a: TeamUse, b: TeamUse): number {
  return b.promised - a.promised || (a.team < b.team ? -1 : 1);
}
