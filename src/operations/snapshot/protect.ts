import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { NOTHING } from '../../domain/plan.ts';
import { fullName } from '../../domain/vm.ts';
import { defineChange } from '../spec.ts';
import { factsOf, VmFacts, VmField, vmLock } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import { SnapshotField, snapshotOf, subjectOf } from './common.ts';

const Input = z.strictObject({
  vm: VmField,
  name: SnapshotField,
  set: z.enum(['on', 'off']).default('on').meta({ title: 'Protection', description: 'Whether it may be deleted' }),
});
const Facts = VmFacts.extend({ snapshotId: z.string(), on: z.boolean() });

export const snapshotProtect = defineChange({
  name: 'snapshot.protect',
  summary: 'Say whether a snapshot may be deleted',
  input: Input,
  positional: ['vm', 'name', 'set'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/snapshot protect web-01 before-upgrade', '/snapshot protect web-01 before-upgrade off'],
  facts: Facts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, { rows, team }) => {
    const vm = liveVm(rows, input.vm, team);
    const snapshot = snapshotOf(rows, vm, input.name);
    const on = input.set === 'on';
    if (snapshot.protected === on) {
      throw new BotError(
        'wrong_state',
        `Snapshot ${snapshot.name} of ${fullName(vm)} is ${on ? 'protected already' : 'not protected'}`,
        {
          hint: 'Nothing to do.',
        },
      );
    }
    return {
      facts: { ...factsOf(vm), snapshotId: snapshot.id, on },
      title: `${on ? 'Protect' : 'Unprotect'} snapshot ${snapshot.name} of ${fullName(vm)}`,
      verb: on ? 'Protect' : 'Unprotect',
      team: vm.team,
      subject: subjectOf(vm),
      host: vm.host,
      vmId: vm.id,
      risk: 'safe',
      locks: [vmLock(vm)],
      adds: NOTHING,
      notes: [],
    };
  },
  steps: () => [],
  begin: () => undefined,
  settle: (facts, end, rows) => {
    if (end === 'succeeded') rows.snapshots.update(facts.snapshotId, { protected: facts.on });
  },
});
