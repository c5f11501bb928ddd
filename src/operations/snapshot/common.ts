import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import type { DomainSeen, VolumeSeen } from '../../domain/inventory.ts';
import { vmTag } from '../../domain/marks.ts';
import { nearest, SnapshotName } from '../../domain/names.ts';
import type { Settings } from '../../domain/settings.ts';
import {
  type Consistency,
  freezes,
  HOLDS,
  type Hold,
  holdFor,
  type Snapshot,
  type SnapshotDisk,
  snapshotVolume,
} from '../../domain/snapshot.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { DevicesSeen, FreezeState, SnapshotSpec } from '../driver.ts';
import type { End, PlanContext, ReadContext } from '../spec.ts';
import { both } from '../steps/call.ts';
import type { Rows } from '../store.ts';
import { VmFacts } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';

/** The snapshot that a command is about. */
export const SnapshotField = SnapshotName.meta({
  title: 'Snapshot',
  description: 'Its name, as `/snapshot list` shows it',
  placeholder: 'before-upgrade',
});

const DiskFacts = z.object({
  target: z.string(),
  vg: z.string(),
  volume: z.string(),
  of: z.string(),
  sizeBytes: z.number(),
});
/** What the steps that take a snapshot need to know. */
export const TakeFacts = VmFacts.extend({
  snapshotId: z.string(),
  snapshot: z.string(),
  hold: z.enum(HOLDS),
  /** The snapshot that the disks stood on. */
  parent: z.string().nullable(),
  disks: z.array(DiskFacts),
});
export type TakeFacts = z.infer<typeof TakeFacts>;

/** What a host says of a VM before a snapshot of it is planned. */
export interface LookedAt {
  readonly domain: DomainSeen;
  readonly devices: DevicesSeen;
  readonly agent: FreezeState;
  /** The volumes that bear the VM's mark. */
  readonly volumes: readonly VolumeSeen[];
}

/** Asks the host of a VM, in one round trip. */
export async function lookForSnapshot(text: string, context: ReadContext): Promise<LookedAt> {
  const { rows, team, fleet, driver, settings } = context;
  const vm = liveVm(rows, text, team);
  const vg = settings.hosts.find(({ name }) => name === vm.host)?.vg ?? vm.disks[0]?.vg ?? '';
  const asked = await fleet.run(
    vm.host,
    both(
      both(driver.domains.look(vm.uuid), driver.snapshots.devices(vm.uuid)),
      both(driver.snapshots.freezeState(vm.uuid), driver.volumes.byTag(vg, vmTag(vm.id))),
    ),
  );
  if (asked.outcome !== 'done') throw asked.error;
  const [[domain, devices], [agent, volumes]] = asked.value;
  if (domain === null || devices === null) {
    throw new BotError('wrong_state', `${fullName(vm)} is missing: host ${vm.host} knows no such domain`, {
      hint: 'Somebody removed it by hand. An admin can look with `virsh list --all` on the host.',
    });
  }
  return { domain, devices, agent, volumes };
}

/** Says why a snapshot (or what is made of one) would not hold all of this VM; silent where it does. */
export function refuseUnfit(vm: Vm, { devices, volumes }: LookedAt, of = 'snapshots'): void {
  const refuse = (why: string, hint: string): never => {
    throw new BotError('wrong_state', `${fullName(vm)} can’t have ${of}: ${why}`, { hint });
  };
  const outside = 'Back it up from inside the guest.';
  if (vm.disks.length === 0) refuse('it has no disk', outside);
  const foreign = vm.disks.find(({ kind }) => kind === 'existing');
  if (foreign !== undefined)
    refuse(`its disk ${foreign.target} (${foreign.vg}/${foreign.volume}) isn’t Hostler’s`, outside);
  const thick = vm.disks.find(({ kind }) => kind === 'thick');
  if (thick !== undefined) refuse(`its disk ${thick.target} is a thick volume, which has no thin snapshots`, outside);
  if (devices.passedThrough > 0)
    refuse('a device of the host is passed through to it, and what it holds is in no snapshot', outside);
  const ours = new Set(vm.disks.map(({ target }) => target));
  const other = devices.disks.find(({ target, readonly }) => !readonly && !ours.has(target));
  if (other !== undefined)
    refuse(
      `its disk ${other.target} (${other.source ?? 'no volume'}) was attached by hand, and isn’t Hostler’s`,
      outside,
    );
  const gone = vm.disks.find(({ volume }) => !volumes.some(({ name, kind }) => name === volume && kind === 'thin'));
  if (gone !== undefined)
    refuse(
      `its host knows no thin volume ${gone.vg}/${gone.volume} of it`,
      'An admin can look with `lvs` on the host.',
    );
}

