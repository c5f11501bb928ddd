import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import type { Button } from '../../../domain/notice.ts';
import { NOTHING } from '../../../domain/plan.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSize, formatSpan, parseSize } from '../../../domain/size.ts';
import { type Disk, fullName } from '../../../domain/vm.ts';
import { refresh } from '../../observe.ts';
import { beginSaved, planSaved, SavedFacts, saveSteps, settleSaved, undoBy } from '../../snapshot/before-change.ts';
import { type LookedAt, lookForSnapshot } from '../../snapshot/common.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { resizeDisk } from '../../steps/disks.ts';
import { growVolume } from '../../steps/wipe.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock, vmReport } from '../common.ts';
import { powerOf } from '../power.ts';
import { DiskField, ownDisk, REPORT_AGE_MS, wholeExtents } from './common.ts';
import { haveRoom } from './room.ts';

const Input = z.strictObject({
  vm: VmField,
  disk: DiskField,
  size: z
    .string()
    .min(1)
    .max(20)
    .meta({ title: 'Size', description: 'Its new size, or with + how much more', placeholder: '20GiB or +5GiB' }),
});

const Facts = VmFacts.extend({
  target: z.string(),
  vg: z.string(),
  volume: z.string(),
  kind: z.enum(['thin', 'thick', 'existing']),
  /** Its size before. */
  fromBytes: z.number(),
  sizeBytes: z.number(),
  saved: SavedFacts,
  /** It is told to the running guest. */
  on: z.boolean(),
});
type Facts = z.infer<typeof Facts>;

export const diskExtend = defineChange({
  name: 'vm.disk.extend',
  summary: 'Make a VM’s disk larger, while it runs',
  details:
    'The volume grows, and a running guest sees it at once. Partition and filesystem are the guest’s: its card says what to type there. A disk can’t be made smaller again, so a snapshot is taken first, and its card’s Undo reverts to it.',
  input: Input,
  positional: ['vm', 'disk', 'size'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm disk extend web-01 vda 20GiB', '/vm disk extend web-01 vdb +5GiB'],
  facts: Facts,
  look: async (input: z.infer<typeof Input>, context: ReadContext) => {
    await refresh(context, [liveVm(context.rows, input.vm, context.team).host], REPORT_AGE_MS);
    return lookForSnapshot(input.vm, context);
  },
  plan,
  steps: (facts, driver, settings, opId) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    return [
      ...saveSteps(facts, driver, opId),
      ...growVolume(at, { ...facts, name: facts.volume }, opId, settings),
      ...(facts.on ? [resizeDisk(at, facts)] : []),
    ];
  },
  begin: beginSaved,
  settle: (facts, end, rows, outputs, now) => {
    settleLife(rows, facts.vmId, end);
    settleSaved(facts, end, rows, outputs, now);
    const vm = rows.vms.byId(facts.vmId);
    if (end !== 'succeeded' || vm === null) return;
    rows.vms.update(facts.vmId, {
      disks: vm.disks.map((disk) => (disk.target === facts.target ? { ...disk, sizeBytes: facts.sizeBytes } : disk)),
    });
  },
  report: (facts, rows, settings) => {
    const { saved, target } = facts;
    const { facts: told, buttons } = vmReport(facts.vmId, rows, [
      { name: 'Disk', value: `${target} is ${formatSize(facts.sizeBytes)}` },
      {
        name: 'In the guest',
        value: [
          'Its partition, then its filesystem: ',
          { code: `growpart /dev/${target} 1 && resize2fs /dev/${target}1` },
          ' (xfs: ',
          { code: 'xfs_growfs /' },
          ')',
          ...(facts.on ? ['; or have its agent do it: ', { code: `/vm disk grow ${fullName(facts)} ${target}` }] : []),
        ],
      },
    ]);
    const grow: Button = {
      label: 'Grow filesystem',
      press: { do: 'run', name: 'vm.disk.grow', input: { vm: fullName(facts), disk: target } },
    };
    const more = facts.on ? [grow, ...buttons] : buttons;
    if (saved === null) return { facts: told, buttons: more };
    const undo = undoBy('snapshot.revert', { vm: fullName(facts), name: saved.snapshot });
    return {
      facts: [...told, { name: 'Undo', value: backText(saved, target, settings) }],
      buttons: [undo, ...more],
    };
  },
});

/** What an undo of it would do: no shrinking, but another volume. */
function backText(saved: NonNullable<SavedFacts>, target: string, settings: Settings): string {
  const was = saved.disks.find((disk) => disk.target === target)?.sizeBytes ?? 0;
  return `A revert to ${saved.snapshot}, which is kept for ${formatSpan(settings.snapshots.beforeChangeMs)}: ${target} is ${formatSize(was)} again, with what it held before. What is written after it leaves the VM, and is kept in another snapshot.`;
}

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: LookedAt): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const disk = ownDisk(vm, input.disk, 'An admin can extend it by hand.');
  const sizeBytes = wantedSize(input.size, disk);
  const more = sizeBytes - disk.sizeBytes;
  const what = `No room to extend ${disk.target} of ${fullName(vm)} by ${formatSize(more)}`;
  haveRoom(vm, disk, more, what, context);
  const on = powerOf(looked.domain.state) !== 'off';
  const { saved, notes } = planSaved(vm, 'extend', looked, disk.kind === 'thin' ? more : 0, context);
  return {
    facts: {
      ...factsOf(vm),
      ...{ target: disk.target, vg: disk.vg, volume: disk.volume, kind: disk.kind, fromBytes: disk.sizeBytes },
      ...{ sizeBytes, saved, on },
    },
    title: `Extend ${disk.target} of ${fullName(vm)} to ${formatSize(sizeBytes)}`,
    verb: 'Extend',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: { ...NOTHING, diskBytes: more },
    notes: [
      `${formatSize(disk.sizeBytes)} → ${formatSize(sizeBytes)}. It can’t be made smaller again.`,
      ...notes,
      ...(saved === null ? [] : [`Undo afterwards: ${backText(saved, disk.target, context.settings)}`]),
      on
        ? 'The running guest sees it at once; its partition and filesystem are grown in the guest.'
        : 'It is off: the guest sees it when it starts.',
    ],
  };
}

function wantedSize(text: string, disk: Disk): number {
  const by = text.startsWith('+');
  const given = parseSize(by ? text.slice(1) : text);
  const wanted = wholeExtents(by ? disk.sizeBytes + given : given);
  if (wanted <= disk.sizeBytes) {
    throw new BotError(
      'invalid_input',
      `Disk ${disk.target} is ${formatSize(disk.sizeBytes)} already, and can’t be made smaller`,
      {
        field: 'size',
        hint: `Give more, such as ${formatSize(disk.sizeBytes * 2).replace(' ', '')}, or +5GiB.`,
      },
    );
  }
  return wanted;
}
