import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatRetention, parseRetention } from '../../../domain/retention.ts';
import { fullName } from '../../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext } from '../../spec.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, VmFacts, VmField, vmLock } from '../common.ts';
import { targetOf } from './common.ts';

const Input = z.strictObject({
  vm: VmField,
  keep: z
    .string()
    .min(1)
    .max(100)
    .meta({ title: 'Keep', description: 'How many of what, or off', placeholder: '7 daily, 4 weekly' }),
});
type Input = z.infer<typeof Input>;

const Facts = VmFacts.extend({
  /** Null ends the schedule. */
  retention: z.object({ hourly: z.number(), daily: z.number(), weekly: z.number() }).nullable(),
  setBy: z.string(),
});
type Facts = z.infer<typeof Facts>;

export const backupSchedule = defineChange({
  name: 'vm.backup.schedule',
  summary: 'Have backups of a VM made by themselves, and say how many are kept',
  details:
    'One is made in each of the shortest periods that are kept: with `7 daily, 4 weekly` each day. Of those that the schedule made, the newest of so many hours, days and weeks are kept, and the others deleted; never the last one, nor one that a person asked for. One that is damaged does not count, and stays.',
  input: Input,
  positional: ['vm', 'keep'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm backup schedule web-01 "7 daily, 4 weekly"', '/vm backup schedule web-01 off'],
  facts: Facts,
  look: async () => null,
  plan,
  steps: () => [],
  begin: () => undefined,
  settle: ({ vmId, retention, setBy }, end, rows, _outputs, now) => {
    if (end !== 'succeeded') return;
    if (retention === null) rows.backups.endSchedule(vmId);
    else rows.backups.setSchedule({ vmId, retention, setBy, setAt: now });
  },
});

function plan(input: Input, { rows, team, actor, settings }: PlanContext): Draft<Facts> {
  const vm = liveVm(rows, input.vm, team);
  const retention = input.keep === 'off' ? null : parseRetention(input.keep);
  if (retention !== null) targetOf(settings);
  else if (!rows.backups.schedules().some(({ vmId }) => vmId === vm.id)) {
    throw new BotError('wrong_state', `No schedule makes backups of ${fullName(vm)}`, { hint: 'Nothing to do.' });
  }
  return {
    facts: { ...factsOf(vm), retention, setBy: actor.person },
    title:
      retention === null
        ? `End the backup schedule of ${fullName(vm)}`
        : `Make backups of ${fullName(vm)} by themselves, keep ${formatRetention(retention)}`,
    verb: retention === null ? 'End it' : 'Set',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: retention === null ? ['The backups that it made stay.'] : [],
  };
}
