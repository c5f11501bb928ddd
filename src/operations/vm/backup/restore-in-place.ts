import { z } from 'zod';
import { ago } from '../../../domain/ago.ts';
import { type Backup, fullBackupName, heldBytes } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSpan } from '../../../domain/size.ts';
import { CONSISTENCY_WORDS, consistencyOf, snapshotVolume } from '../../../domain/snapshot.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import { madeBackup } from '../../backup-ref.ts';
import type { Driver } from '../../driver.ts';
import { roomInPool } from '../../pool-room.ts';
import { beforeName, undoBy } from '../../snapshot/before-change.ts';
import { type LookedAt, refuseUnfit, subjectOf } from '../../snapshot/common.ts';
import { beginKept, KeptDisk, KeptFacts, keepDisk, settleKept } from '../../snapshot/kept.ts';
import type { Draft, End, PlanContext, Report } from '../../spec.ts';
import type { Step } from '../../step.ts';
import { beOff, beRunning, mustBeOff } from '../../steps/domains.ts';
import { renameVolume } from '../../steps/volumes.ts';
import type { Rows } from '../../store.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, sawState, settleLife, vmLock, vmReport } from '../common.ts';
import { powerOf } from '../power.ts';
import { chainToRestore } from './common.ts';
import type { RestoreInput } from './restore.ts';
import { filesOf, UnpackedFiles, unpackInto } from './unpack.ts';

export const InPlaceFacts = KeptFacts.extend({
  how: z.literal('in-place'),
  backup: z.string(),
  directory: z.string(),
  pool: z.string(),
  was: z.enum(['on', 'off']),
  force: z.boolean(),
  disks: z.array(
    KeptDisk.extend({
      /** The files, and the volume that they are unpacked into beside the present one. */
      ...UnpackedFiles,
      next: z.string(),
    }),
  ),
});
export type InPlaceFacts = z.infer<typeof InPlaceFacts>;

export const inPlace = { steps, begin: beginKept, settle, report };

/** The VM that a backup was made of. Throws where it is gone, with the way that is left. */
export function vmOf(backup: Backup, rows: Rows): Vm {
  const vm = rows.vms.byId(backup.vmId);
  if (vm !== null && vm.life !== 'trashed' && vm.life !== 'purged') return liveVm(rows, fullName(vm), null);
  throw new BotError('not_found', `The VM that ${fullBackupName(backup)} was made of is gone`, {
    field: 'as',
    hint: `Make a new one of it: \`/vm backup restore ${fullBackupName(backup)} --as ${backup.vmName}\`${vm?.life === 'trashed' ? `; or bring it back first: \`/vm restore ${fullName(vm)}\`` : ''}.`,
  });
}

interface Looked {
  readonly vm: LookedAt;
}

/** The plan of disks that are put back: what will be lost, what is kept, and how each disk is swapped. */
export function planInPlace(input: RestoreInput, context: PlanContext, looked: Looked): Draft<InPlaceFacts> {
  const { rows, settings, actor } = context;
  const backup = madeBackup(rows, input.backup, context.team);
  const vm = vmOf(backup, rows);
  const name = fullName(vm);
  if (input.host !== undefined) {
    throw new BotError('invalid_input', `${name} gets its disks back where it is, on ${vm.host}`, {
      field: 'host',
      hint: 'Leave out --host, or make a new VM with --as.',
    });
  }
  refuseUnfit(vm, looked.vm, 'its disks put back');
  const was = powerOf(looked.vm.domain.state);
  if (was === 'suspended') {
    throw new BotError(
      'wrong_state',
      `${name} is suspended, and what its memory holds would not fit its disks any more`,
      { hint: `\`/vm resume ${name}\` or \`/vm stop ${name}\` first.` },
    );
  }
  if (was === 'on' && !input.restart) {
    throw new BotError('wrong_state', `${name} runs, and its disks can’t be swapped under it`, {
      field: 'restart',
      hint: `Leave out --no-restart, or shut it down first: \`/vm shutdown ${name}\`.`,
    });
  }
  const keptId = context.mint('kept', 'snap-id');
  const disks = disksOf(vm, backup, keptId, chainToRestore(backup, rows));
  const host = settings.hosts.find((each) => each.name === vm.host);
  if (host === undefined) throw new BotError('not_found', `The configuration has no host ${vm.host}`);
  roomInPool(context, host.name, heldBytes(backup), `No room to put back the disks of ${name}`);
  const keptName = beforeName('restore', context.opId);
  const consistency = was === 'on' ? (input.force ? 'crash' : 'application') : consistencyOf(looked.vm.domain, 'none');
  const more = disks.reduce((sum, { sizeBytes, keptBytes }) => sum + sizeBytes - keptBytes, 0);
  return {
    facts: {
      how: 'in-place',
      ...factsOf(vm),
      backup: fullBackupName(backup),
      directory: backup.directory,
      pool: host.pool,
      was,
      force: input.force,
      kept: { id: keptId, name: keptName, consistency, parent: rows.snapshots.head(vm.id) },
      madeBy: actor.person,
      disks,
    },
    title: `Put the disks of ${name} back to backup ${fullBackupName(backup)}`,
    verb: 'Restore',
    team: vm.team,
    subject: subjectOf(vm),
    host: vm.host,
    vmId: vm.id,
    risk: 'disruptive',
    locks: [vmLock(vm), `backup:${fullBackupName(backup)}`],
    adds: { ...NOTHING, diskBytes: Math.max(0, more) },
    notes: [
      `Its disks go back to ${new Date(backup.takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC (${ago(backup.takenAt, context.now)}). The backup is ${CONSISTENCY_WORDS[backup.consistency]}.`,
      `What was written since is gone from the VM, and kept in snapshot ${keptName} for ${formatSpan(settings.snapshots.beforeChangeMs)}.`,
      was === 'on'
        ? `It runs while they are unpacked; then ${input.force ? 'its power is cut' : 'it is shut down'}, and it is started again.`
        : 'It is off, and stays off.',
      'Its definition stays as it is now.',
      ...leftAlone(vm, backup),
    ],
  };
}

