import { monthBefore } from '../../domain/slo/month.ts';
import { fleetStatement, teamStatement } from '../../operations/reports/slo-statement.ts';
import type { Job } from '../job.ts';

const WHEN = { every: 'month', day: 1, at: '09:10' } as const;

export const sloStatement: Job = {
  name: 'slo-statement',
  summary: 'Post the uptime of each team’s VMs in the month that ended to its channel',
  when: WHEN,
  per: 'team',
  missed: 'run-once',
  run: async ({ rows, settings, clock }, { team, period, dueAt, zone }) => {
    if (team === null) return 'no team';
    const notice = teamStatement(rows, settings(), team, monthBefore(dueAt, zone), clock.now());
    if (notice === null) return 'the team had no VM';
    rows.post({ key: `slo-statement:${team.name}:${period}`, to: team.channel, underOperation: null, notice });
    return `posted to ${team.channel}`;
  },
};

export const sloStatementFleet: Job = {
  name: 'slo-statement-fleet',
  summary: 'Post the uptime of all teams in the month that ended to the admin channel',
  when: WHEN,
  per: 'platform',
  missed: 'run-once',
  run: async ({ rows, settings, clock }, { period, dueAt, zone }) => {
    const { admin } = settings().channels;
    if (admin === null) return 'no admin channel';
    const notice = fleetStatement(rows, settings(), monthBefore(dueAt, zone), clock.now());
    rows.post({ key: `slo-statement:fleet:${period}`, to: admin, underOperation: null, notice });
    return `posted to ${admin}`;
  },
};
