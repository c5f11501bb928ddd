import { BotError } from '../../domain/error.ts';
import type { FilesystemSeen } from '../../domain/guest-filesystem.ts';
import type { Growth } from '../disk-verbs.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';
import type { At } from './domains.ts';

/** How long a large filesystem may take; most take a second. */
const GROW_MS = 60_000;

/** Has the guest's agent grow a filesystem, and waits until the agent says that it is larger. It is not made smaller again. */
export function growFilesystem(
  { driver, host, uuid, vm }: At,
  what: Growth & { readonly totalBytes: number },
  byHand: string,
): Step {
  return {
    name: `grow-filesystem:${what.mountpoint}`,
    title: `Have the guest of ${vm} grow ${what.type} on ${what.mountpoint}`,
    host,
    act: driver.disks.grow(uuid, what),
    look: reading(driver.disks.filesystems(uuid), (seen): Seen => {
      if (seen === null) return { state: 'absent' };
      const now = seen.find(({ mountpoint }) => mountpoint === what.mountpoint)?.totalBytes ?? 0;
      return now > what.totalBytes ? { state: 'done', output: { totalBytes: now } } : { state: 'absent' };
    }),
    wait: {
      forMs: GROW_MS,
      everyMs: 1_000,
      late: {
        message: `${what.mountpoint} of ${vm} did not grow`,
        hint: `It may fill its disk already, or the guest lacks the tools. In the guest: ${byHand}`,
      },
    },
    undo: 'nothing-to-undo',
  };
}

const GROWABLE = /^(ext[234]|xfs|btrfs)$/;

/** The filesystem of a disk that may be grown: the largest that lies on it, or on a partition of it. Throws why there is none. */
export function growable(seen: readonly FilesystemSeen[], target: string): Growth & { readonly totalBytes: number } {
  const there = seen.filter(({ on }) => on.some((place) => place.target === target));
  const [largest] = there.filter(({ type }) => GROWABLE.test(type)).sort((a, b) => b.totalBytes - a.totalBytes);
  if (largest === undefined) {
    throw new BotError('wrong_state', `No filesystem on ${target} is mounted that could be grown`, {
      field: 'disk',
      hint: 'Mount it in the guest, or make one there: `mkfs.ext4`.',
    });
  }
  const { mountpoint, type, totalBytes, name, on } = largest;
  const [, disk = '', partition = ''] = /^(\/dev\/[a-z]+)(\d*)$/.exec(on[0]?.device ?? '') ?? [];
  if (on.length !== 1 || disk === '' || `/dev/${name}` !== `${disk}${partition}`) {
    throw new BotError('wrong_state', `${mountpoint} lies on ${name}, which is more than a partition of ${target}`, {
      field: 'disk',
      hint: 'LVM, RAID and encryption are grown by hand in the guest, from the partition upwards.',
    });
  }
  return { mountpoint, type, totalBytes, disk, partition: partition === '' ? null : Number(partition) };
}

/** What to type in the guest instead. */
export function growByHand({ disk, partition, type, mountpoint }: Growth): string {
  const first = partition === null ? '' : `growpart ${disk} ${partition} && `;
  if (type === 'xfs') return `${first}xfs_growfs ${mountpoint}`;
  if (type === 'btrfs') return `${first}btrfs filesystem resize max ${mountpoint}`;
  return `${first}resize2fs ${disk}${partition ?? ''}`;
}
