import { z } from 'zod';
import { type Backup, backupPaths, damageOf, fullBackupName } from '../../../domain/backup.ts';
import { chainOf } from '../../../domain/backup-chain.ts';
import { BotError } from '../../../domain/error.ts';
import { inNames } from '../../../domain/marks.ts';
import type { HostSettings, Settings } from '../../../domain/settings.ts';
import type { End } from '../../spec.ts';
import { patience } from '../../steps/units.ts';
import type { Verification } from '../../steps/verify-backup.ts';
import type { Rows } from '../../store.ts';

/** A backup that is read from end to end on a host: all that the steps of `verify-backup` need. */
export const Reading = z.object({
  /** The backups that are read, the full one first: each with its own of the files. */
  chain: z
    .array(z.object({ backupId: z.string(), name: z.string().default(''), paths: z.array(z.string()) }))
    .default([]),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })),
  packed: z.array(z.string()),
  directory: z.string(),
  /** Of Hostler’s own on the host, so that the target isn’t written to. */
  into: z.string(),
});
export type Reading = z.infer<typeof Reading>;

/** A backup and all that it builds on. Throws where there is nothing to compare the files with. */
export function readingOf(backup: Backup, host: HostSettings, rows: Rows): Reading {
  const chain = chainOf(backup, rows.backups.byId);
  if (!chain.whole) {
    throw new BotError('wrong_state', `Backup ${fullBackupName(backup)} can’t be brought back: ${chain.why}`, {
      hint: 'Delete it, and make another.',
    });
  }
  const unfinished = chain.backups.find(({ files }) => files.length === 0);
  if (unfinished !== undefined) {
    throw new BotError(
      'wrong_state',
      `Backup ${fullBackupName(unfinished)} was left unfinished by an operation that was stuck`,
      {
        hint: 'There is nothing to compare it with: make another.',
      },
    );
  }
  return {
    chain: chain.backups.map((each) => ({
      backupId: each.id,
      name: fullBackupName(each),
      paths: each.files.map(({ path }) => path),
    })),
    files: chain.backups.flatMap(({ files }) => [...files]),
    packed: chain.backups.flatMap((each) => backupPaths(each).disks.map(({ path }) => path)),
    directory: backup.directory,
    into: `${host.directory}/${inNames(backup.id)}.check`,
  };
}

export function verificationOf(facts: Reading, settings: Settings, host: string, opId: string): Verification {
  return {
    ...facts,
    units: { sum: `hostler-${opId}-sums`, test: `hostler-${opId}-test` },
    forMs: patience(settings, host),
  };
}

const Findings = z.object({
  sums: z.array(z.object({ path: z.string(), sha256: z.string() })),
  whole: z.boolean(),
});

/** What the reading found goes into the backups’ rows. One that was not read to its end may be whole. */
export function settleFindings(
  { chain, files }: Pick<Reading, 'chain' | 'files'>,
  end: End,
  rows: Rows,
  outputs: ReadonlyMap<string, unknown>,
  now: number,
): void {
  if (end === 'succeeded') {
    for (const { backupId } of chain) rows.backups.update(backupId, { state: 'ready', verifiedAt: now });
    return;
  }
  const found = Findings.safeParse(outputs.get('note-findings'));
  if (!found.success) return;
  const { sums, whole } = found.data;
  const damaged = chain.filter(({ paths }) => {
    const own = files.filter(({ path }) => paths.includes(path));
    return damageOf(own, sums).length > 0;
  });
  // One of them can't be unpacked though all are as they were written: nobody can say which.
  const told = damaged.length > 0 ? damaged : whole ? [] : chain.slice(-1);
  for (const { backupId } of told) rows.backups.update(backupId, { state: 'damaged' });
}
