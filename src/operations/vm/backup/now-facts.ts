/** What `/vm backup now` takes, and what is kept of its plan and of what came of it. */
import { z } from 'zod';
import {
  type BackupBase,
  type BackupFile,
  type BackupPaths,
  BackupVm,
  backupPaths,
  type Marker,
} from '../../../domain/backup.ts';
import { CONSISTENCIES } from '../../../domain/snapshot.ts';
import { TakeFacts } from '../../snapshot/common.ts';
import { changesText } from '../../steps/changes.ts';
import { VmField } from '../common.ts';

export const Input = z.strictObject({
  vm: VmField,
  freeze: z
    .boolean()
    .default(true)
    .meta({ title: 'Freeze', description: 'Freeze the guest’s filesystems for the moment, where its agent can' }),
  full: z
    .boolean()
    .default(false)
    .meta({ title: 'Full', description: 'All of the disks, not only what has changed since the last backup' }),
});
export type Input = z.infer<typeof Input>;

const Base = z.object({
  snapshot: z.string(),
  disks: z.array(z.object({ target: z.string(), vg: z.string(), volume: z.string() })),
});

export const Facts = TakeFacts.extend({
  consistency: z.enum(CONSISTENCIES),
  madeBy: z.string(),
  origin: z.enum(['person', 'schedule']),
  backupId: z.string(),
  directory: z.string(),
  was: BackupVm,
  held: z.array(z.number()),
  pool: z.string().default(''),
  /** Hostler’s own directory on the host. */
  scratch: z.string().default(''),
  /** The backup that it builds on, and what is read to find what has changed; null: it is a full one. */
  since: z
    .object({ id: z.string(), name: z.string(), chain: z.array(z.string()), base: Base })
    .nullable()
    .default(null),
  /** The snapshot stays for the next one. */
  keepsBase: z.boolean().default(false),
  /** What is kept of earlier ones, and goes when this one is there. */
  bases: z.array(z.object({ id: z.string(), base: Base })).default([]),
  encryptedTo: z.string().nullable().default(null),
  /** A file whose checksum is noted; null where none is asked for, or no agent answers. */
  marker: z.string().nullable().default(null),
});
export type Facts = z.infer<typeof Facts>;

const Changed = z.object({ ranges: z.number(), bytes: z.number() });
const Summed = z.object({
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })),
});

/** Each file with its checksum, as the host worked it out. */
export function filesOf(outputs: ReadonlyMap<string, unknown>): BackupFile[] {
  return Summed.parse(outputs.get('sum-files')).files;
}

const Read = z.object({ sha256: z.string() });

/** Null where it was not the same before and after, or could not be read. */
export function markerOf({ marker: path }: Facts, outputs: ReadonlyMap<string, unknown>): Marker | null {
  const [before, after] = ['before', 'after'].map((when) => Read.safeParse(outputs.get(`read-marker-${when}`)).data);
  if (path === null || before === undefined || before.sha256 !== after?.sha256) return null;
  return { path, sha256: before.sha256 };
}

export function pathsOf(facts: Facts): BackupPaths {
  return backupPaths({ ...facts, id: facts.backupId, parent: facts.since?.id ?? null });
}

/** The snapshot that was read, where it stays. */
export function baseOf({ snapshotId, disks }: Facts): BackupBase {
  return { snapshot: snapshotId, disks: disks.map(({ target, vg, volume }) => ({ target, vg, volume })) };
}

export function plainBase({ snapshot, disks }: BackupBase): z.infer<typeof Base> {
  return { snapshot, disks: disks.map((disk) => ({ ...disk })) };
}

/** How much it read where it reads what has changed. */
export function changedText({ disks }: Facts, outputs: ReadonlyMap<string, unknown>): string {
  const found = disks.flatMap(({ target }) => Changed.safeParse(outputs.get(`find-changes:${target}`)).data ?? []);
  const sum = (of: (each: z.infer<typeof Changed>) => number) => found.reduce((all, each) => all + of(each), 0);
  return changesText({ ranges: sum(({ ranges }) => ranges), bytes: sum(({ bytes }) => bytes) });
}
