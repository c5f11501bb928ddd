import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { NOTHING } from '../../domain/plan.ts';
import { policyText, RESTART_POLICIES } from '../../domain/restart.ts';
import { fullName } from '../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { liveVm } from '../vm-ref.ts';
import { factsOf, VmFacts, VmField, vmLock } from './common.ts';

const Input = z.strictObject({
  vm: VmField,
  restart: z.enum(RESTART_POLICIES).meta({
    title: 'Restart',
    description:
      'When Hostler starts it again by itself: never, when it crashed, or whenever it is off and shouldn’t be',
  }),
  max: z
    .int()
    .min(1)
    .max(60)
    .default(3)
    .meta({ title: 'At most', description: 'So often in an hour; then it stays off, with an alert', placeholder: '3' }),
});

const Facts = VmFacts.extend({ policy: z.enum(RESTART_POLICIES), max: z.number() });
type Facts = z.infer<typeof Facts>;

export const vmPolicy = defineChange({
  name: 'vm.policy',
  summary: 'Say whether a VM that goes down is started again by itself',
  details:
    '`on-failure`: when it crashed, or failed to start. `always`: whenever it is off though it was last started through Hostler, also when its guest shut itself down, or its host has booted (which counts as no crash). One that its team shut down or stopped through Hostler stays off, and so does all while work on its host is announced. The team’s channel is told of each start. When the limit is reached it stays off, with an alert, until somebody starts it or sets its policy again.',
  input: Input,
  positional: ['vm'],
  permission: 'operate',
  risk: 'safe',
  direct: true,
  examples: [
    '/vm policy web-01 --restart on-failure',
    '/vm policy web-01 --restart always --max 5',
    '/vm policy web-01 --restart never',
  ],
  facts: Facts,
  look: async () => null,
  plan,
  steps: () => [],
  begin: () => undefined,
  settle: ({ vmId, policy, max }, end, rows) => {
    if (end !== 'succeeded') return;
    rows.watch.update(vmId, {
      restartPolicy: policy === 'never' ? null : policy,
      restartLimit: policy === 'never' ? null : max,
      // A new word on it is a new beginning.
      restarts: [],
      gaveUpAt: null,
    });
  },
});

function plan(input: z.infer<typeof Input>, { rows, team }: PlanContext): Draft<Facts> {
  const vm = liveVm(rows, input.vm, team);
  const name = fullName(vm);
  const { restart: policy, max } = input;
  if (policy === 'never' && rows.watch.of(vm.id).restartPolicy === null) {
    throw new BotError('wrong_state', `${name} is not started again by itself`, { hint: 'Nothing to do.' });
  }
  const text = policyText({ restartPolicy: policy === 'never' ? null : policy, restartLimit: max });
  return {
    facts: { ...factsOf(vm), policy, max },
    title: `Start ${name} again by itself: ${text}`,
    verb: 'Set',
    team: vm.team,
    subject: `vm:${name}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: ['Nothing on the host changes.'],
  };
}
