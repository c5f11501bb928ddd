import { z } from 'zod';
import { shortName } from '../../../domain/disk.ts';
import { formatSize, formatSpan } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import type { Driver } from '../../driver.ts';
import { refresh } from '../../observe.ts';
import { undoBy } from '../../snapshot/before-change.ts';
import { defineChange, type ReadContext } from '../../spec.ts';
import type { Step } from '../../step.ts';
import { compareVolumes, copyVolume, releaseCopy, unitsOf } from '../../steps/copies.ts';
import { beResumed, beSuspended, mustBeOff } from '../../steps/domains.ts';
import { mirrorDisk, switchDisk } from '../../steps/mirrors.ts';
import { redefineDisk } from '../../steps/plug.ts';
import { patience } from '../../steps/units.ts';
import { createVolume, renameVolume } from '../../steps/volumes.ts';
import { liveVm } from '../../vm-ref.ts';
import { settleLife, VmFacts, VmField, vmReport } from '../common.ts';
import { DiskField, lookAtDisks, REPORT_AGE_MS } from './common.ts';
import { planMove } from './move-plan.ts';

const Input = z.strictObject({
  vm: VmField,
  disk: DiskField,
  class: z.enum(['thin', 'thick']).meta({ title: 'Class', description: 'What its volume is to be' }),
  verify: z
    .boolean()
    .default(false)
    .meta({ title: 'Verify', description: 'Suspend a running VM while both volumes are compared, byte by byte' }),
});
export type MoveInput = z.infer<typeof Input>;

/** A volume behind the disk, as the definition has it. */
const BehindFacts = z.object({
  volume: z.string(),
  kind: z.enum(['thin', 'thick']),
  source: z.string(),
  xml: z.string(),
});

export const MoveFacts = VmFacts.extend({
  target: z.string(),
  vg: z.string(),
  sizeBytes: z.number(),
  from: BehindFacts,
  to: BehindFacts,
  /** What the new volume draws from; null for a thick one. */
  pool: z.string().nullable(),
  /** The old volume's name in the trash, and the disk that it is attached again as. */
  trash: z.object({ volume: z.string(), xml: z.string() }),
  by: z.string(),
  /** Copied while it is off, or mirrored while it runs; suspended for the proof, where that was asked for and it is not so already. */
  how: z.enum(['copy', 'mirror']),
  verify: z.enum(['no', 'as-it-is', 'suspended']),
});
export type MoveFacts = z.infer<typeof MoveFacts>;

export const diskMove = defineChange({
  name: 'vm.disk.move',
  summary: 'Make a thin disk of a VM thick, or a thick one thin, while it runs',
  details:
    'A running VM’s disk is mirrored until both volumes hold the same, and its guest goes on with the new one without noticing; --verify suspends it while both are compared. A VM that is off has its disk copied, and the copy compared. The guest finds its disk by the same name. The old volume lies in the trash, as it was at that moment, until the retention is over. Undo moves the disk back, with all that was written since.',
  input: Input,
  positional: ['vm', 'disk', 'class'],
  permission: 'operate',
  risk: 'by-input',
  examples: ['/vm disk move db-01 vdb --class thick', '/vm disk move db-01 vdb thin --verify'],
  facts: MoveFacts,
  look: async (input: MoveInput, context: ReadContext) => {
    await refresh(context, [liveVm(context.rows, input.vm, context.team).host], REPORT_AGE_MS);
    return lookAtDisks(input.vm, context);
  },
  plan: planMove,
  steps: (facts, driver, settings, opId) => {
    const steps = facts.how === 'copy' ? copySteps : mirrorSteps;
    return steps(facts, driver, patience(settings, facts.host), opId);
  },
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    settleLife(rows, facts.vmId, end);
    const vm = rows.vms.byId(facts.vmId);
    if (end !== 'succeeded' || vm === null) return;
    const { vmId, vg, target, sizeBytes, from, to, trash, by } = facts;
    rows.vms.update(vmId, {
      disks: vm.disks.map((disk) =>
        disk.target === target ? { ...disk, volume: to.volume, kind: to.kind, sizeBytes } : disk,
      ),
    });
    const old = { vmId, vg, ...trash, target, sizeBytes, kind: from.kind };
    rows.detached.insert({ ...old, detachedAt: now, detachedBy: by });
  },
  report: (facts, rows, settings) => {
    const { target, sizeBytes, from, to } = facts;
    const report = vmReport(facts.vmId, rows, [
      { name: 'Disk', value: `${target}, ${formatSize(sizeBytes)}, ${to.kind}` },
      {
        name: 'In the trash',
        value: `${shortName(from.volume)}, its ${from.kind} volume, for ${formatSpan(settings.trashMs)}`,
      },
    ]);
    const undo = undoBy('vm.disk.move', { vm: fullName(facts), disk: target, class: from.kind });
    return { ...report, buttons: [undo, ...report.buttons] };
  },
});

/** Of a VM that is off: copied, compared, and only then put behind the disk. */
function copySteps(facts: MoveFacts, driver: Driver, forMs: number, opId: string): Step[] {
  const { at, copy, make, redefine, trash } = common(facts, driver, forMs, opId);
  return [
    make,
    copyVolume(at, copy),
    compareVolumes(at, copy),
    releaseCopy(at, copy),
    // Whoever started it by hand meanwhile has written to the old volume.
    mustBeOff(at),
    redefine,
    trash,
  ];
}

/** Of one that runs: mirrored, and gone over to. */
function mirrorSteps(facts: MoveFacts, driver: Driver, forMs: number, opId: string): Step[] {
  const { at, copy, make, redefine, trash } = common(facts, driver, forMs, opId);
  const mirror = { target: facts.target, from: facts.from.source, to: facts.to.source, forMs };
  const suspended = facts.verify === 'suspended';
  return [
    make,
    mirrorDisk(at, mirror),
    ...(suspended ? [beSuspended(at)] : []),
    ...(facts.verify === 'no' ? [] : [compareVolumes(at, copy), releaseCopy(at, copy)]),
    switchDisk(at, mirror),
    ...(suspended ? [beResumed(at)] : []),
    // libvirt has done so with the step before. Taken back there as well: what the guest writes meanwhile lies behind its new volume.
    { ...redefine, undo: 'nothing-to-undo' },
    trash,
  ];
}

function common(facts: MoveFacts, driver: Driver, forMs: number, opId: string) {
  const { host, vg, target, sizeBytes, from, to, pool, trash } = facts;
  const at = { driver, host, uuid: facts.uuid, vm: fullName(facts) };
  const copy = {
    from: { vg, name: from.volume },
    to: { vg, name: to.volume },
    // A thick volume holds what lay there before.
    blank: to.kind === 'thin',
    units: unitsOf(opId),
    forMs,
  };
  return {
    at,
    copy,
    // Nobody sees what lay there: every byte is written over before the guest has it.
    make: createVolume(at, { ...copy.to, sizeBytes, pool, marks: { op: opId, vm: facts.vmId } }),
    redefine: redefineDisk(at, target, { target, ...from }, { target, ...to }),
    trash: renameVolume(at, { ...copy.from, to: trash.volume }, `Move ${from.volume} to the trash`),
  };
}
