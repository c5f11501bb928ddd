import { z } from 'zod';
import { freeNumber, shortName } from '../../../domain/disk.ts';
import { BotError } from '../../../domain/error.ts';
import type { DomainSeen, VolumeSeen } from '../../../domain/inventory.ts';
import { vmTag } from '../../../domain/marks.ts';
import { MiB } from '../../../domain/size.ts';
import { type Disk, fullName, type Vm } from '../../../domain/vm.ts';
import type { DetachedDisk } from '../../detached-rows.ts';
import type { DiskSeen, DisksSeen } from '../../disk-verbs.ts';
import type { Driver } from '../../driver.ts';
import type { ReadContext } from '../../spec.ts';
import { both } from '../../steps/call.ts';
import type { Rows } from '../../store.ts';
import { liveVm } from '../../vm-ref.ts';

/** The disk that a command is about. */
export const DiskField = z
  .string()
  .regex(/^[a-z]{2,4}$/, 'Give a disk such as vda: `/vm disk list` shows them.')
  .meta({ title: 'Disk', description: 'As `/vm disk list` shows it', placeholder: 'vda' });

/** A disk that was detached. */
export const TrashedDiskField = z
  .string()
  .regex(/^d\d{1,4}$/, 'Give a detached disk such as d1: `/vm disk list` shows them.')
  .meta({
    title: 'Disk',
    description: 'A detached disk, as `/vm disk list` shows it',
    placeholder: 'd1',
  });

/** What the steps need to know of a disk of the domain. */
export const PluggedFacts = z.object({
  target: z.string(),
  vg: z.string(),
  volume: z.string(),
  sizeBytes: z.number(),
  kind: z.enum(['thin', 'thick']),
  /** Its part of the definition. */
  xml: z.string(),
});

/** How old a host's report may be for the question whether there is room. */
export const REPORT_AGE_MS = 60_000;

/** LVM rounds up to whole extents, of 4 MiB unless somebody chose otherwise. */
export function wholeExtents(bytes: number): number {
  return Math.ceil(bytes / (4 * MiB)) * 4 * MiB;
}

/** What the host says of the VM before a disk of it is put in or taken out. */
export interface LookedAtDisks {
  readonly domain: DomainSeen;
  readonly disks: DisksSeen;
  /** The volumes that bear the VM's mark. */
  readonly volumes: readonly VolumeSeen[];
}

/** Asks the host of a VM, in one round trip. */
export async function lookAtDisks(text: string, context: ReadContext): Promise<LookedAtDisks> {
  const { rows, team, fleet, driver, settings } = context;
  const vm = liveVm(rows, text, team);
  const vg = settings.hosts.find(({ name }) => name === vm.host)?.vg ?? vm.disks[0]?.vg ?? '';
  const marked = driver.volumes.byTag(vg, vmTag(vm.id));
  const asked = await fleet.run(vm.host, both(both(driver.domains.look(vm.uuid), driver.disks.seen(vm.uuid)), marked));
  if (asked.outcome !== 'done') throw asked.error;
  const [[domain, disks], volumes] = asked.value;
  if (domain === null || disks === null) {
    throw new BotError('wrong_state', `${fullName(vm)} is missing: host ${vm.host} knows no such domain`, {
      hint: 'Somebody removed it by hand. An admin can look with `virsh list --all` on the host.',
    });
  }
  return { domain, disks, volumes };
}

/** The VM's disk there. */
export function diskOf(vm: Vm, target: string): Disk {
  const disk = vm.disks.find((each) => each.target === target);
  if (disk !== undefined) return disk;
  throw new BotError('not_found', `${fullName(vm)} has no disk ${target}`, {
    field: 'disk',
    hint: `It has ${vm.disks.map((each) => each.target).join(', ') || 'none'}.`,
  });
}

/** The VM's disk there, which Hostler made. `otherwise`: what to do where it did not. */
export function ownDisk(vm: Vm, target: string, otherwise: string): OwnDisk {
  const disk = diskOf(vm, target);
  const { kind } = disk;
  if (kind !== 'existing') return { ...disk, kind };
  throw new BotError('wrong_state', `Disk ${target} of ${fullName(vm)} isn’t Hostler’s: it was there before`, {
    field: 'disk',
    hint: otherwise,
  });
}
export interface OwnDisk extends Disk {
  readonly kind: 'thin' | 'thick';
}

/** The VM's disk of that name in the trash. */
export function detachedDisk(rows: Rows, vm: Vm, name: string): DetachedDisk {
  const all = rows.detached.of(vm.id);
  const found = all.find(({ volume }) => shortName(volume) === name);
  if (found !== undefined) return found;
  throw new BotError('not_found', `${fullName(vm)} has no disk ${name} in the trash`, {
    field: 'disk',
    hint:
      all.length === 0
        ? 'It has none there: `/vm disk detach` puts one there.'
        : `In the trash: ${all.map(({ volume }) => shortName(volume)).join(', ')}.`,
  });
}

/** A disk that was put into the VM, in its row. */
export function addDisk(rows: Rows, facts: Disk & { readonly vmId: string }): void {
  const vm = rows.vms.byId(facts.vmId);
  const { target, vg, volume, sizeBytes, kind } = facts;
  if (vm !== null) rows.vms.update(vm.id, { disks: [...vm.disks, { target, vg, volume, sizeBytes, kind }] });
}

/** Targets that no disk of the VM can get: what it has, by our rows and by its host. */
export function targetsOf(vm: Vm, { disks }: LookedAtDisks): string[] {
  return [...vm.disks, ...disks.kept, ...(disks.live ?? [])].map(({ target }) => target);
}

/** A number for another disk of the VM, which nothing of it has or is found by, be it in the trash. */
export function nextNumber(vm: Vm, rows: Rows, { disks, volumes }: LookedAtDisks): number {
  const known = [...vm.disks, ...rows.detached.of(vm.id)].map(({ volume }) => volume);
  const serials = [...disks.kept, ...(disks.live ?? [])].map(({ serial }) => serial);
  return freeNumber(vm.id, [...known, ...volumes.map(({ name }) => name)], serials);
}

/** The disk as the VM's definition has it. */
export function definedDisk(vm: Vm, { vg, volume }: Disk, { disks }: LookedAtDisks, driver: Driver): DiskSeen {
  const source = driver.volumes.devicePath({ vg, name: volume });
  const found = disks.kept.find((disk) => disk.source === source);
  if (found !== undefined) return found;
  throw new BotError('wrong_state', `The definition of ${fullName(vm)} has no disk ${vg}/${volume}`, {
    field: 'disk',
    hint: `Somebody changed it on host ${vm.host}. An admin can look with \`virsh domblklist\`.`,
  });
}

/** What the VM loses with its first thick disk: a snapshot is of all disks or of none. */
export function thickNotes(vm: Vm, rows: Rows, until: string): string[] {
  if (vm.disks.some(({ kind }) => kind !== 'thin')) return [];
  const scheduled = rows.snapshots.schedules().some(({ vmId }) => vmId === vm.id);
  return [
    `With a thick disk ${fullName(vm)} can have no more snapshots and backups, nor be reverted to one, until ${until}${scheduled ? '; those that its schedule wants will fail' : ''}.`,
  ];
}
