import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { NOTHING } from '../../domain/plan.ts';
import { snapshotWorstBytes } from '../../domain/pool.ts';
import { formatSize } from '../../domain/size.ts';
import { CONSISTENCIES, CONSISTENCY_WORDS, consistencyOf, freeSnapshotName } from '../../domain/snapshot.ts';
import { fullName } from '../../domain/vm.ts';
import { refresh } from '../observe.ts';
import { roomInPool } from '../pool-room.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { letGuestGoOn, takeSnapshot } from '../steps/snapshots.ts';
import { factsOf, settleLife, VmField, vmLock } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import {
  beginTaken,
  chooseHold,
  disksFor,
  type LookedAt,
  lookForSnapshot,
  refuseTooMany,
  refuseUnfit,
  SnapshotField,
  settleTaken,
  specOf,
  subjectOf,
  TakeFacts,
} from './common.ts';

const Input = z.strictObject({
  vm: VmField,
  name: SnapshotField.optional().meta({
    title: 'Name',
    description: 'What to call it; snap-1, snap-2 and so on where nothing is said',
    placeholder: 'before-upgrade',
  }),
  protect: z
    .boolean()
    .default(false)
    .meta({ title: 'Protect', description: 'Neither people nor the schedule delete it, until that is taken off' }),
  freeze: z
    .boolean()
    .default(true)
    .meta({ title: 'Freeze', description: 'Freeze the guest’s filesystems for the moment, where its agent can' }),
});

const Facts = TakeFacts.extend({
  consistency: z.enum(CONSISTENCIES),
  protect: z.boolean(),
  madeBy: z.string(),
  origin: z.enum(['person', 'schedule']),
});
type Facts = z.infer<typeof Facts>;

export const snapshotCreate = defineChange({
  name: 'snapshot.create',
  summary: 'Take a snapshot of a VM’s disks, all at one point',
  details:
    'A running guest’s filesystems are frozen for the moment where its agent answers. Without an agent a VM of several disks is suspended for it, and one of a single disk is not held at all. It costs nothing at first, and grows with what is written afterwards.',
  input: Input,
  positional: ['vm', 'name'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/snapshot create web-01', '/snapshot create web-01 before-upgrade --protect'],
  facts: Facts,
  look: async (input: z.infer<typeof Input>, context: ReadContext) => {
    const vm = liveVm(context.rows, input.vm, context.team);
    await refresh(context, [vm.host], REPORT_AGE_MS);
    return lookForSnapshot(input.vm, context);
  },
  plan,
  steps: (facts, driver, _settings, opId) => {
    const at = { driver, host: facts.host, vm: fullName(facts) };
    const spec = specOf(facts, opId);
    return [takeSnapshot(at, spec), ...letGuestGoOn(at, spec)];
  },
  begin: beginTaken,
  settle: (facts, end, rows, outputs, now) => {
    settleLife(rows, facts.vmId, end);
    settleTaken(facts, end, rows, outputs, now);
  },
  report: (facts, rows) => {
    const snapshot = rows.snapshots.of(facts.vmId).find(({ id }) => id === facts.snapshotId);
    if (snapshot === undefined) return { facts: [], buttons: [] };
    const input = { vm: fullName(facts), name: snapshot.name };
    return {
      facts: [
        { name: 'Snapshot', value: snapshot.name },
        { name: 'Kind', value: CONSISTENCY_WORDS[snapshot.consistency] },
      ],
      buttons: [
        { label: 'Show', press: { do: 'run', name: 'snapshot.show', input } },
        { label: 'Revert to it', press: { do: 'run', name: 'snapshot.revert', input } },
      ],
    };
  },
});
/** How old a host's report may be for the question whether its pool has room. */
const REPORT_AGE_MS = 60_000;

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: LookedAt): Draft<Facts> {
  const { rows, settings, actor } = context;
  const vm = liveVm(rows, input.vm, context.team);
  refuseUnfit(vm, looked);
  const existing = rows.snapshots.of(vm.id);
  if (existing.some(({ name }) => name === input.name)) {
    throw new BotError('already_exists', `${fullName(vm)} has a snapshot ${input.name} already`, {
      field: 'name',
      hint: 'Take another name, or leave it out.',
    });
  }
  refuseTooMany(vm, rows, settings);
  const worst = snapshotWorstBytes(looked.volumes.filter(({ name }) => vm.disks.some(({ volume }) => volume === name)));
  roomInPool(context, vm.host, worst, `No room for a snapshot of ${fullName(vm)}`);
  const snapshotId = context.mint('snapshot', 'snap-id');
  const hold = chooseHold(vm, looked, input.freeze, context.keep);
  const snapshot = input.name ?? freeSnapshotName(existing.map(({ name }) => name));
  const consistency = consistencyOf(looked.domain, hold);
  return {
    facts: {
      ...factsOf(vm),
      snapshotId,
      snapshot,
      hold,
      disks: disksFor(vm, snapshotId),
      consistency,
      protect: input.protect,
      parent: rows.snapshots.head(vm.id),
      madeBy: actor.person,
      origin: actor.via === 'schedule' ? 'schedule' : 'person',
    },
    title: `Take snapshot ${snapshot} of ${fullName(vm)}`,
    verb: 'Take it',
    team: vm.team,
    subject: subjectOf(vm),
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: [`It will be ${CONSISTENCY_WORDS[consistency]}.`, `It may grow to ${formatSize(worst)} at most.`],
  };
}
