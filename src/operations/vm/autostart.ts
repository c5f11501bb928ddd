import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { NOTHING } from '../../domain/plan.ts';
import { fullName } from '../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { setAutostart } from '../steps/domains.ts';
import { liveVm } from '../vm-ref.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock, vmReport } from './common.ts';

const Input = z.strictObject({
  vm: VmField,
  set: z.enum(['on', 'off']).default('on').meta({ title: 'Autostart', description: 'Whether it starts with its host' }),
});
const Facts = VmFacts.extend({ on: z.boolean(), was: z.boolean() });
type Facts = z.infer<typeof Facts>;

export const vmAutostart = defineChange({
  name: 'vm.autostart',
  summary: 'Say whether a VM starts with its host',
  input: Input,
  positional: ['vm', 'set'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm autostart web-01 on', '/vm autostart web-01 off'],
  facts: Facts,
  look: async (input: z.infer<typeof Input>, { rows, fleet, driver, team }) => {
    const vm = liveVm(rows, input.vm, team);
    const result = await fleet.run(vm.host, driver.domains.autostartOf(vm.uuid));
    if (result.outcome !== 'done') throw result.error;
    if (result.value === null)
      throw new BotError('wrong_state', `${fullName(vm)} is missing on ${vm.host}`, {
        hint: 'An admin can look with `virsh list --all`.',
      });
    return result.value;
  },
  plan,
  steps: (facts, driver) => [
    setAutostart({ driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) }, facts.on, facts.was),
  ],
  begin: () => undefined,
  settle: (facts, end, rows) => {
    settleLife(rows, facts.vmId, end);
    if (end === 'succeeded') rows.vms.update(facts.vmId, { autostart: facts.on });
  },
  report: (facts, rows) => vmReport(facts.vmId, rows),
});

function plan(input: z.infer<typeof Input>, context: PlanContext, was: boolean): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const on = input.set === 'on';
  // What was changed on the host, and is to stay so, is only put on record.
  if (on === was && vm.autostart === on) {
    throw new BotError(
      'wrong_state',
      `${fullName(vm)} ${on ? 'starts with its host already' : 'does not start with its host'}`,
      { hint: 'Nothing to do.' },
    );
  }
  return {
    facts: { ...factsOf(vm), on, was },
    title: `Turn autostart ${input.set} for ${fullName(vm)}`,
    verb: 'Set',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: [],
  };
}
