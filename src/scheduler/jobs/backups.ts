import { fullBackupName } from '../../domain/backup.ts';
import { buildingOn, readyChain } from '../../domain/backup-chain.ts';
import { prunable, snapshotDue } from '../../domain/retention.ts';
import { fullName } from '../../domain/vm.ts';
import { carryOut } from '../carry-out.ts';
import type { Job, JobDeps } from '../job.ts';

/** Backups by schedule. */
export const backups: Job = {
  name: 'backups',
  summary: 'Make the backups that are due, and drop those that the retention gives up',
  when: { every: 'hour', minute: 12 },
  per: 'platform',
  missed: 'run-once',
  run: async (deps) => {
    await keepBackups(deps);
    return '';
  },
};

/**
 * Within an hour the same request is the same operation; one that failed is tried again in the next. One that is still being made when its
 * time comes again is let come to its end.
 */
async function keepBackups({ rows, clock, settings, service, log }: JobDeps): Promise<void> {
  const { teams, timezone } = settings();
  for (const { vmId, retention } of rows.backups.schedules()) {
    const vm = rows.vms.byId(vmId);
    if (vm?.life !== 'live') continue;
    const zone = teams.find(({ name }) => name === vm.team)?.timezone ?? timezone;
    const now = clock.now();
    const hour = new Date(now).toISOString().slice(0, 13);
    const mine = rows.backups.list(vm.team).filter((each) => each.vmId === vmId && each.origin === 'schedule');
    const ready = mine.filter(({ state }) => state === 'ready').map((each) => ({ ...each, protected: false }));
    const whole = ready.filter((each) => readyChain(each, rows.backups.byId).whole);
    const taken = ready.map(({ takenAt }) => takenAt);
    if (snapshotDue(taken, retention, now, zone) && !mine.some(({ state }) => state === 'making')) {
      const error = await carryOut(service, {
        name: 'vm.backup.now',
        input: { vm: fullName(vm) },
        why: ['the backup schedule', 'its time has come'],
        dedupe: `backup:${vm.id}:${hour}`,
      });
      if (error !== null) log.warn('a scheduled backup was refused', { vm: fullName(vm), error });
    }
    const all = rows.backups.list(vm.team);
    for (const backup of prunable(whole, retention, zone)) {
      // It goes when those are gone that build on it: a chain is taken away from its end.
      if (buildingOn(backup.id, all).length > 0) continue;
      const error = await carryOut(service, {
        name: 'vm.backup.delete',
        input: { backup: fullBackupName(backup) },
        why: ['the backup schedule', 'the retention gives it up'],
        dedupe: `prune:${backup.id}:${hour}`,
      });
      if (error !== null) log.warn('a backup could not be pruned', { backup: fullBackupName(backup), error });
    }
  }
}
