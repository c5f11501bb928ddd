import { alertAck } from './alert/ack.ts';
import { alertAssign } from './alert/assign.ts';
import { alertList } from './alert/list.ts';
import { alertRules } from './alert/rules.ts';
import { alertShow } from './alert/show.ts';
import { alertSilence } from './alert/silence.ts';
import { alertTest } from './alert/test.ts';
import { alertUnsilence } from './alert/unsilence.ts';
import { approvalList } from './approval/list.ts';
import { auditSearch } from './audit/search.ts';
import { auditShow } from './audit/show.ts';
import { auditVerify } from './audit/verify.ts';
import { capacityIdle } from './capacity/idle.ts';
import { capacityPlan } from './capacity/plan.ts';
import { capacityShow } from './capacity/show.ts';
import { drDrill } from './dr/drill.ts';
import { drHistory } from './dr/history.ts';
import { drPlan } from './dr/plan.ts';
import { drPostpone } from './dr/postpone.ts';
import { drReport } from './dr/report.ts';
import { hostCheck } from './host/check.ts';
import { hostList } from './host/list.ts';
import { hostMaintenance } from './host/maintenance.ts';
import { hostlerDriftIgnore } from './hostler/drift/ignore.ts';
import { hostlerDrift } from './hostler/drift/list.ts';
import { hostlerDriftRemove } from './hostler/drift/remove.ts';
import { hostlerHelp } from './hostler/help.ts';
import { hostlerHome } from './hostler/home.ts';
import { keyAdd } from './hostler/key/add.ts';
import { keyList } from './hostler/key/list.ts';
import { keyRemove } from './hostler/key/remove.ts';
import { hostlerSchedule } from './hostler/schedule.ts';
import { hostlerScheduleRun } from './hostler/schedule-run.ts';
import { hostlerTour } from './hostler/tour.ts';
import { hostlerWhoami } from './hostler/whoami.ts';
import { imageAdd } from './image/add.ts';
import { imageBuild } from './image/build.ts';
import { imageList } from './image/list.ts';
import { imagePurge } from './image/purge.ts';
import { imageRefresh } from './image/refresh.ts';
import { imageRestore } from './image/restore.ts';
import { imageRetire } from './image/retire.ts';
import { imageVariants } from './image/variants.ts';
import { sloShow } from './slo/show.ts';
import { snapshotCreate } from './snapshot/create.ts';
import { snapshotDelete } from './snapshot/delete.ts';
import { snapshotList } from './snapshot/list.ts';
import { snapshotProtect } from './snapshot/protect.ts';
import { snapshotRevert } from './snapshot/revert.ts';
import { snapshotSchedule } from './snapshot/schedule.ts';
import { snapshotShow } from './snapshot/show.ts';
import type { Operation } from './spec.ts';
import { poolExtend } from './storage/pool/extend.ts';
import { poolReclaim } from './storage/pool/reclaim.ts';
import { poolRelieve } from './storage/pool/relieve.ts';
import { poolShow } from './storage/pool/show.ts';
import { poolTrim } from './storage/pool/trim.ts';
import { vmAdopt } from './vm/adopt.ts';
import { vmAutostart } from './vm/autostart.ts';
import { backupDelete } from './vm/backup/delete.ts';
import { backupList } from './vm/backup/list.ts';
import { backupNow } from './vm/backup/now.ts';
import { backupRestore } from './vm/backup/restore.ts';
import { backupSchedule } from './vm/backup/schedule.ts';
import { backupVerify } from './vm/backup/verify.ts';
import { vmConsole } from './vm/console.ts';
import { vmCreate } from './vm/create.ts';
import { vmDelete } from './vm/delete.ts';
import { diskAttach } from './vm/disk/attach.ts';
import { diskDetach } from './vm/disk/detach.ts';
import { diskExtend } from './vm/disk/extend.ts';
import { diskGrow } from './vm/disk/grow.ts';
import { diskIoNow } from './vm/disk/io.ts';
import { diskList } from './vm/disk/list.ts';
import { diskMove } from './vm/disk/move.ts';
import { diskPurge } from './vm/disk/purge.ts';
import { diskReduce } from './vm/disk/reduce.ts';
import { diskReplug } from './vm/disk/replug.ts';
import { diskRestore } from './vm/disk/restore.ts';
import { vmList } from './vm/list.ts';
import { vmPolicy } from './vm/policy.ts';
import { vmPurge } from './vm/purge.ts';
import { vmRelease } from './vm/release.ts';
import { vmRename } from './vm/rename.ts';
import { vmResize } from './vm/resize.ts';
import { vmRestart } from './vm/restart.ts';
import { vmRestore } from './vm/restore.ts';
import { vmResume } from './vm/resume.ts';
import { vmShow } from './vm/show.ts';
import { vmShutdown } from './vm/shutdown.ts';
import { vmStart } from './vm/start.ts';
import { vmStop } from './vm/stop.ts';
import { vmSuspend } from './vm/suspend.ts';
import { vmVnc } from './vm/vnc.ts';
import { vmXml } from './vm/xml.ts';

/** Every operation there is, in the order of help. Names live in the database: append, never rename. */
export const catalog: readonly Operation[] = [
  vmCreate,
  vmList,
  vmShow,
  vmStart,
  vmShutdown,
  vmStop,
  vmRestart,
  vmSuspend,
  vmResume,
  vmRename,
  vmResize,
  vmDelete,
  vmRestore,
  vmPurge,
  vmConsole,
  vmVnc,
  vmXml,
  vmAutostart,
  vmPolicy,
  vmAdopt,
  vmRelease,
  diskList,
  diskExtend,
  diskReduce,
  diskMove,
  diskAttach,
  diskDetach,
  diskReplug,
  diskRestore,
  diskPurge,
  diskIoNow,
  diskGrow,
  backupNow,
  backupList,
  backupVerify,
  backupRestore,
  backupDelete,
  backupSchedule,
  snapshotCreate,
  snapshotList,
  snapshotShow,
  snapshotRevert,
  snapshotDelete,
  snapshotProtect,
  snapshotSchedule,
  imageList,
  imageVariants,
  imageAdd,
  imageRefresh,
  imageBuild,
  imageRetire,
  imageRestore,
  imagePurge,
  hostList,
  hostCheck,
  hostMaintenance,
  poolShow,
  poolExtend,
  poolTrim,
  poolReclaim,
  poolRelieve,
  alertList,
  alertShow,
  alertAck,
  alertAssign,
  alertSilence,
  alertUnsilence,
  alertRules,
  alertTest,
  approvalList,
  auditShow,
  auditSearch,
  auditVerify,
  hostlerHelp,
  hostlerTour,
  hostlerWhoami,
  keyAdd,
  keyList,
  keyRemove,
  hostlerSchedule,
  hostlerScheduleRun,
  capacityShow,
  capacityPlan,
  capacityIdle,
  sloShow,
  drPlan,
  drDrill,
  drReport,
  drHistory,
  drPostpone,
  hostlerDrift,
  hostlerDriftIgnore,
  hostlerDriftRemove,
  hostlerHome,
];
