import type Database from 'better-sqlite3';
import type { Rows } from '../../operations/store.ts';
import { alertRows, incidentRows, silenceRows } from './alert-rows.ts';
import { auditRows } from './audit.ts';
import { backupRows } from './backup-rows.ts';
import { capacityRows } from './capacity-rows.ts';
import { detachedRows } from './detached-rows.ts';
import { driftRows } from './drift-rows.ts';
import { drillRows } from './drill-rows.ts';
import { filesystemRows } from './filesystem-rows.ts';
import { imageRows } from './image-rows.ts';
import { journalRows } from './journal-rows.ts';
import { metricsRows } from './metrics-rows.ts';
import { heldRows, operationRows } from './operation-rows.ts';
import { sampleRows } from './sample-rows.ts';
import { scheduleRows } from './schedule-rows.ts';
import { sloRows } from './slo-rows.ts';
import { approvalRows, hostRows, keyRows, lockRows, templateRows } from './small-rows.ts';
import { snapshotRows } from './snapshot-rows.ts';
import { tourRows } from './tour-rows.ts';
import { vmRows } from './vm-rows.ts';
import { counterRows, watchRows } from './watch-rows.ts';
import { externalRows, webhookRows } from './webhook-rows.ts';

/** What the rows owe to the courier: marks and messages, written in the same transactions. */
export interface Outbox {
  readonly touchCard: Rows['touchCard'];
  readonly post: Rows['post'];
  /** Somebody asked for a job of the schedule. Called before that is committed. */
  readonly asked?: () => void;
}

/** The rows over one open database. */
export function openRows(db: Database.Database, outbox: Outbox): Rows {
  const { asked, ...writes } = outbox;
  return {
    transaction: <T>(work: () => T): T =>
      db.inTransaction ? db.transaction(work)() : db.transaction(work).immediate(),
    sighting: <T>(work: () => T): T => {
      if (db.inTransaction) return db.transaction(work)();
      const before = db.pragma('synchronous', { simple: true });
      db.exec('pragma synchronous = NORMAL');
      try {
        return db.transaction(work).immediate();
      } finally {
        db.exec(`pragma synchronous = ${before}`);
      }
    },
    vms: vmRows(db),
    snapshots: snapshotRows(db),
    detached: detachedRows(db),
    backups: backupRows(db),
    drills: drillRows(db),
    operations: operationRows(db),
    journal: journalRows(db),
    locks: lockRows(db),
    approvals: approvalRows(db),
    images: imageRows(db),
    templates: templateRows(db),
    keys: keyRows(db),
    hosts: hostRows(db),
    tours: tourRows(db),
    drift: driftRows(db),
    samples: sampleRows(db),
    counters: counterRows(db),
    watch: watchRows(db),
    filesystems: filesystemRows(db),
    alerts: alertRows(db),
    incidents: incidentRows(db),
    silences: silenceRows(db),
    externals: externalRows(db),
    webhooks: webhookRows(db),
    held: heldRows(db),
    audit: auditRows(db),
    schedule: scheduleRows(db, asked),
    capacity: capacityRows(db),
    metrics: metricsRows(db),
    slo: sloRows(db),
    ...writes,
  };
}
