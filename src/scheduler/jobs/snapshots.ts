import { snapshotDue } from '../../domain/retention.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import { timeIn } from '../../domain/time-zone.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { expiredSnapshots } from '../../operations/expired.ts';
import { carryOut } from '../carry-out.ts';
import type { Job, JobDeps } from '../job.ts';

/** Snapshots by schedule. */
export const snapshots: Job = {
  name: 'snapshots',
  summary: 'Take the snapshots that are due, and drop those whose time is over',
  when: { every: 'hour', minute: 2 },
  per: 'platform',
  missed: 'run-once',
  run: async (deps) => {
    await takeSnapshots(deps);
    await dropExpired(deps);
    return '';
  },
};

/** Takes the snapshots that are due. An hour that was missed is made up for at the next one; within an hour the same request is the same operation. */
async function takeSnapshots({ rows, clock, settings, service, log }: JobDeps): Promise<void> {
  const { teams, timezone } = settings();
  for (const { vmId, retention } of rows.snapshots.schedules()) {
    const vm = rows.vms.byId(vmId);
    if (vm?.life !== 'live') continue;
    const zone = teams.find(({ name }) => name === vm.team)?.timezone ?? timezone;
    const name = fullName(vm);
    const now = clock.now();
    const taken = rows.snapshots
      .of(vm.id)
      .filter(({ origin, state }) => origin === 'schedule' && state === 'ready')
      .map(({ takenAt }) => takenAt);
    if (!snapshotDue(taken, retention, now, zone)) continue;
    const error = await carryOut(service, {
      name: 'snapshot.create',
      input: { vm: name, name: `auto-${timeIn(now, zone).replaceAll(/[ :]/g, '-')}` },
      why: ['the snapshot schedule', 'its time has come'],
      dedupe: `snapshot:${vm.id}:${new Date(now).toISOString().slice(0, 13)}`,
    });
    if (error !== null) log.warn('a scheduled snapshot was refused', { vm: name, error });
  }
}

/** Deletes those whose time is over. */
async function dropExpired({ rows, clock, settings, service, log }: JobDeps): Promise<void> {
  const hour = new Date(clock.now()).toISOString().slice(0, 13);
  for (const { vm, snapshot, why } of expiredSnapshots(rows, settings(), clock.now()))
    await drop(vm, snapshot, why, hour, { service, log });
}

async function drop(
  vm: Vm,
  snapshot: Snapshot,
  reason: string,
  hour: string,
  { service, log }: Pick<JobDeps, 'service' | 'log'>,
): Promise<void> {
  const name = fullName(vm);
  const error = await carryOut(service, {
    name: 'snapshot.delete',
    input: { vm: name, name: snapshot.name },
    why: ['the snapshot schedule', reason],
    dedupe: `prune:${snapshot.id}:${hour}`,
  });
  if (error !== null) log.warn('a snapshot could not be pruned', { vm: name, snapshot: snapshot.name, error });
}
