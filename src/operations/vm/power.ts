import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import type { DomainSeen, DomainState } from '../../domain/inventory.ts';
import { NOTHING } from '../../domain/plan.ts';
import type { Settings } from '../../domain/settings.ts';
import { fullName } from '../../domain/vm.ts';
import type { Driver } from '../driver.ts';
import { type ChangeSpec, type Draft, defineChange, type PlanContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { liveVm } from '../vm-ref.ts';
import { factsOf, lookAtVm, sawState, settleLife, VmFacts, VmField, vmLock, vmReport } from './common.ts';

const PowerFacts = VmFacts.extend({
  /** The domain's state when it was planned. */
  was: z.enum(['on', 'off', 'suspended']),
  force: z.boolean(),
});
export type PowerFacts = z.infer<typeof PowerFacts>;

/** What is particular about one verb of power. */
export interface PowerVerb {
  readonly name: string;
  readonly summary: string;
  readonly details?: string;
  /** On the button, and with the VM in the title. */
  readonly verb: string;
  readonly risk: ChangeSpec<never, never, never>['risk'];
  /** Offers `--force`. */
  readonly force?: { readonly description: string };
  /** From which states it goes; said in `otherwise` when it is another. */
  readonly from: readonly PowerFacts['was'][];
  readonly otherwise: (name: string, state: DomainState) => { readonly message: string; readonly hint: string };
  readonly steps: (at: At, facts: PowerFacts, settings: Settings) => readonly Step[];
  /** The domain's state when all is done. */
  readonly leads: { readonly state: DomainState; readonly reason: string };
}

interface At {
  readonly driver: Driver;
  readonly host: string;
  readonly uuid: string;
  readonly vm: string;
}

interface PowerInput {
  readonly vm: string;
  readonly force?: boolean | undefined;
}

/** Start, shutdown, stop, restart, suspend and resume have one shape, declared here once. */
export function powerOperation(verb: PowerVerb): ChangeSpec<PowerInput, PowerFacts, { readonly domain: DomainSeen }> {
  const force = z
    .boolean()
    .default(false)
    .meta({ title: 'Force', description: verb.force?.description ?? '' });
  const input: z.ZodType<PowerInput> =
    verb.force === undefined ? z.strictObject({ vm: VmField }) : z.strictObject({ vm: VmField, force });
  return defineChange({
    name: verb.name,
    summary: verb.summary,
    ...(verb.details === undefined ? {} : { details: verb.details }),
    input,
    positional: ['vm'],
    permission: 'operate',
    risk: verb.risk,
    examples: [
      `${command(verb.name)} web-01`,
      ...(verb.force === undefined ? [] : [`${command(verb.name)} web-01 --force`]),
    ],
    facts: PowerFacts,
    look: (asked, context) => lookAtVm(asked.vm, context),
    plan: (asked, context, { domain }): Draft<PowerFacts> => draft(verb, asked, context, domain),
    steps: (facts, driver, settings) =>
      verb.steps({ driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) }, facts, settings),
    begin: () => undefined,
    settle: (facts, end, rows, _outputs, now) => {
      settleLife(rows, facts.vmId, end);
      if (end === 'succeeded') sawState(rows, facts.vmId, verb.leads.state, verb.leads.reason, now);
    },
    report: (facts, rows) => vmReport(facts.vmId, rows),
  });
}

function command(name: string): string {
  return `/${name.replaceAll('.', ' ')}`;
}

function draft(verb: PowerVerb, asked: PowerInput, context: PlanContext, domain: DomainSeen): Draft<PowerFacts> {
  const vm = liveVm(context.rows, asked.vm, context.team);
  const was = powerOf(domain.state);
  if (!verb.from.includes(was)) {
    const { message, hint } = verb.otherwise(fullName(vm), domain.state);
    throw new BotError('wrong_state', message, { hint });
  }
  const force = asked.force === true;
  return {
    facts: { ...factsOf(vm), was, force },
    title: `${verb.verb} ${fullName(vm)}${force ? ' (force)' : ''}`,
    verb: verb.verb,
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: verb.risk === 'by-input' ? 'disruptive' : verb.risk,
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: force ? ['The power is cut: what the guest has not written to disk yet is lost.'] : [],
  };
}

/** libvirt's states, as far as power goes. */
export function powerOf(state: DomainState): PowerFacts['was'] {
  switch (state) {
    case 'shut off':
    case 'crashed':
    case 'no state':
      return 'off';
    case 'paused':
    case 'pmsuspended':
      return 'suspended';
    default:
      return 'on';
  }
}
