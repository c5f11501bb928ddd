import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { ago } from '../../domain/ago.ts';
import { formatSpan } from '../../domain/size.ts';
import { defineRead, type ReadContext } from '../spec.ts';
import { type Readiness, readinessOf } from './readiness.ts';

export const drPlan = defineRead({
  name: 'dr.plan',
  summary: 'Show for each VM whether it could be restored elsewhere, and what is missing',
  details:
    'Its newest backup and how old that is against what the team accepts (RPO), the hosts that see it and have room, and its last drill. The hosts are asked for the files.',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/dr plan', '/dr plan --all'],
  read: async (_input, context) => {
    const { settings, clock } = context;
    const teams = mayPlan(context);
    const found = await readinessOf(teams, context);
    const now = clock.now();
    const ready = found.filter(({ missing }) => missing.length === 0).length;
    return {
      notice: {
        tone: ready === found.length ? 'plain' : 'warn',
        title: `Recovery: ${ready} of ${found.length} VMs lack nothing`,
        lines: settings.teams
          .filter(({ name }) => teams.includes(name))
          .slice(0, 10)
          .map(
            ({ name, dr }) =>
              `Team ${name} accepts an RPO of ${formatSpan(dr.rpoMs)} and an RTO of ${formatSpan(dr.rtoMs)}.`,
          ),
        table: {
          columns: ['VM', 'Backup', 'Age', 'Could go to', 'Last drill', 'Missing'],
          rows: found.map((line) => rowOf(line, now)),
          empty: 'No VM is there.',
        },
        buttons: [
          { label: 'Drill one', press: { do: 'open', name: 'dr.drill', input: { random: true } }, style: 'primary' },
          { label: 'Show drills', press: { do: 'run', name: 'dr.history', input: {} } },
        ],
      },
      json: found,
    };
  },
});

function mayPlan({ settings, actor, team, all }: ReadContext): readonly string[] {
  if (team !== null && !all) return [team];
  return settings.teams.map(({ name }) => name).filter((name) => decide(actor, 'view', name).allowed);
}

function rowOf({ name, backup, hosts, lastDrill, missing }: Readiness, now: number): string[] {
  return [
    name,
    backup?.name ?? '–',
    backup === null ? '–' : formatSpan(now - backup.takenAt),
    hosts.length === 0 ? '–' : hosts.join(', '),
    lastDrill === null ? 'never' : `${lastDrill.verdict}, ${ago(lastDrill.startedAt, now)}`,
    missing.length === 0 ? '–' : missing.join('; '),
  ];
}
