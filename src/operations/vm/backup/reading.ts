import { z } from 'zod';
import { type Backup, backupPaths, damageOf, fullBackupName } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { inNames } from '../../../domain/marks.ts';
import type { HostSettings, Settings } from '../../../domain/settings.ts';
import type { End } from '../../spec.ts';
import { patience } from '../../steps/units.ts';
import type { Verification } from '../../steps/verify-backup.ts';
import type { Rows } from '../../store.ts';

/** A backup that is read from end to end on a host: all that the steps of `verify-backup` need. */
export const Reading = z.object({
  backupId: z.string(),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })),
  packed: z.array(z.string()),
  directory: z.string(),
  /** Of Hostler’s own on the host, so that the target isn’t written to. */
  into: z.string(),
});
export type Reading = z.infer<typeof Reading>;

/** Throws where there is nothing to compare the files with. */
export function readingOf(backup: Backup, host: HostSettings): Reading {
  if (backup.files.length === 0) {
    throw new BotError(
      'wrong_state',
      `Backup ${fullBackupName(backup)} was left unfinished by an operation that was stuck`,
      {
        hint: 'There is nothing to compare it with: make another.',
      },
    );
  }
  const { disks } = backupPaths(backup);
  return {
    backupId: backup.id,
    files: [...backup.files],
    packed: disks.map(({ path }) => path),
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

/** What the reading found goes into the backup’s row. One that was not read to its end may be whole. */
export function settleFindings(
  facts: Pick<Reading, 'backupId' | 'files'>,
  end: End,
  rows: Rows,
  outputs: ReadonlyMap<string, unknown>,
  now: number,
): void {
  if (end === 'succeeded') {
    rows.backups.update(facts.backupId, { state: 'ready', verifiedAt: now });
    return;
  }
  const found = Findings.safeParse(outputs.get('note-findings'));
  if (!found.success) return;
  const { sums, whole } = found.data;
  if (!whole || damageOf(facts.files, sums).length > 0) rows.backups.update(facts.backupId, { state: 'damaged' });
}