/** Throws where the VM has as many snapshots as it may have. */
export function refuseTooMany(vm: Vm, rows: Rows, settings: Settings): void {
  const { length } = rows.snapshots.of(vm.id);
  if (length < settings.snapshots.perVm) return;
  throw new BotError('quota_exceeded', `${fullName(vm)} has ${length} snapshots, as many as a VM may have`, {
    hint: `Delete one first: \`/snapshot list ${fullName(vm)}\` shows them.`,
  });
}

/** What holds the guest while this VM's snapshot is taken. Throws where somebody else holds it. */
export function chooseHold(vm: Vm, { domain, agent }: LookedAt, freeze: boolean, keep: PlanContext['keep']): Hold {
  if (agent === 'frozen') {
    throw new BotError('conflict', `The filesystems of ${fullName(vm)} are frozen just now, and not by Hostler`, {
      hint: 'A backup may be under way: ask again when it is over.',
    });
  }
  // An agent that comes up between plan and button is no reason to ask again.
  const answers = keep(`agent-${domain.state}`, agent) === 'thawed';
  return holdFor({ state: domain.state, agent: freeze && answers, disks: vm.disks.length });
}

/** The disks of a snapshot of this VM. */
export function disksFor(vm: Vm, snapshotId: string): SnapshotDisk[] {
  return vm.disks.map(({ target, vg, volume, sizeBytes }, index) => ({
    target,
    vg,
    volume: snapshotVolume(snapshotId, index),
    of: volume,
    sizeBytes,
  }));
}

/** What the driver is told. */
export function specOf(facts: TakeFacts, opId: string): SnapshotSpec {
  return {
    vg: facts.disks[0]?.vg ?? '',
    snapshot: facts.snapshotId,
    marks: { op: opId, vm: facts.vmId },
    uuid: facts.uuid,
    hold: facts.hold,
    parent: facts.parent,
    disks: facts.disks.map(({ of, volume }) => ({ of, volume })),
  };
}

/** The row of a snapshot that is about to be taken. */
export function beginTaken(
  facts: TakeFacts & Pick<Snapshot, 'consistency' | 'madeBy' | 'origin'> & { readonly protect: boolean },
  rows: Rows,
  now: number,
): void {
  const { snapshotId: id, snapshot: name, protect, vmId, origin, consistency, parent, disks, madeBy } = facts;
  const row = { id, vmId, name, origin, consistency, protected: protect, parent, disks, madeBy, takenAt: now };
  rows.snapshots.insert({ ...row, state: 'taking' });
}

/** The row of a snapshot that its operation has taken, or has taken back. One that was taken is whole, whatever came after it. */
export function settleTaken(
  facts: TakeFacts & { readonly consistency: Consistency },
  end: End,
  rows: Rows,
  outputs: ReadonlyMap<string, unknown>,
  now: number,
): void {
  const { snapshotId } = facts;
  if (end === 'failed') {
    rows.snapshots.forget(snapshotId);
    return;
  }
  const consistency = consistencyTaken(facts, outputs);
  if (end === 'stuck' && consistency === null) {
    rows.snapshots.update(snapshotId, { state: 'faulted' });
    return;
  }
  rows.snapshots.update(snapshotId, { state: 'ready', consistency: consistency ?? 'crash', takenAt: now });
  rows.snapshots.setHead(facts.vmId, snapshotId);
}

/** What the snapshot came to be, which may be less than was planned; null where it was not taken. */
export function consistencyTaken(
  facts: TakeFacts & { readonly consistency: Consistency },
  outputs: ReadonlyMap<string, unknown>,
): Consistency | null {
  const took = z.object({ frozen: z.boolean() }).safeParse(outputs.get(`take-snapshot:${facts.snapshotId}`));
  if (!took.success) return null;
  return freezes(facts.hold) && !took.data.frozen ? 'crash' : facts.consistency;
}

/** The snapshot of that name. Throws `not_found` with near names. */
export function snapshotOf(rows: Rows, vm: Vm, name: string): Snapshot {
  const all = rows.snapshots.of(vm.id);
  const found = all.find((each) => each.name === name);
  if (found === undefined) {
    const near = nearest(
      name,
      all.map((each) => each.name),
    );
    throw new BotError('not_found', `${fullName(vm)} has no snapshot ${name}`, {
      field: 'name',
      hint:
        near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : `\`/snapshot list ${fullName(vm)}\` shows what there is.`,
    });
  }
  if (found.state === 'taking') {
    throw new BotError('wrong_state', `Snapshot ${name} of ${fullName(vm)} is still being taken`, {
      hint: 'Wait until its card says that it is ready.',
    });
  }
  return found;
}

/** The lock of one snapshot’s VM, and what a snapshot is filed under. */
export function subjectOf(vm: Vm): string {
  return `vm:${fullName(vm)}`;
}
