import { purgedSoon, trashOf, trashReminder } from '../../operations/reports/reminders.ts';
import type { Job } from '../job.ts';

export const trashReminders: Job = {
  name: 'trash-reminders',
  summary: 'Tell each team which VMs and disks will be purged from the trash within two days',
  when: { every: 'day', at: '09:05' },
  per: 'team',
  missed: 'run-once',
  run: async ({ rows, settings, clock }, { team, period }) => {
    if (team === null) return '';
    const last = rows.schedule
      .last({ job: 'trash-reminders', place: team.name }, 10)
      .find((run) => run.state === 'done' && run.period !== period);
    const now = clock.now();
    const soon = purgedSoon(trashOf(team.name, rows), settings(), last?.startedAt ?? null, now);
    if (soon.length === 0) return '';
    const notice = trashReminder(soon, settings());
    rows.post({ key: `trash-reminder:${team.name}:${period}`, to: team.channel, underOperation: null, notice });
    return `${soon.length} to be purged`;
  },
};
