/** Backups of VMs: what one holds, what it is called, and which files it has on the target. */
import { z } from 'zod';
import { inNames } from './marks.ts';
import { nameAt } from './place.ts';
import type { Consistency } from './snapshot.ts';

/** `damaged`: a verification found that its files are not what was written. `faulted`: its operation was stuck. */
export const BACKUP_STATES = ['making', 'ready', 'damaged', 'faulted'] as const;
export type BackupState = (typeof BACKUP_STATES)[number];
export const BACKUP_ORIGINS = ['person', 'schedule'] as const;

export interface BackupDisk {
  /** `vda` … */
  readonly target: string;
  readonly sizeBytes: number;
  /** What it held of that, as near as the host told. */
  readonly heldBytes: number;
}

/** One file of a backup, as it was when it was written. */
export interface BackupFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** What the VM was, beyond its disks: enough to make it again. */
export const BackupVm = z.object({
  uuid: z.string(),
  vcpus: z.number(),
  memoryBytes: z.number(),
  flavor: z.string(),
  image: z.string().nullable(),
  login: z.string().nullable(),
  network: z.string(),
  mac: z.string(),
  autostart: z.boolean(),
  /** It had a seed with its name and ssh keys. */
  seeded: z.boolean(),
  /** Its definition, as libvirt kept it. */
  xml: z.string(),
});
export type BackupVm = z.infer<typeof BackupVm>;

/** The snapshot that a backup was read from, kept on its host so that the next one need only read what has changed since. */
export interface BackupBase {
  readonly snapshot: string;
  readonly disks: readonly { readonly target: string; readonly vg: string; readonly volume: string }[];
}

export interface Backup {
  readonly id: string;
  readonly vmId: string;
  readonly team: string;
  /** The VM's name when it was made. */
  readonly vmName: string;
  /** Counts the backups of a VM of that name in the team. */
  readonly number: number;
  /** Where it was made. */
  readonly host: string;
  /** The directory of the target that it lies in. */
  readonly directory: string;
  readonly origin: (typeof BACKUP_ORIGINS)[number];
  readonly state: BackupState;
  readonly consistency: Consistency;
  /** The public key of age's that its disks are encrypted to; null where they are not. */
  readonly encryptedTo: string | null;
  readonly disks: readonly BackupDisk[];
  readonly vm: BackupVm;
  /** Empty until it is ready. */
  readonly files: readonly BackupFile[];
  readonly madeBy: string;
  /** The moment that its disks show. */
  readonly takenAt: number;
  /** When its files were last seen to be whole; null for never since they were written. */
  readonly verifiedAt: number | null;
  /** A file of the VM that was the same before and after that moment; null where none was, or nobody asked for one. */
  readonly marker: Marker | null;
  /** The backup that it holds the changes since; null for a full one. */
  readonly parent: string | null;
  /** Null where nothing is kept of it on its host. */
  readonly base: BackupBase | null;
}

export const Marker = z.object({ path: z.string(), sha256: z.string() });
export type Marker = z.infer<typeof Marker>;

/** `web-01.3`: the third of the VM web-01. */
export function backupName({ vmName, number }: Pick<Backup, 'vmName' | 'number'>): string {
  return `${vmName}.${number}`;
}

/** `team-01/web-01.3`. */
export function fullBackupName(backup: Pick<Backup, 'team' | 'vmName' | 'number'>): string {
  return `${backup.team}/${backupName(backup)}`;
}

/** The next backup's number: above all that there are, so that a name is not used twice while anybody may remember it. */
export function nextNumber(existing: readonly Pick<Backup, 'number'>[]): number {
  return Math.max(0, ...existing.map(({ number }) => number)) + 1;
}

/** What its files' names are made of. */
export interface BackupAt extends Pick<Backup, 'directory' | 'id' | 'encryptedTo' | 'parent'> {
  readonly disks: readonly Pick<BackupDisk, 'target'>[];
}

/** Its files by what they hold. Names bear its id, which was minted with the plan: what is called so is ours. */
export interface BackupPaths {
  readonly disks: readonly { readonly target: string; readonly path: string }[];
  /** JSON: the VM as it was, its definition and disks. */
  readonly manifest: string;
  /** What `sha256sum` said of all the others. It comes last: a backup without it is not whole. */
  readonly sums: string;
}

export function backupPaths({ directory, id, disks, encryptedTo, parent }: BackupAt): BackupPaths {
  const base = `${directory}/${inNames(id)}`;
  // An increment unpacked onto a disk as if it were all of it would ruin the disk: its name says what it is.
  const kind = parent === null ? '' : 'changes.';
  const ending = encryptedTo === null ? 'zst' : `zst${ENCRYPTED}`;
  return {
    disks: disks.map(({ target }) => ({ target, path: `${base}-${target}.${kind}${ending}` })),
    manifest: `${base}.json`,
    sums: `${base}.sha256`,
  };
}

const ENCRYPTED = '.age';

/** By a file's name. */
export function isEncrypted(path: string): boolean {
  return path.endsWith(ENCRYPTED);
}

/** What a backup takes on the target. */
export function storedBytes({ files }: Pick<Backup, 'files'>): number {
  let sum = 0;
  for (const { sizeBytes } of files) sum += sizeBytes;
  return sum;
}

/** What its disks take of a thin pool when they are put back. */
export function heldBytes({ disks }: { readonly disks: readonly Pick<BackupDisk, 'heldBytes'>[] }): number {
  let sum = 0;
  for (const disk of disks) sum += disk.heldBytes;
  return sum;
}

/** How files differ from what was written, in people's words; empty where all are as they were. */
export function damageOf(
  expected: readonly BackupFile[],
  found: readonly { readonly path: string; readonly sha256: string }[],
): string[] {
  return expected.flatMap(({ path, sha256 }) => {
    // By its name: where it was worked out on another machine, its path is that one's.
    const name = nameAt(path);
    const now = found.find((each) => nameAt(each.path) === name);
    if (now === undefined) return [`${name} is gone, or can’t be read`];
    return now.sha256 === sha256 ? [] : [`${name} is not what was written: its SHA-256 is another`];
  });
}
