import type { Notice } from '../../domain/notice.ts';
import { dateIn, daysAfter } from '../../domain/zone-time.ts';
import { epochDay } from '../../operations/capacity/gather.ts';
import { idleVms } from '../../operations/capacity/idle.ts';
import { fleetPlan, hasCapacity, type ReportParts, teamPlan } from '../../operations/reports/capacity-plan.ts';
import type { Due, Job, JobDeps } from '../job.ts';

const WHEN = { every: 'month', day: 1, at: '09:00' } as const;

/** The month that ended before it was due. */
function partsOf({ rows, settings, clock }: JobDeps, { dueAt, zone }: Due): ReportParts {
  const before = daysAfter(dateIn(dueAt, zone), -1);
  const month = new Date(Date.UTC(before.year, before.month - 1, 1)).toLocaleDateString('en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const today = epochDay(dateIn(clock.now(), settings().timezone));
  return { rows, settings: settings(), today, month };
}

function post(deps: JobDeps, key: string, to: string, notice: Notice): string {
  deps.rows.post({ key, to, underOperation: null, notice });
  return `posted to ${to}`;
}

export const capacityPlan: Job = {
  name: 'capacity-plan',
  summary: 'Post the monthly capacity plan of each team to its channel',
  when: WHEN,
  per: 'team',
  missed: 'run-once',
  run: async (deps, due) => {
    const { team, period } = due;
    if (team === null) return 'no team';
    const { rows, clock, settings } = deps;
    const idle = await idleVms(rows, settings().flavors, team.name, clock);
    const parts = partsOf(deps, due);
    if (idle.length === 0 && !hasCapacity(parts, team)) return 'the team has no VM';
    return post(deps, `capacity-plan:${team.name}:${period}`, team.channel, teamPlan(parts, team, idle));
  },
};

export const capacityPlanFleet: Job = {
  name: 'capacity-plan-fleet',
  summary: 'Post the monthly capacity plan of all hosts to the admin channel',
  when: WHEN,
  per: 'platform',
  missed: 'run-once',
  run: async (deps, due) => {
    const { admin } = deps.settings().channels;
    if (admin === null) return 'no admin channel';
    return post(deps, `capacity-plan:fleet:${due.period}`, admin, fleetPlan(partsOf(deps, due)));
  },
};
