import type { Resource } from '../../domain/capacity.ts';
import { RESOURCES } from '../../domain/capacity.ts';
import type { Attachment, Chart } from '../../domain/chart.ts';
import { GiB } from '../../domain/size.ts';
import type { CapacityDay } from '../capacity/capacity-rows.ts';
import { dayText, type Outlook, outlookName, outlookText } from '../capacity/outlook.ts';

/** So far ahead a picture looks. */
const AHEAD_DAYS = 60;
/** So many on a scale are better told in TiB. */
const MANY_GIB = 10_000;

/** What a scale counts in, so that people can read it. */
interface Scale {
  readonly unit: string;
  readonly size: number;
}

function scaleFor(resource: Resource, largest: number): Scale {
  if (resource === 'vcpus') return { unit: 'vCPUs', size: 1 };
  return largest < MANY_GIB * GiB ? { unit: 'GiB', size: GiB } : { unit: 'TiB', size: 1024 * GiB };
}

function scaled({ size }: Scale, amount: number | null): number | null {
  return amount === null ? null : Math.round((amount / size) * 10) / 10;
}

/** What was and what is expected of one line of capacity, with its limit. */
export function outlookChart(outlook: Outlook, whose: string): Chart {
  const { resource, past, forecast: made, limit } = outlook;
  const ahead = made.kind === 'trend' ? Math.min(AHEAD_DAYS, made.reach) : 0;
  const days = past.length + ahead;
  const scale = scaleFor(resource, limit);
  const labels = Array.from({ length: days }, (_, n) => dayText(outlook.day - past.length + 1 + n));
  // The dashed line begins where the other one ends.
  const expected = (pick: 'low' | 'middle' | 'high'): (number | null)[] =>
    labels.map((_, n) => {
      const day = n - past.length + 1;
      if (made.kind !== 'trend' || day < 0) return null;
      return scaled(scale, Math.max(0, made.at(day)[pick]));
    });
  const name = outlookName(outlook);
  const lines: Chart['series'] = [
    { name, values: labels.map((_, n) => scaled(scale, past[n] ?? null)), look: 'line' },
    ...(made.kind === 'trend' ? [{ name: 'Expected', values: expected('middle'), look: 'forecast' } as const] : []),
    { name: 'The most there may be', values: labels.map(() => scaled(scale, limit)), look: 'limit' },
  ];
  return {
    title: `${name}, ${whose}`,
    alt: `Line chart of ${past.length} days and ${ahead} days ahead. ${name} of ${whose}: ${outlookText(outlook)}.`,
    unit: scale.unit,
    labels,
    series: lines,
    band:
      made.kind === 'trend' ? { name: 'Eight of ten days within', low: expected('low'), high: expected('high') } : null,
  };
}

export interface TeamUse {
  readonly team: string;
  readonly promised: number;
  readonly used: number | null;
}

/** What teams were given beside what they used. */
export function showbackChart(resource: Resource, teams: readonly TeamUse[]): Chart {
  const word = { vcpus: 'vCPUs', memory: 'Memory', disk: 'Disk' }[resource];
  const first = teams.slice(0, 20);
  const scale = scaleFor(resource, Math.max(0, ...first.map(({ promised, used }) => Math.max(promised, used ?? 0))));
  const { unit } = scale;
  return {
    title: `${word} by team: promised and used`,
    alt: `Bar chart. ${first
      .map(
        ({ team, promised, used }) =>
          `${team}: ${scaled(scale, promised)} ${unit} promised, ${used === null ? 'use not measured' : `${scaled(scale, used)} used`}`,
      )
      .join('; ')}${teams.length > first.length ? `; and ${teams.length - first.length} teams more` : ''}.`,
    unit,
    labels: first.map(({ team }) => team),
    series: [
      { name: 'Promised', values: first.map(({ promised }) => scaled(scale, promised)), look: 'bar' },
      { name: 'Used (95 of 100 hours below)', values: first.map(({ used }) => scaled(scale, used)), look: 'bar' },
    ],
    band: null,
  };
}

/** Every day's numbers, in bytes and vCPUs, for a spreadsheet. */
export function capacityCsv(name: string, days: readonly CapacityDay[]): Attachment {
  const parts = ['size', 'limit', 'allocated', 'held', 'used'] as const;
  const head = ['scope', 'day', ...RESOURCES.flatMap((resource) => parts.map((part) => `${resource}_${part}`))];
  const rows = days.map(({ scope, day, measures }) => [
    scope,
    dayText(day),
    ...RESOURCES.flatMap((resource) => parts.map((part) => measures[resource][part] ?? '')),
  ]);
  return { name, title: 'Capacity day by day', text: `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n` };
}
