import type { Job } from './job.ts';
import { approvalReminders } from './jobs/approval-reminders.ts';
import { auditHead } from './jobs/audit-head.ts';
import { backups } from './jobs/backups.ts';
import { capacityDay } from './jobs/capacity-day.ts';
import { capacityPlan, capacityPlanFleet } from './jobs/capacity-plan.ts';
import { digest, digestFleet } from './jobs/digest.ts';
import { drDrills, drQueue } from './jobs/dr-drills.ts';
import { drOverdues, drReminders } from './jobs/dr-reminders.ts';
import { drift } from './jobs/drift.ts';
import { emptyTrash } from './jobs/empty-trash.ts';
import { expire } from './jobs/expire.ts';
import { guestFilesystems } from './jobs/guest-filesystems.ts';
import { imageCopies } from './jobs/image-copies.ts';
import { images } from './jobs/images.ts';
import { plugAgain } from './jobs/plug-again.ts';
import { sloStatement, sloStatementFleet } from './jobs/slo-statement.ts';
import { snapshots } from './jobs/snapshots.ts';
import { sweep } from './jobs/sweep.ts';
import { trashReminders } from './jobs/trash-reminders.ts';

/** What Hostler does by itself. Names live in the database: append, never rename. */
export const schedule: readonly Job[] = [
  sweep,
  expire,
  emptyTrash,
  auditHead,
  capacityDay,
  capacityPlan,
  capacityPlanFleet,
  digest,
  digestFleet,
  approvalReminders,
  trashReminders,
  drReminders,
  snapshots,
  sloStatement,
  sloStatementFleet,
  drift,
  backups,
  plugAgain,
  images,
  imageCopies,
  drOverdues,
  drDrills,
  drQueue,
  guestFilesystems,
];
