import { z } from 'zod';
import { shortName } from '../../../domain/disk.ts';
import { vmTag } from '../../../domain/marks.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext } from '../../spec.ts';
import { purgeVolume } from '../../steps/volumes.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, VmFacts, VmField, vmLock } from '../common.ts';
import { detachedDisk, TrashedDiskField } from './common.ts';

const Input = z.strictObject({ vm: VmField, disk: TrashedDiskField });

const Facts = VmFacts.extend({ vg: z.string(), volume: z.string() });
type Facts = z.infer<typeof Facts>;

export const diskPurge = defineChange({
  name: 'vm.disk.purge',
  summary: 'Remove a detached disk for good',
  details: 'There is no way back. Without it the trash is emptied when the retention is over.',
  input: Input,
  positional: ['vm', 'disk'],
  permission: 'delete',
  risk: 'destructive',
  examples: ['/vm disk purge web-01 d1'],
  facts: Facts,
  look: async () => null,
  plan,
  steps: (facts, driver) => {
    const at = { driver, host: facts.host };
    return [purgeVolume(at, { vg: facts.vg, name: facts.volume, tag: vmTag(facts.vmId) })];
  },
  begin: () => undefined,
  settle: (facts, end, rows) => {
    if (end === 'succeeded') rows.detached.forget(facts.vmId, facts.volume);
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const { vg, volume, sizeBytes } = detachedDisk(context.rows, vm, input.disk);
  return {
    facts: { ...factsOf(vm), vg, volume },
    title: `Purge disk ${shortName(volume)} of ${fullName(vm)}`,
    verb: 'Purge',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'destructive',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: [`${formatSize(sizeBytes)} of disk are removed for good. Snapshots that hold it stay.`],
  };
}
