import { z } from 'zod';
import { formatSpan } from '../../domain/size.ts';
import { CONSISTENCY_WORDS } from '../../domain/snapshot.ts';
import { fullName } from '../../domain/vm.ts';
import type { Driver } from '../driver.ts';
import { refresh } from '../observe.ts';
import { defineChange, type ReadContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { beOff, beRunning, mustBeOff } from '../steps/domains.ts';
import { cloneVolume } from '../steps/volumes.ts';
import { sawState, settleLife, VmField, vmReport } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import { undoBy } from './before-change.ts';
import { lookForSnapshot, SnapshotField } from './common.ts';
import { beginKept, KeptDisk, KeptFacts, keepDisk, settleKept } from './kept.ts';
import { planRevert } from './revert-plan.ts';

const Input = z.strictObject({
  vm: VmField,
  name: SnapshotField,
  restart: z
    .boolean()
    .default(true)
    .meta({ title: 'Restart', description: 'Shut a running VM down for it, and start it again' }),
  force: z
    .boolean()
    .default(false)
    .meta({ title: 'Force', description: 'Cut the power instead of asking the guest to shut down' }),
});
export type RevertInput = z.infer<typeof Input>;

export const RevertFacts = KeptFacts.extend({
  was: z.enum(['on', 'off']),
  force: z.boolean(),
  /** The snapshot that it goes back to. */
  to: z.object({ id: z.string(), name: z.string() }),
  disks: z.array(
    KeptDisk.extend({
      /** The volume of the snapshot. */
      from: z.string(),
    }),
  ),
});
export type RevertFacts = z.infer<typeof RevertFacts>;

export const snapshotRevert = defineChange({
  name: 'snapshot.revert',
  summary: 'Put a VM’s disks back to a snapshot; the present state is kept as another',
  details:
    'A running VM is shut down and started again. The snapshot stays, so one can go back to it any number of times. Undo is a revert to the snapshot that the present state was kept as.',
  input: Input,
  positional: ['vm', 'name'],
  permission: 'operate',
  risk: 'disruptive',
  examples: ['/snapshot revert web-01 before-upgrade'],
  facts: RevertFacts,
  look: async (input: RevertInput, context: ReadContext) => {
    await refresh(context, [liveVm(context.rows, input.vm, context.team).host], REPORT_AGE_MS);
    return lookForSnapshot(input.vm, context);
  },
  plan: planRevert,
  steps: (facts, driver, settings, opId) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    return [
      facts.was === 'on' ? beOff(at, facts.force ? 'force' : 'ask', settings.shutdownMs, true) : mustBeOff(at),
      ...facts.disks.flatMap((disk) => swap(disk, facts, driver, opId)),
      ...(facts.was === 'on' ? [beRunning(at, 'off')] : []),
    ];
  },
  begin: beginKept,
  settle: (facts, end, rows, _outputs, now) => {
    settleLife(rows, facts.vmId, end);
    settleKept(facts, end, rows, now);
    if (end !== 'succeeded') return;
    rows.snapshots.setHead(facts.vmId, facts.to.id);
    sawState(rows, facts.vmId, facts.was === 'on' ? 'running' : 'shut off', facts.was === 'on' ? 'booted' : '', now);
  },
  report: (facts, rows, settings) => {
    const undo = { vm: fullName(facts), name: facts.kept.name };
    return {
      facts: [
        { name: 'Back at', value: facts.to.name },
        {
          name: 'Kept as',
          value: `${facts.kept.name}, ${CONSISTENCY_WORDS[facts.kept.consistency]}, for ${formatSpan(settings.snapshots.beforeChangeMs)}`,
        },
      ],
      buttons: [undoBy('snapshot.revert', undo), ...vmReport(facts.vmId, rows).buttons.slice(0, 2)],
    };
  },
});
/** How old a host's report may be for the question whether its pool has room. */
const REPORT_AGE_MS = 60_000;

/**
 * One disk: what it holds now becomes part of the kept snapshot by its name alone, and a new thin snapshot of the snapshot takes its
 * place. LVM's own way back (`lvconvert --merge`) orphans the sibling snapshots.
 */
function swap(disk: RevertFacts['disks'][number], facts: RevertFacts, driver: Driver, opId: string): Step[] {
  const at = { driver, host: facts.host, vm: fullName(facts) };
  const { vg, volume } = disk;
  return [
    ...keepDisk(at, disk, facts),
    cloneVolume(at, {
      vg,
      name: volume,
      origin: disk.from,
      originBytes: disk.sizeBytes,
      sizeBytes: disk.sizeBytes,
      marks: { op: opId, vm: facts.vmId },
      from: facts.to.id,
    }),
  ];
}
