import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { NOTHING } from '../../domain/plan.ts';
import { formatRetention, parseRetention } from '../../domain/retention.ts';
import { fullName } from '../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { factsOf, VmFacts, VmField, vmLock } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import { subjectOf } from './common.ts';

const Input = z.strictObject({
  vm: VmField,
  keep: z
    .string()
    .min(1)
    .max(100)
    .meta({ title: 'Keep', description: 'How many of what, or off', placeholder: '3 daily, 2 weekly' }),
});
const Facts = VmFacts.extend({
  /** Null ends the schedule. */
  retention: z.object({ hourly: z.number(), daily: z.number(), weekly: z.number() }).nullable(),
  setBy: z.string(),
});
type Facts = z.infer<typeof Facts>;

export const snapshotSchedule = defineChange({
  name: 'snapshot.schedule',
  summary: 'Have snapshots of a VM taken by themselves, and say how many are kept',
  details:
    'One is taken in each of the shortest periods that are kept: with `3 daily, 2 weekly` each day. Of those that the schedule took, the newest of so many hours, days and weeks are kept, and the others deleted; never the last one, nor one that is protected, nor one that a person took.',
  input: Input,
  positional: ['vm', 'keep'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/snapshot schedule web-01 "3 daily, 2 weekly"', '/snapshot schedule web-01 off'],
  facts: Facts,
  look: async () => null,
  plan,
  steps: () => [],
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    if (end !== 'succeeded') return;
    const { vmId, retention, setBy } = facts;
    if (retention === null) rows.snapshots.endSchedule(vmId);
    else rows.snapshots.setSchedule({ vmId, retention, setBy, setAt: now });
  },
});

function plan(input: z.infer<typeof Input>, { rows, team, actor }: PlanContext): Draft<Facts> {
  const vm = liveVm(rows, input.vm, team);
  const has = rows.snapshots.schedules().some(({ vmId }) => vmId === vm.id);
  const retention = input.keep === 'off' ? null : parseRetention(input.keep);
  if (retention === null && !has) {
    throw new BotError('wrong_state', `No schedule takes snapshots of ${fullName(vm)}`, { hint: 'Nothing to do.' });
  }
  return {
    facts: { ...factsOf(vm), retention, setBy: actor.person },
    title:
      retention === null
        ? `End the snapshot schedule of ${fullName(vm)}`
        : `Take snapshots of ${fullName(vm)} by themselves, keep ${formatRetention(retention)}`,
    verb: retention === null ? 'End it' : 'Set',
    team: vm.team,
    subject: subjectOf(vm),
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: retention === null ? ['The snapshots that it took stay.'] : [],
  };
}
