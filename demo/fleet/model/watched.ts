/** What a sweep watches beyond libvirt and LVM, and what can be wrong with it. */
import type { HostModel } from './host-model.ts';

export interface Watched {
  /** How far the host's clock is ahead of the true time. */
  clockOffsetMs: number;
  oomKills: number;
  /** Memory that something other than guests has taken. */
  eatenBytes: number;
  failedUnits: string[];
  nfs: NfsMount[];
}

interface NfsMount {
  readonly source: string;
  readonly target: string;
  /** `silent`: its server is gone, and whoever looks at it waits. */
  state: 'good' | 'stale' | 'silent';
}

/** The host's, made when it is first asked for: a state saved by an older version has none. */
export function watched(model: HostModel): Watched {
  model.watched ??= { clockOffsetMs: 0, oomKills: 0, eatenBytes: 0, failedUnits: [], nfs: [] };
  return model.watched;
}

/** Files under /proc that only a sweep reads; undefined where there is none. */
export function watchedText(model: HostModel, path: string): string | undefined {
  return FILES[path]?.(model);
}

const FILES: Readonly<Record<string, (model: HostModel) => string>> = {
  '/proc/vmstat': (model) =>
    `nr_free_pages 369225\npgpgin 231440\npgpgout 168264\npswpin 0\npswpout 0\npgfault 1280113\npgmajfault 1094\noom_kill ${watched(model).oomKills}\n`,
  '/proc/self/mounts': (model) =>
    [
      'proc /proc proc rw,relatime 0 0',
      '/dev/vda / ext4 rw,noatime 0 0',
      'tmpfs /run tmpfs rw,nosuid,nodev,size=405404k,nr_inodes=819200,mode=755,inode64 0 0',
      ...watched(model).nfs.map(
        ({ source, target }) =>
          `${source} ${target} nfs4 rw,relatime,vers=4.2,rsize=262144,wsize=262144,hard,proto=tcp 0 0`,
      ),
      '',
    ].join('\n'),
};

/** The row of diskstats that is a volume's; -1 where it has none. */
export function kernelMinor(model: HostModel, uuid: string): number {
  const at = model.volumes.findIndex((volume) => volume.uuid === uuid);
  return model.volumes[at]?.active === true ? at : -1;
}
