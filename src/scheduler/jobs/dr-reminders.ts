import { dateIn } from '../../domain/zone-time.ts';
import { drReminder } from '../../operations/reports/reminders.ts';
import type { Job } from '../job.ts';

export const drReminders: Job = {
  name: 'dr-reminders',
  summary: 'Ask each team once a quarter to test its recovery',
  when: { every: 'quarter', day: 5, at: '10:00' },
  per: 'team',
  missed: 'run-once',
  run: async ({ rows, settings, service }, { team, period, dueAt, zone }) => {
    if (team === null || rows.vms.list(team.name).length === 0) return 'the team has no VM';
    const quarter = quarterOf(dueAt, zone);
    const notice = drReminder(team, quarter, settings(), service.catalog);
    rows.post({ key: `dr-reminder:${team.name}:${period}`, to: team.channel, underOperation: null, notice });
    return `posted to ${team.channel}`;
  },
};

function quarterOf(at: number, zone: string): string {
  const { year, month } = dateIn(at, zone);
  return `quarter ${Math.ceil(month / 3)} of ${year}`;
}
