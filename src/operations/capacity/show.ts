import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import {
  freeOf,
  headRoom,
  type Measure,
  type Measures,
  promisedPercent,
  RESOURCES,
  type Resource,
} from '../../domain/capacity.ts';
import type { Text } from '../../domain/notice.ts';
import { dateIn } from '../../domain/zone-time.ts';
import { refreshBriefly } from '../observe.ts';
import { defineRead } from '../spec.ts';
import { epochDay, fleetParts, type HostPart, teamPart, UNKNOWN } from './gather.ts';
import { amountText, outlookName, outlookOf, outlookText } from './outlook.ts';

export const capacityShow = defineRead({
  name: 'capacity.show',
  summary: 'Show what the fleet, each host and your teams have, use and have left, and when it will run out',
  details:
    'Promised is what VMs were given, reserved what plans under way hold, in use what they really take. Free is what may still be promised, overcommit counted in; head-room is what is free when the largest host is lost.',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/capacity', '/capacity show'],
  read: async (_input, context) => {
    const { rows, settings, actor, clock } = context;
    await refreshBriefly(
      context,
      settings.hosts.map(({ name }) => name),
    );
    const { hosts, fleet } = fleetParts(rows, settings);
    const seen = hosts.filter(isSeen);
    const room = headRoom(seen);
    const teams = settings.teams
      .filter(({ name }) => decide(actor, 'view', name).allowed)
      .map((team) => ({ name: team.name, measures: teamPart(rows, team, UNKNOWN) }));
    const today = epochDay(dateIn(clock.now(), settings.timezone));
    const outlooks = outlookOf(rows, 'fleet', today);
    const silent = hosts.filter(({ trouble }) => trouble !== null);
    const short = room !== null && RESOURCES.some((resource) => room[resource].free < 0);
    return {
      notice: {
        tone: short || silent.length > 0 ? 'warn' : 'plain',
        title: `Capacity of ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`,
        lines: [
          ...silent.map(({ name, trouble }) => `${name}: ${trouble}; its numbers are the last known.`),
          ...(outlooks.length === 0
            ? ['No day is on record yet: looking ahead begins when there are 14 of them.']
            : outlooks.map((line): Text => [{ bold: `${outlookName(line)}: ` }, outlookText(line)])),
        ],
        table: {
          columns: ['Where', 'vCPUs', 'Memory', 'Disk'],
          rows: [
            ...(seen.length === 0 ? [] : [row('All hosts', fleet)]),
            ...(room === null
              ? []
              : [['Head-room without the largest', ...RESOURCES.map((each) => roomText(each, room[each]))]]),
            ...hosts.map((host) =>
              host.measures === null
                ? [host.name, '?', '?', '?']
                : row(host.state === 'active' ? host.name : `${host.name} (cordoned)`, host.measures),
            ),
            ...teams.map(({ name, measures }) => row(`Team ${name}`, measures)),
          ],
          empty: 'No host is in the configuration.',
        },
        buttons: [
          { label: 'Plan for more', press: { do: 'open', name: 'capacity.plan', input: {} } },
          { label: 'Find idle VMs', press: { do: 'run', name: 'capacity.idle', input: {} } },
        ],
      },
      json: {
        fleet: seen.length === 0 ? null : numbers(fleet),
        headRoom: room,
        hosts: hosts.map(({ name, state, trouble, measures }) => ({
          name,
          state,
          trouble,
          ...(measures === null ? {} : numbers(measures)),
        })),
        teams: teams.map(({ name, measures }) => ({ name, ...numbers(measures) })),
        outlook: outlooks.map(({ past: _past, forecast: made, ...line }) => ({
          ...line,
          days: made.days,
          perDay: made.kind === 'trend' ? made.slope : null,
          reach: made.kind === 'trend' ? made.reach : null,
        })),
      },
    };
  },
});

function isSeen(host: HostPart): host is HostPart & { readonly measures: Measures } {
  return host.measures !== null;
}

function row(name: string, measures: Measures): string[] {
  return [name, ...RESOURCES.map((resource) => cell(resource, measures[resource]))];
}

/** `12 of 64 (19 %), 2 reserved, 50 free, 3.4 in use`. */
function cell(resource: Resource, measure: Measure): string {
  const show = (amount: number): string => amountText(resource, amount);
  return [
    `${show(measure.allocated)} of ${show(measure.limit)} (${Math.round(promisedPercent(measure))} %)`,
    ...(measure.held > 0 ? [`${show(measure.held)} reserved`] : []),
    `${show(freeOf(measure))} free`,
    ...(measure.used === null ? [] : [`${show(measure.used)} in use`]),
  ].join(', ');
}

function roomText(resource: Resource, { without, free }: { readonly without: string; readonly free: number }): string {
  return free < 0
    ? `${amountText(resource, -free)} too little without ${without}`
    : `${amountText(resource, free)} without ${without}`;
}

function numbers(measures: Measures): Record<string, unknown> {
  return Object.fromEntries(
    RESOURCES.map((resource) => [resource, { ...measures[resource], free: freeOf(measures[resource]) }]),
  );
}
