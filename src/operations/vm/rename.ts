import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { VmName } from '../../domain/names.ts';
import { NOTHING } from '../../domain/plan.ts';
import { fullName } from '../../domain/vm.ts';
import { undoBy } from '../snapshot/before-change.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { beOff, beRunning, renameDomain } from '../steps/domains.ts';
import { liveVm } from '../vm-ref.ts';
import { factsOf, lookAtVm, sawState, settleLife, VmFacts, VmField, vmLock, vmReport } from './common.ts';
import { powerOf } from './power.ts';

const Input = z.strictObject({
  vm: VmField,
  name: VmName.meta({ title: 'New name', description: 'Its new name in its team', placeholder: 'web-02' }),
});

const Names = z.object({ domainName: z.string(), team: z.string(), name: z.string() });
const Facts = VmFacts.extend({ was: z.enum(['on', 'off']), from: Names, to: Names });
type Facts = z.infer<typeof Facts>;

export const vmRename = defineChange({
  name: 'vm.rename',
  summary: 'Give a VM another name in its team',
  details:
    'libvirt renames only what is off, so a running VM is shut down for it and started again. Volumes, address and the name inside the guest stay.',
  input: Input,
  positional: ['vm', 'name'],
  permission: 'operate',
  risk: 'by-input',
  examples: ['/vm rename web-01 web-02'],
  facts: Facts,
  look: (input: z.infer<typeof Input>, context) => lookAtVm(input.vm, context),
  plan,
  steps: (facts, driver, settings) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    const rename = renameDomain(at, facts.from, facts.to);
    if (facts.was === 'off') return [rename];
    return [beOff(at, 'ask', settings.shutdownMs, true), rename, beRunning(at, 'off')];
  },
  begin: (facts, rows) => {
    const taken = rows.vms.byName(facts.to.team, facts.to.name);
    if (taken !== null && taken.id !== facts.vmId)
      throw new BotError('already_exists', `${fullName(facts.to)} exists already`);
  },
  settle: (facts, end, rows, _outputs, now) => {
    settleLife(rows, facts.vmId, end);
    if (end !== 'succeeded') return;
    rows.vms.update(facts.vmId, {
      name: facts.to.name,
      domainName: facts.to.domainName,
    });
    if (facts.was === 'on') sawState(rows, facts.vmId, 'running', 'booted', now);
  },
  // Its name is all that changes, so the way back is another rename, and needs no snapshot.
  report: (facts, rows) => {
    const report = vmReport(facts.vmId, rows);
    if (facts.from.name === facts.to.name) return report;
    const undo = undoBy('vm.rename', { vm: fullName(facts.to), name: facts.from.name });
    return { ...report, buttons: [undo, ...report.buttons] };
  },
});

function plan(
  input: z.infer<typeof Input>,
  context: PlanContext,
  looked: Awaited<ReturnType<typeof lookAtVm>>,
): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const was = powerOf(looked.domain.state);
  if (was === 'suspended') {
    throw new BotError('wrong_state', `${fullName(vm)} is suspended, and libvirt renames only what is off`, {
      hint: `Type \`/vm resume ${fullName(vm)}\` first.`,
    });
  }
  const to = { team: vm.team, name: input.name, domainName: `${vm.team}-${input.name}` };
  const { name: domainName } = looked.domain;
  const taken = context.rows.vms.byName(vm.team, input.name) ?? context.rows.vms.byDomainName(to.domainName);
  // Its own name again gives the domain the name that goes with it: one that was adopted, or renamed on the host, has another.
  if (taken !== null && (taken.id !== vm.id || domainName === to.domainName))
    throw new BotError('already_exists', `The name is taken by ${fullName(taken)}`, {
      field: 'name',
      hint: 'Take another name.',
    });
  return {
    facts: { ...factsOf(vm), was, from: { team: vm.team, name: vm.name, domainName }, to },
    title:
      vm.name === to.name
        ? `Rename domain ${domainName} of ${fullName(vm)} to ${to.domainName}`
        : `Rename ${fullName(vm)} to ${fullName(to)}`,
    verb: 'Rename',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: was === 'on' ? 'disruptive' : 'safe',
    locks: [...new Set([vmLock(vm), vmLock({ id: vm.id, ...to })])],
    adds: NOTHING,
    notes: was === 'on' ? ['It is running: it is shut down, renamed and started again.'] : [],
  };
}
