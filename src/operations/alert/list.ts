import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { ago } from '../../domain/ago.ts';
import { defineRead, type ReadContext } from '../spec.ts';
import type { IncidentRow } from './alert-rows.ts';
import { incidentSilence } from './card.ts';

const SHOWN = 50;

export const alertList = defineRead({
  name: 'alert.list',
  summary: 'List the alerts that are open',
  details: 'In a team’s channel the team’s; elsewhere those of your teams, and for admins those of hosts and fleet.',
  input: z.strictObject({
    past: z.boolean().default(false).meta({ title: 'Past', description: 'The last ones, also those that are over' }),
  }),
  positional: [],
  permission: 'view',
  examples: ['/alert list', '/alert list --past'],
  read: async ({ past }, context) => {
    const { rows, clock } = context;
    const now = clock.now();
    const all = past
      ? rows.incidents.recent(null, SHOWN * 4)
      : rows.incidents.since(Number.MAX_SAFE_INTEGER).toReversed();
    const found = all.filter((incident) => isShown(incident, context)).slice(0, SHOWN);
    const silences = rows.silences.active(now);
    const listed = found.map((incident) => {
      const members = rows.incidents.members(incident.id);
      const silence = incidentSilence({ incident, members, silences, now });
      return { incident, members, state: stateOf(incident, silence !== null) };
    });
    const open = listed.filter(({ incident }) => incident.resolvedAt === null).length;
    return {
      notice: {
        tone: open > 0 ? 'warn' : 'plain',
        title: `${open} open ${open === 1 ? 'alert' : 'alerts'}`,
        table: {
          columns: ['Alert', 'About', 'State', 'Since', 'Id'],
          rows: listed.map(({ incident, members, state }) => [
            incident.title,
            aboutOf(members.map(({ name }) => name)),
            state,
            ago(incident.openedAt, now),
            incident.id,
          ]),
          empty: past ? 'There was none yet.' : 'Nothing is wrong that Hostler knows of.',
        },
      },
      json: listed.map(({ incident, members, state }) => ({
        id: incident.id,
        rule: incident.rule,
        title: incident.title,
        severity: incident.severity,
        state,
        team: incident.team,
        openedAt: new Date(incident.openedAt).toISOString(),
        resolvedAt: incident.resolvedAt === null ? null : new Date(incident.resolvedAt).toISOString(),
        about: members.map(({ kind, name, detail, resolvedAt }) => ({ kind, name, detail, over: resolvedAt !== null })),
      })),
    };
  },
});

function isShown({ team }: IncidentRow, { actor, team: here, all }: ReadContext): boolean {
  if (team === null) return actor.platform !== null && (here === null || all);
  if (here !== null && !all) return team === here;
  return decide(actor, 'view', team).allowed;
}

function stateOf({ resolvedAt, assignee, ackedBy, severity }: IncidentRow, silenced: boolean): string {
  if (resolvedAt !== null) return 'over';
  if (silenced) return 'silenced';
  if (assignee !== null) return `with ${assignee}`;
  return ackedBy === null ? severity : `seen by ${ackedBy}`;
}

function aboutOf(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
