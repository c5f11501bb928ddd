/** Fill of file systems, as `df` tells it. */

import type { Command } from '../../domain/command.ts';
import { percent } from '../../domain/rates.ts';
import type { FileSystem, NfsSeen } from '../../domain/sweep.ts';
import type { Ran } from '../../operations/ports.ts';

/** What is no disk of the host's own, or always full. NFS may hang, so it is asked apart. */
const LEFT_OUT = ['tmpfs', 'devtmpfs', 'nfs', 'nfs4', 'overlay', 'squashfs', 'efivarfs', 'iso9660'];

export const DF_LOCAL: Command = {
  argv: [
    'df',
    '-B1',
    '--output=source,fstype,size,used,avail,itotal,iused,iavail,target',
    ...LEFT_OUT.flatMap((type) => ['-x', type]),
  ],
  limit: 'quick',
  onFailure: 'go-on',
};

/** Last of all, for a mount whose server is gone holds it until its time limit. */
export const DF_NFS: Command = {
  argv: ['df', '-B1', '--output=source,target', '-t', 'nfs', '-t', 'nfs4'],
  limit: 'quick',
  onFailure: 'go-on',
};

/** It fails as a whole when one file system may not be looked at, and tells the others all the same. */
export function parseFileSystems(text: string): readonly FileSystem[] {
  const found = new Map<string, FileSystem>();
  for (const line of text.split('\n').slice(1)) {
    const [, source, size, used, avail, inodes, inodesUsed, target] =
      /^(\S+) +\S+ +(\d+) +(\d+) +(\d+) +(\d+|-) +(\d+|-) +(?:\d+|-) +(\/.*)$/.exec(line) ?? [];
    if (source === undefined || target === undefined) continue;
    const usedPercent = percent(Number(used), Number(used) + Number(avail));
    // One device may be mounted in several places.
    if (usedPercent === null || found.has(source)) continue;
    const inodePercent = inodes === '-' || Number(inodes) === 0 ? null : percent(Number(inodesUsed), Number(inodes));
    found.set(source, { target, sizeBytes: Number(size), usedPercent, inodePercent });
  }
  return [...found.values()];
}

/** What `DF_NFS` says of these mounts. */
export function readNfs(mounts: readonly string[], answer: Ran): NfsSeen {
  const stale = answer.stderr.split('\n').flatMap((line) => {
    const said = /^df: (.+)$/.exec(line)?.[1];
    return said === undefined || said === 'no file systems processed' ? [] : [said];
  });
  return { mounts, stale, silent: answer.exit === 124 || answer.exit === 137 };
}
