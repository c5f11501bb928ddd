import { z } from 'zod';
import { ago } from '../../../domain/ago.ts';
import { freeTarget, guestPath, serialOf, shortName, untrashed } from '../../../domain/disk.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import { undoBy } from '../../snapshot/before-change.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { attachDisk } from '../../steps/plug.ts';
import { renameVolume } from '../../steps/volumes.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock, vmReport } from '../common.ts';
import { powerOf } from '../power.ts';
import {
  addDisk,
  detachedDisk,
  type LookedAtDisks,
  lookAtDisks,
  nextNumber,
  PluggedFacts,
  TrashedDiskField,
  targetsOf,
} from './common.ts';

const Input = z.strictObject({ vm: VmField, disk: TrashedDiskField });

const Facts = VmFacts.extend({
  ...PluggedFacts.shape,
  source: z.string(),
  /** The volume's name in the trash. */
  from: z.string(),
});
type Facts = z.infer<typeof Facts>;

export const diskRestore = defineChange({
  name: 'vm.disk.restore',
  summary: 'Attach a detached disk again, with what it holds',
  details: 'At its old place where that is free. A running guest sees it at once; mount it there.',
  input: Input,
  positional: ['vm', 'disk'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm disk restore web-01 d1'],
  facts: Facts,
  look: (input: z.infer<typeof Input>, context: ReadContext) => lookAtDisks(input.vm, context),
  plan,
  steps: (facts, driver) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    const { vg, volume, from } = facts;
    return [renameVolume(at, { vg, name: from, to: volume }, `Take ${volume} out of the trash`), attachDisk(at, facts)];
  },
  begin: () => undefined,
  settle: (facts, end, rows) => {
    settleLife(rows, facts.vmId, end);
    if (end !== 'succeeded') return;
    addDisk(rows, facts);
    rows.detached.forget(facts.vmId, facts.from);
  },
  report: (facts, rows) => {
    const report = vmReport(facts.vmId, rows, [
      { name: 'Disk', value: `${facts.target}, ${formatSize(facts.sizeBytes)}, with what it held` },
    ]);
    const undo = undoBy('vm.disk.detach', { vm: fullName(facts), disk: facts.target });
    return { ...report, buttons: [undo, ...report.buttons] };
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: LookedAtDisks): Draft<Facts> {
  const { rows, driver } = context;
  const vm = liveVm(rows, input.vm, context.team);
  const { vg, volume: from, target: was, sizeBytes, kind, xml, detachedAt } = detachedDisk(rows, vm, input.disk);
  const taken = targetsOf(vm, looked);
  const target = taken.includes(was) ? freeTarget(taken) : was;
  if (target === null)
    throw new BotError('wrong_state', `${fullName(vm)} has as many disks as a VM may have`, {
      hint: 'Detach another one first.',
    });
  if (!looked.volumes.some(({ name }) => name === from)) {
    throw new BotError('not_found', `The volume ${vg}/${from} of ${fullName(vm)} is gone from host ${vm.host}`, {
      hint: 'Somebody removed it by hand. An admin can look with `lvs` on the host.',
    });
  }
  const volume = untrashed(from);
  // A disk that was moved kept the serial by which the volume in the trash was found as well.
  const serial = driver.disks.serialIn(xml);
  const found = serial !== null && looked.disks.kept.some((disk) => disk.serial === serial);
  const other = found ? serialOf(nextNumber(vm, rows, looked)) : undefined;
  return {
    facts: {
      ...factsOf(vm),
      target,
      vg,
      volume,
      sizeBytes,
      kind,
      from,
      source: driver.volumes.devicePath({ vg, name: volume }),
      xml: driver.disks.moved(xml, target, other),
    },
    title: `Attach ${shortName(from)} to ${fullName(vm)} again`,
    verb: 'Attach',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    // Its volume never left the host: only in the quota it counts again.
    adds: { ...NOTHING, diskBytes: sizeBytes },
    notes: [
      `It was detached ${ago(detachedAt, context.now)}, and was ${was}${target === was ? '' : `, which is taken: it becomes ${target}`}.`,
      powerOf(looked.domain.state) === 'off'
        ? 'It is off: the guest sees it when it starts.'
        : 'The running guest sees it at once.',
      ...(other === undefined ? [] : [`What it was found by is another disk’s by now: it is ${guestPath(other)}.`]),
    ],
  };
}
