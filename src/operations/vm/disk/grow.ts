import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import type { FilesystemSeen } from '../../../domain/guest-filesystem.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { growable, growByHand, growFilesystem } from '../../steps/filesystems.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, lookAtVm, settleLife, VmFacts, VmField, vmLock, vmReport } from '../common.ts';
import { powerOf } from '../power.ts';
import { DiskField, diskOf } from './common.ts';

const Input = z.strictObject({ vm: VmField, disk: DiskField });

const Facts = VmFacts.extend({
  target: z.string(),
  mountpoint: z.string(),
  type: z.string(),
  disk: z.string(),
  partition: z.number().nullable(),
  /** What it holds before. */
  totalBytes: z.number(),
});
type Facts = z.infer<typeof Facts>;

export const diskGrow = defineChange({
  name: 'vm.disk.grow',
  summary: 'Grow the partition and filesystem of a disk, through the guest’s agent',
  details:
    'After `/vm disk extend`. The agent runs growpart (or sfdisk, where the guest has none) and resize2fs, xfs_growfs or btrfs in the guest; where it may not, or they are not there, it says what to type. Many images grow by themselves when they start.',
  input: Input,
  positional: ['vm', 'disk'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm disk grow web-01 vda'],
  facts: Facts,
  look,
  plan,
  steps: (facts, driver) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    return [growFilesystem(at, facts, growByHand(facts))];
  },
  begin: () => undefined,
  settle: (facts, end, rows) => settleLife(rows, facts.vmId, end),
  report: (facts, rows, _settings, outputs) => {
    const grown = z.object({ totalBytes: z.number() }).safeParse(outputs.get(`grow-filesystem:${facts.mountpoint}`));
    if (!grown.success) return { facts: [], buttons: [] };
    const value = `${facts.mountpoint} (${facts.type}): ${formatSize(facts.totalBytes)} → ${formatSize(grown.data.totalBytes)}`;
    return vmReport(facts.vmId, rows, [{ name: 'Filesystem', value }]);
  },
});

/** The filesystems that the agent tells; null where none answers. */
async function look(input: z.infer<typeof Input>, context: ReadContext): Promise<readonly FilesystemSeen[] | null> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const { domain } = await lookAtVm(input.vm, context);
  if (powerOf(domain.state) !== 'on') {
    throw new BotError('wrong_state', `${fullName(vm)} does not run: its guest grows nothing now`, {
      hint: `\`/vm start ${fullName(vm)}\`: many images grow their first disk by themselves then.`,
    });
  }
  const asked = await context.fleet.run(vm.host, context.driver.disks.filesystems(vm.uuid));
  if (asked.outcome !== 'done') throw asked.error;
  return asked.value;
}

function plan(
  input: z.infer<typeof Input>,
  context: PlanContext,
  seen: readonly FilesystemSeen[] | null,
): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const target = input.disk;
  diskOf(vm, target);
  if (seen === null) {
    throw new BotError('wrong_state', `The guest agent of ${fullName(vm)} does not answer`, {
      hint: `In the guest: growpart /dev/${target} 1 && resize2fs /dev/${target}1 (xfs: xfs_growfs /).`,
    });
  }
  const what = growable(seen, target);
  return {
    facts: { ...factsOf(vm), target, ...what },
    title: `Grow ${what.mountpoint} of ${fullName(vm)}`,
    verb: 'Grow',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: [
      `${what.type} on ${what.mountpoint} has ${formatSize(what.totalBytes)}. It can’t be made smaller again.`,
      `The agent runs in the guest what a person would type: ${growByHand(what)}`,
    ],
  };
}
