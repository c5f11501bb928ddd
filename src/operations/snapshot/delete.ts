import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { snapTag } from '../../domain/marks.ts';
import { NOTHING } from '../../domain/plan.ts';
import { fullName } from '../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { purgeVolume } from '../steps/volumes.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import { SnapshotField, snapshotOf, subjectOf } from './common.ts';

const Input = z.strictObject({ vm: VmField, name: SnapshotField });
const Facts = VmFacts.extend({
  snapshotId: z.string(),
  volumes: z.array(z.object({ vg: z.string(), name: z.string() })),
});
type Facts = z.infer<typeof Facts>;

export const snapshotDelete = defineChange({
  name: 'snapshot.delete',
  summary: 'Remove a snapshot for good',
  details: 'The VM and its other snapshots are not touched. There is no way back. A protected one is refused.',
  input: Input,
  positional: ['vm', 'name'],
  permission: 'operate',
  risk: 'destructive',
  examples: ['/snapshot delete web-01 before-upgrade'],
  facts: Facts,
  look: async () => null,
  plan,
  steps: (facts, driver) =>
    facts.volumes.map((volume) =>
      purgeVolume({ driver, host: facts.host }, { ...volume, tag: snapTag(facts.snapshotId) }),
    ),
  begin: () => undefined,
  settle: (facts, end, rows) => {
    settleLife(rows, facts.vmId, end);
    if (end === 'succeeded') rows.snapshots.forget(facts.snapshotId);
    if (end === 'stuck') rows.snapshots.update(facts.snapshotId, { state: 'faulted' });
  },
});

function plan(input: z.infer<typeof Input>, { rows, team }: PlanContext): Draft<Facts> {
  const vm = liveVm(rows, input.vm, team);
  const snapshot = snapshotOf(rows, vm, input.name);
  if (snapshot.protected) {
    throw new BotError('wrong_state', `Snapshot ${snapshot.name} of ${fullName(vm)} is protected`, {
      hint: `Take that off first: \`/snapshot protect ${fullName(vm)} ${snapshot.name} off\`.`,
    });
  }
  return {
    facts: {
      ...factsOf(vm),
      snapshotId: snapshot.id,
      volumes: snapshot.disks.map(({ vg, volume }) => ({ vg, name: volume })),
    },
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
