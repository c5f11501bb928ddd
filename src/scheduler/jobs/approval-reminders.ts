import { approversPlace, hasOpenCard } from '../../operations/approval-asked.ts';
import { approvalReminder, isOverdue } from '../../operations/reports/reminders.ts';
import type { Job } from '../job.ts';

export const approvalReminders: Job = {
  name: 'approval-reminders',
  summary: 'Remind of approvals that nobody has decided in half of their time',
  when: { every: 'hour', minute: 17 },
  per: 'platform',
  missed: 'run-once',
  run: async ({ rows, settings, clock }) => {
    const late = rows.approvals.open().filter((approval) => isOverdue(approval, clock.now()));
    for (const approval of late) {
      const row = rows.operations.byId(approval.operationId);
      const place = row === null ? null : approversPlace(row, approval.from, settings());
      if (row === null || place === null) continue;
      const notice = approvalReminder(approval, row, settings());
      // Under its card, where those who decide see that.
      const underOperation = hasOpenCard(row.origin.channel) ? row.id : null;
      // Keyed by the approval: said once, however often this runs.
      rows.post({ key: `approval-reminder:${approval.id}`, to: place, underOperation, notice });
    }
    return late.length === 0 ? '' : `${late.length} wait`;
  },
};
