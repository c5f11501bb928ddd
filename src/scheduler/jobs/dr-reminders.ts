import { overdue, quarterAt } from '../../domain/drill-due.ts';
import type { Team } from '../../domain/settings.ts';
import { anyVm } from '../../operations/dr/common.ts';
import { drOverdue, drReminder } from '../../operations/reports/dr-reminders.ts';
import type { Job, JobDeps } from '../job.ts';

const REMINDERS = 'dr-reminders';

export const drReminders: Job = {
  name: REMINDERS,
  summary: 'Ask each team once a quarter to test its recovery',
  when: { every: 'quarter', day: 5, at: '10:00' },
  per: 'team',
  missed: 'run-once',
  run: async (deps, { team, period, dueAt, zone }) => {
    const { rows, settings } = deps;
    if (team === null || rows.vms.list(team.name).length === 0) return 'the team has no VM';
    const quarter = quarterAt(dueAt, zone);
    if (passedOf(deps, team).some((at) => at >= quarter.from)) return 'it has drilled already';
    const notice = drReminder(team, quarter, { ...standing(deps, team), settings: settings() });
    rows.post({ key: `dr-reminder:${team.name}:${period}`, to: team.channel, underOperation: null, notice });
    return `posted to ${team.channel}`;
  },
};

/** Said once when it is due, and once a week from then on. */
export const drOverdues: Job = {
  name: 'dr-overdue',
  summary: 'Tell the admin channel of teams whose test of recovery is overdue',
  when: { every: 'day', at: '10:15' },
  per: 'team',
  missed: 'run-once',
  run: async (deps, { team, zone }) => {
    const { rows, settings, clock } = deps;
    if (team === null || rows.vms.list(team.name).length === 0) return '';
    const asked = rows.schedule
      .last({ job: REMINDERS, place: team.name }, 4)
      .filter(({ state, result }) => state === 'done' && result.startsWith('posted'))
      .map(({ dueAt }) => dueAt);
    const postponed = rows.drills.postponed(team.name);
    const owed = overdue(clock.now(), { zone, asked, passed: passedOf(deps, team), postponed });
    if (owed === null) return '';
    const config = settings();
    const to = config.channels.admin ?? team.channel;
    const notice = drOverdue(team, owed, { ...standing(deps, team), postponed, settings: config });
    const key = `dr-overdue:${team.name}:${owed.since}:${owed.weeks}`;
    rows.post({ key, to, underOperation: null, notice });
    return `told ${to}`;
  },
};

function passedOf({ rows }: JobDeps, { name }: Team): readonly number[] {
  return rows.drills.list(name).flatMap(({ verdict, endedAt }) => (verdict === 'passed' ? (endedAt ?? []) : []));
}

function standing({ rows }: JobDeps, { name }: Team) {
  return { last: rows.drills.list(name)[0], vm: anyVm(rows, name) };
}
