import { ago } from '../../domain/ago.ts';
import { shortName } from '../../domain/disk.ts';
import { BotError } from '../../domain/error.ts';
import type { VolumeSeen } from '../../domain/inventory.ts';
import { NOTHING } from '../../domain/plan.ts';
import { snapshotWorstBytes } from '../../domain/pool.ts';
import { formatSize, formatSpan } from '../../domain/size.ts';
import { CONSISTENCY_WORDS, consistencyOf, type Snapshot, snapshotVolume } from '../../domain/snapshot.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { DetachedDisk } from '../detached-rows.ts';
import { roomInPool } from '../pool-room.ts';
import type { Draft, PlanContext } from '../spec.ts';
import { factsOf, vmLock } from '../vm/common.ts';
import { powerOf } from '../vm/power.ts';
import { liveVm } from '../vm-ref.ts';
import { beforeName } from './before-change.ts';
import { type LookedAt, refuseUnfit, snapshotOf, subjectOf } from './common.ts';
import type { RevertFacts, RevertInput } from './revert.ts';

/** The plan of a revert: what will be lost, what is kept, and how each disk is swapped. */
export function planRevert(input: RevertInput, context: PlanContext, looked: LookedAt): Draft<RevertFacts> {
  const { rows, settings, actor } = context;
  const vm = liveVm(rows, input.vm, context.team);
  const name = fullName(vm);
  const snapshot = snapshotOf(rows, vm, input.name);
  if (snapshot.state === 'faulted') {
    throw new BotError(
      'wrong_state',
      `Snapshot ${snapshot.name} of ${name} was left faulted by an operation that was stuck`,
      {
        hint: 'It may hold the disks of several moments: take another one.',
      },
    );
  }
  refuseUnfit(vm, looked);
  const was = powerOf(looked.domain.state);
  if (was === 'suspended') {
    throw new BotError(
      'wrong_state',
      `${name} is suspended, and what its memory holds would not fit its disks any more`,
      {
        hint: `\`/vm resume ${name}\` or \`/vm stop ${name}\` first.`,
      },
    );
  }
  if (was === 'on' && !input.restart) {
    throw new BotError('wrong_state', `${name} runs, and its disks can’t be swapped under it`, {
      field: 'restart',
      hint: `Leave out --no-restart, or shut it down first: \`/vm shutdown ${name}\`.`,
    });
  }
  const keptId = context.mint('kept', 'snap-id');
  const disks = disksOf(vm, snapshot, keptId, rows.detached.of(vm.id));
  const volumes = looked.volumes;
  const gone = disks.find(({ from }) => !volumes.some((volume) => volume.name === from));
  if (gone !== undefined) {
    throw new BotError(
      'not_found',
      `Snapshot ${snapshot.name} of ${name} has lost its volume ${gone.vg}/${gone.from}`,
      {
        hint: 'Somebody removed it by hand. An admin can look with `lvs` on the host.',
      },
    );
  }
  const worst = snapshotWorstBytes(volumes.filter((volume) => disks.some(({ from }) => from === volume.name)));
  roomInPool(context, vm.host, worst, `No room to revert ${name}`);
  const keptName = beforeName('revert', context.opId);
  const consistency = was === 'on' ? (input.force ? 'crash' : 'application') : consistencyOf(looked.domain, 'none');
  // To a larger disk, such as back to one that was extended: that counts in the quota again.
  const more = disks.reduce((sum, { sizeBytes, keptBytes }) => sum + sizeBytes - keptBytes, 0);
  const written = writtenSince(disks, volumes);
  return {
    facts: {
      ...factsOf(vm),
      was,
      force: input.force,
      to: { id: snapshot.id, name: snapshot.name },
      kept: { id: keptId, name: keptName, consistency, parent: rows.snapshots.head(vm.id) },
      madeBy: actor.person,
      disks,
    },
    title: `Revert ${name} to snapshot ${snapshot.name}`,
    verb: 'Revert',
    team: vm.team,
    subject: subjectOf(vm),
    host: vm.host,
    vmId: vm.id,
    risk: 'disruptive',
    locks: [vmLock(vm)],
    adds: { ...NOTHING, diskBytes: Math.max(0, more) },
    notes: [
      `Its disks go back to ${new Date(snapshot.takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC (${ago(snapshot.takenAt, context.now)}). The snapshot is ${CONSISTENCY_WORDS[snapshot.consistency]}.`,
      `What was written since is gone from the VM${written > 0 ? ` (at least ${formatSize(written)})` : ''}, and kept in snapshot ${keptName} for ${formatSpan(settings.snapshots.beforeChangeMs)}.`,
      ...(was === 'on'
        ? [
            input.force
              ? 'It is running: its power is cut, and it is started again.'
              : 'It is running: it is shut down, and started again.',
          ]
        : ['It is off, and stays off.']),
      ...leftAlone(vm, snapshot),
    ],
  };
}

function disksOf(vm: Vm, snapshot: Snapshot, keptId: string, detached: readonly DetachedDisk[]): RevertFacts['disks'] {
  return snapshot.disks.map((from, index) => {
    const disk = vm.disks.find(({ target }) => target === from.target);
    if (disk === undefined) {
      throw new BotError(
        'wrong_state',
        `${fullName(vm)} had a disk ${from.target} when snapshot ${snapshot.name} was taken, and has none now`,
        { hint: hintFor(vm, from.target, detached) },
      );
    }
    return {
      target: disk.target,
      vg: disk.vg,
      volume: disk.volume,
      kept: snapshotVolume(keptId, index),
      keptBytes: disk.sizeBytes,
      from: from.volume,
      sizeBytes: from.sizeBytes,
    };
  });
}

function hintFor(vm: Vm, target: string, detached: readonly DetachedDisk[]): string {
  const disk = detached.find((each) => each.target === target);
  return disk === undefined
    ? 'Attach a disk there first: `/vm disk attach`.'
    : `It was detached: \`/vm disk restore ${fullName(vm)} ${shortName(disk.volume)}\` first.`;
}

/** What the disks hold more than the snapshot. What was written over is not counted: LVM does not tell without reading the pool's metadata. */
function writtenSince(disks: RevertFacts['disks'], volumes: readonly VolumeSeen[]): number {
  const held = (name: string) => {
    const volume = volumes.find((each) => each.name === name);
    return ((volume?.sizeBytes ?? 0) * (volume?.dataPercent ?? 0)) / 100;
  };
  let sum = 0;
  for (const { volume, from } of disks) sum += Math.max(0, held(volume) - held(from));
  return Math.round(sum);
}

function leftAlone(vm: Vm, snapshot: Snapshot): string[] {
  const others = vm.disks.filter((disk) => !snapshot.disks.some(({ target }) => target === disk.target));
  return others.length === 0
    ? []
    : [`Not in the snapshot, and left as they are: ${others.map(({ target }) => target).join(', ')}.`];
}