function disksOf(vm: Vm, backup: Backup, keptId: string, chain: readonly Backup[]): InPlaceFacts['disks'] {
  return backup.disks.map(({ target, sizeBytes }, index) => {
    const disk = vm.disks.find((each) => each.target === target);
    if (disk === undefined) {
      const name = fullBackupName(backup);
      throw new BotError(
        'wrong_state',
        `${fullName(vm)} had a disk ${target} when backup ${name} was made, and has none now`,
        { field: 'as', hint: `Make a new VM of it: \`/vm backup restore ${name} --as ${backup.vmName}-old\`.` },
      );
    }
    return {
      target,
      vg: disk.vg,
      volume: disk.volume,
      kept: snapshotVolume(keptId, index),
      keptBytes: disk.sizeBytes,
      sizeBytes,
      ...filesOf(chain, target),
      next: `${disk.volume}-next`,
    };
  });
}

function leftAlone(vm: Vm, backup: Backup): string[] {
  const others = vm.disks.filter((disk) => !backup.disks.some(({ target }) => target === disk.target));
  return others.length === 0
    ? []
    : [`Not in the backup, and left as they are: ${others.map(({ target }) => target).join(', ')}.`];
}

function steps(facts: InPlaceFacts, driver: Driver, settings: Settings, opId: string): Step[] {
  const { host, uuid, pool, directory, vmId } = facts;
  const at = { driver, host, uuid, vm: fullName(facts) };
  const into = { driver, host, settings, pool, directory, opId, vmId };
  return [
    ...facts.disks.flatMap(({ target, path, increments, vg, next, sizeBytes }) =>
      unpackInto({ target, path, increments, vg, name: next, sizeBytes }, into),
    ),
    facts.was === 'on' ? beOff(at, facts.force ? 'force' : 'ask', settings.shutdownMs, true) : mustBeOff(at),
    ...facts.disks.flatMap((disk) => [
      ...keepDisk(at, disk, facts),
      renameVolume(
        at,
        { vg: disk.vg, name: disk.next, to: disk.volume },
        `Put ${disk.target} of the backup in its place`,
      ),
    ]),
    ...(facts.was === 'on' ? [beRunning(at, 'off')] : []),
  ];
}

function settle(facts: InPlaceFacts, end: End, rows: Rows, now: number): void {
  settleLife(rows, facts.vmId, end);
  settleKept(facts, end, rows, now);
  if (end !== 'succeeded') return;
  // They came from no snapshot.
  rows.snapshots.setHead(facts.vmId, null);
  sawState(rows, facts.vmId, facts.was === 'on' ? 'running' : 'shut off', facts.was === 'on' ? 'booted' : '', now);
}

function report(facts: InPlaceFacts, rows: Rows, settings: Settings): Report {
  const undo = { vm: fullName(facts), name: facts.kept.name };
  return {
    facts: [
      { name: 'Back at', value: facts.backup },
      {
        name: 'Kept as',
        value: `${facts.kept.name}, ${CONSISTENCY_WORDS[facts.kept.consistency]}, for ${formatSpan(settings.snapshots.beforeChangeMs)}`,
      },
    ],
    buttons: [undoBy('snapshot.revert', undo), ...vmReport(facts.vmId, rows).buttons.slice(0, 2)],
  };
}
