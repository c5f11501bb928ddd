/** How a VM's disks are named: on their host, in their definition, in their guest, and in the trash. */

import { inNames } from './marks.ts';

/** The VM's nth volume: `vm-01j…-d0`. By id, so that a rename of the VM touches none. */
export function diskVolume(vmId: string, number: number): string {
  return `${inNames(vmId)}-d${number}`;
}

/** `d1`: how people call a disk that is in the trash, where it has no place in the guest. */
export function shortName(volume: string): string {
  return /-(d\d+)$/.exec(volume)?.[1] ?? volume;
}

/**
 * The first number from 1 on that none of these volumes has, in the trash or out of it, and by which no guest finds another disk: one that
 * was moved keeps its serial. 0 is the disk that a VM is made with.
 */
export function freeNumber(vmId: string, volumes: readonly string[], serials: readonly (string | null)[]): number {
  const taken = new Set(volumes.map(untrashed));
  let number = 1;
  while (taken.has(diskVolume(vmId, number)) || serials.includes(serialOf(number))) number += 1;
  return number;
}

/** `vdb` … `vdy`: `vda` is the disk that a VM is made with, `vdz` its seed. Null when all are taken. */
export function freeTarget(taken: readonly string[]): string | null {
  const targets = Array.from('bcdefghijklmnopqrstuvwxy', (letter) => `vd${letter}`);
  return targets.find((target) => !taken.includes(target)) ?? null;
}

/** Where the guest finds it, whatever letter its kernel gives: `/dev/disk/by-id/virtio-hostler-d1`. virtio keeps 20 characters. */
export function serialOf(number: number): string {
  return `hostler-d${number}`;
}

/** The path of a disk with that serial in a Linux guest. */
export function guestPath(serial: string): string {
  return `/dev/disk/by-id/virtio-${serial}`;
}

/** A volume's name in the trash. LVM reserves names such as `snapshot…`, not this one. */
export function trashName(volume: string): string {
  return `trash-${volume}`;
}

/** And back. */
export function untrashed(volume: string): string {
  return volume.replace(/^trash-/, '');
}
