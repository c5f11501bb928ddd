import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { snapTag } from '../../domain/marks.ts';
import { NOTHING } from '../../domain/plan.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { Driver } from '../driver.ts';
import { type Draft, defineChange, type End, type PlanContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { purgeVolume } from '../steps/volumes.ts';
import type { Rows } from '../store.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import { SnapshotField, snapshotOf, subjectOf } from './common.ts';

const Input = z.strictObject({ vm: VmField, name: SnapshotField });
/** What the steps that remove a snapshot need to know. */
export const DropFacts = VmFacts.extend({
  snapshotId: z.string(),
  volumes: z.array(z.object({ vg: z.string(), name: z.string() })),
});
export type DropFacts = z.infer<typeof DropFacts>;

export const snapshotDelete = defineChange({
  name: 'snapshot.delete',
  summary: 'Remove a snapshot for good',
  details: 'The VM and its other snapshots are not touched. There is no way back. A protected one is refused.',
  input: Input,
  positional: ['vm', 'name'],
  permission: 'operate',
  risk: 'destructive',
  examples: ['/snapshot delete web-01 before-upgrade'],
  facts: DropFacts,
  look: async () => null,
  plan,
  steps: dropSteps,
  begin: () => undefined,
  settle: (facts, end, rows) => settleDropped(facts, end, rows),
});

export function dropFacts(vm: Vm, snapshot: Snapshot): DropFacts {
  return {
    ...factsOf(vm),
    snapshotId: snapshot.id,
    volumes: snapshot.disks.map(({ vg, volume }) => ({ vg, name: volume })),
  };
}

/** Removes a snapshot for good. */
export function dropSteps({ host, snapshotId, volumes }: DropFacts, driver: Driver): Step[] {
  return volumes.map((volume) => purgeVolume({ driver, host }, { ...volume, tag: snapTag(snapshotId) }));
}

/** The rows of a snapshot that is gone, or may be. */
export function settleDropped({ vmId, snapshotId }: DropFacts, end: End, rows: Rows): void {
  settleLife(rows, vmId, end);
  if (end === 'succeeded') rows.snapshots.forget(snapshotId);
  if (end === 'stuck') rows.snapshots.update(snapshotId, { state: 'faulted' });
}

function plan(input: z.infer<typeof Input>, { rows, team }: PlanContext): Draft<DropFacts> {
  const vm = liveVm(rows, input.vm, team);
  const snapshot = snapshotOf(rows, vm, input.name);
  if (snapshot.protected) {
    throw new BotError('wrong_state', `Snapshot ${snapshot.name} of ${fullName(vm)} is protected`, {
      hint: `Take that off first: \`/snapshot protect ${fullName(vm)} ${snapshot.name} off\`.`,
    });
  }
  return {
    facts: dropFacts(vm, snapshot),
    title: `Delete snapshot ${snapshot.name} of ${fullName(vm)}`,
    verb: 'Delete',
    team: vm.team,
    subject: subjectOf(vm),
    host: vm.host,
    vmId: vm.id,
    risk: 'destructive',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: ['The VM could not go back to it any more. The VM itself is not touched.'],
  };
}
