import { type Measure, RESOURCES, type Resource } from '../../domain/capacity.ts';
import { type Forecast, forecast, type Reached, reaches } from '../../domain/forecast.ts';
import { formatSize } from '../../domain/size.ts';
import type { Rows } from '../store.ts';

const DAY_MS = 86_400_000;
/** As much of the past as the forecast looks at. */
const HISTORY_DAYS = 120;

/** How one line of capacity goes on. */
export interface Outlook {
  readonly resource: Resource;
  /** `promised` to VMs of what may be promised, or in `use` of what is there. */
  readonly of: 'promised' | 'use';
  readonly now: number;
  readonly limit: number;
  /** The last day that is on record, as days since 1970: what is ahead counts from it. */
  readonly day: number;
  /** Daily, the newest last; null for days that are missing. */
  readonly past: readonly (number | null)[];
  readonly forecast: Forecast;
  /** Null with too little data. */
  readonly at80: Reached | null;
  readonly at100: Reached | null;
}

const promised = ({ allocated, held }: Measure): number => allocated + held;

/** Looks ahead for one scope, from the day `today` on. `adds`: as if so much more were promised. */
export function outlookOf(
  rows: Rows,
  scope: string,
  today: number,
  adds: Readonly<Record<Resource, number>> = { vcpus: 0, memory: 0, disk: 0 },
): readonly Outlook[] {
  const days = rows.capacity.series(scope, today - HISTORY_DAYS + 1, today);
  const last = days.at(-1);
  if (last === undefined) return [];
  const byDay = new Map(days.map((day) => [day.day, day.measures]));
  const pastOf = (pick: (measure: Measure) => number | null, resource: Resource): (number | null)[] =>
    Array.from({ length: last.day - (days[0]?.day ?? 0) + 1 }, (_, n) => {
      const measures = byDay.get((days[0]?.day ?? 0) + n);
      return measures === undefined ? null : pick(measures[resource]);
    });
  const lines: Omit<Outlook, 'day'>[] = [];
  for (const resource of RESOURCES) {
    const measure = last.measures[resource];
    lines.push(
      line(resource, 'promised', promised(measure), measure.limit, pastOf(promised, resource), adds[resource]),
    );
    // Memory and CPUs in use come and go with what guests do; a pool fills.
    if (resource === 'disk' && measure.size !== null && measure.used !== null)
      lines.push(
        line(
          resource,
          'use',
          measure.used,
          measure.size,
          pastOf(({ used }) => used, resource),
          0,
        ),
      );
  }
  return lines.filter(({ limit }) => limit > 0).map((each) => ({ ...each, day: last.day }));
}

function line(
  resource: Resource,
  of: Outlook['of'],
  now: number,
  limit: number,
  past: readonly (number | null)[],
  adds: number,
): Omit<Outlook, 'day'> {
  const made = forecast(past);
  const when = (share: number): Reached | null => (made.kind === 'trend' ? reaches(made, share * limit - adds) : null);
  return { resource, of, now: now + adds, limit, past, forecast: made, at80: when(0.8), at100: when(1) };
}

const NAMES: Readonly<Record<Resource, string>> = { vcpus: 'vCPUs', memory: 'Memory', disk: 'Disk' };

/** `Memory promised`. */
export function outlookName({ resource, of }: Pick<Outlook, 'resource' | 'of'>): string {
  return of === 'promised' ? `${NAMES[resource]} promised` : 'Thin pools’ data';
}

/** An amount of a resource, for people. */
export function amountText(resource: Resource, amount: number): string {
  return resource === 'vcpus' ? String(Math.round(amount * 10) / 10) : formatSize(Math.round(amount));
}

/** `80 % likely on 2026-04-12 (2026-03-30 to 2026-05-20)`, for one line of capacity. */
export function outlookText(outlook: Outlook): string {
  const { forecast: made } = outlook;
  if (made.kind === 'too-little') {
    return `too little is known to look ahead: ${made.days} of ${made.needed} days`;
  }
  const grows = made.slope * 30;
  const trend =
    Math.abs(grows) * 12 < outlook.limit / 100
      ? 'steady'
      : `${grows > 0 ? 'grows' : 'shrinks'} by ${amountText(outlook.resource, Math.abs(grows))} in 30 days`;
  return `${trend}; ${reachedText(80, outlook.at80, outlook.day, made.reach)}; ${reachedText(100, outlook.at100, outlook.day, made.reach)}`;
}

function reachedText(percent: number, reached: Reached | null, day: number, reach: number): string {
  if (reached === null || reached.earliest === null) return `${percent} % not within ${reach} days`;
  if (reached.likely === 0) return `${percent} % is reached`;
  const from = dayText(day + reached.earliest);
  const to = reached.latest === null ? 'later' : dayText(day + reached.latest);
  return reached.likely === null
    ? `${percent} % perhaps from ${from} on`
    : `${percent} % about ${dayText(day + reached.likely)} (${from} to ${to})`;
}

/** `2026-04-12`, of days since 1970. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
