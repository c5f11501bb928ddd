import { formatAmount } from './alerts/condition.ts';
import { percent } from './rates.ts';
import { formatSize } from './size.ts';

/** A filesystem that is mounted in a guest, as its agent tells it. */
export interface FilesystemSeen {
  readonly mountpoint: string;
  /** `ext4`, `xfs` … */
  readonly type: string;
  /** What users may fill, as `df` counts: without what only root may have. */
  readonly totalBytes: number;
  /** Null where the agent is too old to tell. */
  readonly usedBytes: number | null;
  /** What it lies on: a disk or a partition of it, by the guest's name (`/dev/vda1`) and by ours (`vda`). */
  readonly on: readonly { readonly device: string; readonly target: string }[];
  /** By the guest's name: `vda1`, or `dm-0` for what stands between it and the disks. */
  readonly name: string;
}

/** What a guest's agent said last, and when (epoch ms). */
export interface FilesystemsKnown {
  readonly at: number;
  readonly list: readonly FilesystemSeen[];
}

/** What was said longer ago tells nothing of now: three rounds of the job. Milliseconds. */
const FRESH_MS = 45 * 60_000;

/** Images of media are always full. */
const READ_ONLY = /^(iso9660|udf|squashfs|erofs|cramfs|romfs)$/;

/** A filesystem that lies on the VM's disks and can run full. */
export interface Filling {
  readonly mountpoint: string;
  /** The VM's disks that it lies on: `vda`. */
  readonly targets: readonly string[];
  readonly totalBytes: number;
  readonly usedPercent: number;
}

type Disks = readonly { readonly target: string }[];

/** Those on these disks that can run full, the fullest first. One that is mounted at several places stands once, at the shortest. */
export function fillingOf(list: readonly FilesystemSeen[], disks: Disks): readonly Filling[] {
  const ours = new Set(disks.map(({ target }) => target));
  const byName = new Map<string, Filling>();
  for (const { name, mountpoint, type, totalBytes, usedBytes, on } of list) {
    const usedPercent = percent(usedBytes, totalBytes);
    const targets = [...new Set(on.map(({ target }) => target).filter((target) => ours.has(target)))];
    if (usedPercent === null || targets.length === 0 || READ_ONLY.test(type)) continue;
    const other = byName.get(name);
    if (other !== undefined && other.mountpoint.length <= mountpoint.length) continue;
    byName.set(name, { mountpoint, targets, totalBytes, usedPercent });
  }
  return [...byName.values()].sort((a, b) => b.usedPercent - a.usedPercent);
}

/** What is known and still says something of now; null where it doesn't. */
export function freshFilling(known: FilesystemsKnown | null, disks: Disks, now: number): readonly Filling[] | null {
  return known === null || Math.abs(now - known.at) > FRESH_MS ? null : fillingOf(known.list, disks);
}

/** `/ on vda: 83 % of 9.6 GiB`. */
export function fillingText({ mountpoint, targets, totalBytes, usedPercent }: Filling): string {
  return `${mountpoint} on ${targets.join(' and ')}: ${formatAmount(usedPercent, 'percent')} of ${formatSize(totalBytes)}`;
}
