import { z } from 'zod';
import { snapTag } from '../../domain/marks.ts';
import { CONSISTENCIES } from '../../domain/snapshot.ts';
import type { Driver } from '../driver.ts';
import type { End } from '../spec.ts';
import type { Step } from '../step.ts';
import { tagVolume } from '../steps/snapshots.ts';
import { renameVolume } from '../steps/volumes.ts';
import type { Rows } from '../store.ts';
import { VmFacts } from '../vm/common.ts';

/** A disk that others' content takes the place of. */
export const KeptDisk = z.object({
  target: z.string(),
  vg: z.string(),
  /** The disk's volume, before and after. */
  volume: z.string(),
  /** Its name as part of the kept snapshot, and its size until now. */
  kept: z.string(),
  keptBytes: z.number(),
  /** Its size afterwards. */
  sizeBytes: z.number(),
});

/** What an operation needs to know that puts a VM's disks back, and keeps them as they are now. */
export const KeptFacts = VmFacts.extend({
  /** The snapshot that the present state is kept as: the disks themselves, under other names. */
  kept: z.object({
    id: z.string(),
    name: z.string(),
    consistency: z.enum(CONSISTENCIES),
    parent: z.string().nullable(),
  }),
  madeBy: z.string(),
  disks: z.array(KeptDisk),
});
type KeptFacts = z.infer<typeof KeptFacts>;

/** What a disk holds now becomes part of the kept snapshot, by its name alone. The VM must be off. */
export function keepDisk(
  at: { readonly driver: Driver; readonly host: string; readonly vm: string },
  { target, vg, volume, kept }: z.infer<typeof KeptDisk>,
  facts: KeptFacts,
): Step[] {
  return [
    renameVolume(at, { vg, name: volume, to: kept }, `Keep ${target} as it is now in snapshot ${facts.kept.name}`),
    tagVolume(at, { vg, name: kept }, { add: [snapTag(facts.kept.id)], remove: [] }),
  ];
}

/** The kept snapshot's row when the change is queued. */
export function beginKept(facts: KeptFacts, rows: Rows, now: number): void {
  rows.snapshots.insert({
    id: facts.kept.id,
    vmId: facts.vmId,
    name: facts.kept.name,
    origin: 'operation',
    state: 'taking',
    consistency: facts.kept.consistency,
    protected: false,
    parent: facts.kept.parent,
    disks: facts.disks.map(({ target, vg, volume, kept, keptBytes }) => ({
      target,
      vg,
      volume: kept,
      of: volume,
      sizeBytes: keptBytes,
    })),
    madeBy: facts.madeBy,
    takenAt: now,
  });
}

/** The kept snapshot's row at the end, and the disks' sizes in the VM's. */
export function settleKept(facts: KeptFacts, end: End, rows: Rows, now: number): void {
  if (end === 'failed') rows.snapshots.forget(facts.kept.id);
  if (end === 'stuck') rows.snapshots.update(facts.kept.id, { state: 'faulted' });
  if (end !== 'succeeded') return;
  rows.snapshots.update(facts.kept.id, { state: 'ready', takenAt: now });
  const vm = rows.vms.byId(facts.vmId);
  const sizes = new Map(facts.disks.map(({ target, sizeBytes }) => [target, sizeBytes]));
  rows.vms.update(facts.vmId, {
    disks: (vm?.disks ?? []).map((disk) => ({ ...disk, sizeBytes: sizes.get(disk.target) ?? disk.sizeBytes })),
  });
}
