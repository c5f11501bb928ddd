import { z } from 'zod';
import { shortName, trashName } from '../../../domain/disk.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize, formatSpan } from '../../../domain/size.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import { undoBy } from '../../snapshot/before-change.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { takeOutDisk } from '../../steps/plug.ts';
import { renameVolume } from '../../steps/volumes.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock, vmReport } from '../common.ts';
import { powerOf } from '../power.ts';
import { DiskField, definedDisk, type LookedAtDisks, lookAtDisks, ownDisk, PluggedFacts } from './common.ts';

const Input = z.strictObject({ vm: VmField, disk: DiskField });

const Facts = VmFacts.extend({
  ...PluggedFacts.shape,
  source: z.string(),
  /** The volume's name in the trash. */
  to: z.string(),
  by: z.string(),
  /** Its guest is asked to let go. */
  on: z.boolean().default(false),
});
type Facts = z.infer<typeof Facts>;

const BY_HAND = 'An admin can detach it by hand: `virsh detach-disk`.';

export const diskDetach = defineChange({
  name: 'vm.disk.detach',
  summary: 'Take a disk out of a VM; its volume lies in the trash',
  details:
    'Unmount it in the guest first: what is not written by then is lost. A running guest is asked to let go and waited for; where it does not, the disk stays. Within the retention `/vm disk restore` attaches it again. Never the disk that the VM boots from, nor its seed.',
  input: Input,
  positional: ['vm', 'disk'],
  permission: 'operate',
  risk: 'disruptive',
  examples: ['/vm disk detach web-01 vdb'],
  facts: Facts,
  look: (input: z.infer<typeof Input>, context: ReadContext) => lookAtDisks(input.vm, context),
  plan,
  steps: (facts, driver) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    const { vg, volume, to } = facts;
    return [takeOutDisk(at, facts), renameVolume(at, { vg, name: volume, to }, `Move ${volume} to the trash`)];
  },
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    settleLife(rows, facts.vmId, end);
    const { vmId, vg, to, target, sizeBytes, kind, xml, by } = facts;
    // Nothing takes back what a guest was asked: it may let go of the disk hours after it was put back.
    if (end !== 'succeeded' && facts.on) rows.detached.asked.save({ vmId, target, askedAt: now });
    const vm = rows.vms.byId(facts.vmId);
    if (end !== 'succeeded' || vm === null) return;
    rows.vms.update(vmId, { disks: vm.disks.filter((disk) => disk.target !== target) });
    rows.detached.insert({ vmId, vg, volume: to, target, sizeBytes, kind, xml, detachedAt: now, detachedBy: by });
  },
  report: (facts, rows, settings) => {
    const report = vmReport(facts.vmId, rows, [
      { name: 'In the trash', value: `${shortName(facts.volume)}, for ${formatSpan(settings.trashMs)}` },
    ]);
    const undo = undoBy('vm.disk.restore', { vm: fullName(facts), disk: shortName(facts.volume) });
    return { ...report, buttons: [undo, ...report.buttons] };
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: LookedAtDisks): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  refuseVital(vm, input.disk, looked);
  const disk = ownDisk(vm, input.disk, BY_HAND);
  const { target, vg, volume, sizeBytes, kind } = disk;
  const power = powerOf(looked.domain.state);
  if (power === 'suspended') {
    throw new BotError('wrong_state', `${fullName(vm)} is suspended, and its guest can’t let go of ${target}`, {
      hint: `Type \`/vm resume ${fullName(vm)}\` first.`,
    });
  }
  const source = context.driver.volumes.devicePath({ vg, name: volume });
  const found = definedDisk(vm, disk, looked, context.driver);
  return {
    facts: {
      ...factsOf(vm),
      target,
      vg,
      volume,
      sizeBytes,
      kind,
      source,
      xml: found.xml,
      to: trashName(volume),
      by: context.actor.person,
      on: power === 'on',
    },
    title: `Detach ${target} from ${fullName(vm)}`,
    verb: 'Detach',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'disruptive',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: [
      ...(power === 'on'
        ? [`It is running: unmount ${target} in the guest first. What was not written is lost, and what uses it fails.`]
        : []),
      `Its ${formatSize(sizeBytes)} go to the trash, and can be attached again for ${formatSpan(context.settings.trashMs)} (\`/vm disk restore ${fullName(vm)} ${shortName(volume)}\`).`,
      ...heldBy(vm, target, context),
    ],
  };
}

/** Without these it does not start, or does not know itself. */
function refuseVital(vm: Vm, target: string, { disks }: LookedAtDisks): void {
  const refuse = (what: string): never => {
    throw new BotError('wrong_state', `${target} is ${what} of ${fullName(vm)}, and stays`, {
      field: 'disk',
      hint: 'To be rid of the whole VM: `/vm delete`.',
    });
  };
  const seen = [...disks.kept, ...(disks.live ?? [])].filter((disk) => disk.target === target);
  if (vm.seed !== null && seen.some(({ source }) => source === vm.seed)) refuse('the seed');
  if (vm.disks[0]?.target === target || seen.some(({ boot }) => boot)) refuse('the disk that boots');
}

function heldBy(vm: Vm, target: string, { rows }: PlanContext): string[] {
  const names = rows.snapshots
    .of(vm.id)
    .filter(({ disks }) => disks.some((disk) => disk.target === target))
    .map(({ name }) => name);
  return names.length === 0
    ? []
    : [`Snapshots hold it too (${names.join(', ')}): a revert to one of them wants it attached again first.`];
}
