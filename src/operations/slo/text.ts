import type { Attachment } from '../../domain/chart.ts';
import type { Fact, Table, Text, Tone } from '../../domain/notice.ts';
import { formatSpan } from '../../domain/size.ts';
import type { MonthWindow } from '../../domain/slo/month.ts';
import { ratioText, type Verdict } from '../../domain/slo/uptime.ts';
import type { SloLine } from './gather.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** More minutes than that are hard to read. */
const MANY = 10_000 * MINUTE;

/** The numbers of one line, for people. */
export function sloFacts({ targetPercent, time, judged }: SloLine): Fact[] {
  return [
    { name: 'Target', value: `${targetPercent} %` },
    { name: 'Uptime', value: ratioText(judged.ratio) },
    { name: 'Down, unplanned', value: minutesText(time.down) },
    { name: 'Planned work', value: minutesText(time.planned) },
    { name: 'Off, as wanted', value: minutesText(time.off) },
    { name: 'Unknown', value: minutesText(time.unknown) },
    { name: 'Error budget', value: budgetText(judged) },
  ];
}

/** What it comes to, in a sentence or two. */
export function verdictLines({ judged, time }: SloLine, running: boolean): Text[] {
  const words: Readonly<Record<Verdict, string>> = {
    kept: running ? 'The target is kept so far.' : 'The target was kept.',
    missed: running ? 'The target is missed already.' : 'The target was missed.',
    'not known': 'Whether the target is kept depends on the time that nobody saw.',
    'nothing to measure': 'No VM was to be up: there is nothing to measure.',
  };
  return [
    words[judged.verdict],
    ...(time.unknown < MINUTE
      ? []
      : [
          `For ${formatSpan(time.unknown)} of VM time no sweep reached the host. That is neither counted as up nor as down.`,
        ]),
  ];
}

export function toneOf({ judged }: SloLine): Tone {
  if (judged.verdict === 'missed') return 'bad';
  if (judged.verdict === 'not known') return 'warn';
  return judged.verdict === 'kept' ? 'good' : 'plain';
}

/** The worst first, and last what there was nothing to measure of. */
export function sloTable(lines: readonly SloLine[], what: string, empty: string): Table {
  const sorted = [...lines].sort(byWorst);
  return {
    columns: [what, 'Uptime', 'Down (min)', 'Planned', 'Off', 'Unknown', 'Budget left (min)'],
    rows: sorted.map(({ name, time, judged }) => [
      name,
      ratioText(judged.ratio),
      ...[time.down, time.planned, time.off, time.unknown, judged.leftMs].map((ms) => grouped(Number(minutes(ms)))),
    ]),
    empty,
  };
}

/** Every number, in minutes, for a spreadsheet. */
export function sloCsv(window: MonthWindow, lines: readonly SloLine[], fileName: string): Attachment {
  const head = ['month', 'name', 'team', 'target_percent', 'uptime_percent', 'up_minutes', 'down_minutes'];
  const more = [
    'planned_minutes',
    'off_minutes',
    'unknown_minutes',
    'budget_minutes',
    'budget_left_minutes',
    'verdict',
  ];
  const rows = lines.map(({ name, team, targetPercent, time, judged }) => [
    window.month,
    name,
    team ?? '',
    targetPercent,
    judged.ratio === null ? '' : Math.floor(judged.ratio * 100_000_000) / 1_000_000,
    ...[time.up, time.down, time.planned, time.off, time.unknown, judged.budgetMs, judged.leftMs].map(minutes),
    judged.verdict,
  ]);
  const text = `${[[...head, ...more], ...rows].map((row) => row.join(',')).join('\n')}\n`;
  return { name: fileName, title: `Uptime of each VM, ${window.title}`, text };
}

/** For scripts: seconds. */
export function sloJson({ name, team, targetPercent, time, judged }: SloLine): Record<string, unknown> {
  const seconds = (ms: number): number => Math.round(ms / 1000);
  return {
    name,
    team,
    targetPercent,
    uptimePercent: judged.ratio === null ? null : judged.ratio * 100,
    verdict: judged.verdict,
    upSeconds: seconds(time.up),
    downSeconds: seconds(time.down),
    plannedSeconds: seconds(time.planned),
    offSeconds: seconds(time.off),
    unknownSeconds: seconds(time.unknown),
    budgetSeconds: seconds(judged.budgetMs),
    budgetLeftSeconds: seconds(judged.leftMs),
    budgetLeftAtLeastSeconds: seconds(judged.leftAtLeastMs),
  };
}

function byWorst(a: SloLine, b: SloLine): number {
  const measured = Number(a.judged.ratio === null) - Number(b.judged.ratio === null);
  return measured || a.judged.leftMs - b.judged.leftMs || (a.name < b.name ? -1 : 1);
}

function budgetText({ budgetMs, leftMs, leftAtLeastMs }: SloLine['judged']): string {
  const of = `of ${minutesText(budgetMs)}`;
  const left = leftMs < 0 ? `overdrawn by ${minutesText(-leftMs)} ${of}` : `${minutesText(leftMs)} ${of} left`;
  if (leftAtLeastMs === leftMs || leftMs < 0) return left;
  const worst = leftAtLeastMs < 0 ? `overdrawn by ${minutesText(-leftAtLeastMs)}` : minutesText(leftAtLeastMs);
  return `${left}; ${worst} if all that is unknown was down`;
}

/** Tenths of minutes; what is left is rounded down. */
function minutes(ms: number): string {
  return String(Math.floor(ms / 6000 + 1e-9) / 10);
}

/** Of a fleet it is hours, by the thousand. */
function minutesText(ms: number): string {
  return Math.abs(ms) < MANY ? `${minutes(ms)} min` : `${grouped(Math.floor(ms / HOUR))} h`;
}

/** `1,965,240`. */
function grouped(value: number): string {
  return value.toLocaleString('en-GB');
}
