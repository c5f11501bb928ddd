import { z } from 'zod';
import { type Backup, backupPaths, fullBackupName, storedBytes } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { BackupField, madeBackup } from '../../backup-ref.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { purgeFile } from '../../steps/volumes.ts';
import { hostsWith, lookAtTarget } from './common.ts';

const Input = z.strictObject({ backup: BackupField });
type Input = z.infer<typeof Input>;

const Facts = z.object({ backupId: z.string(), host: z.string(), paths: z.array(z.string()) });
type Facts = z.infer<typeof Facts>;

export const backupDelete = defineChange({
  name: 'vm.backup.delete',
  summary: 'Remove a backup’s files for good',
  details: 'There is no way back. Whoever asked for the backup may delete it, and the team’s leads.',
  input: Input,
  positional: ['backup'],
  permission: 'delete',
  risk: 'destructive',
  examples: ['/vm backup delete web-01.3'],
  facts: Facts,
  look: async (input: Input, context: ReadContext) =>
    hostFor(madeBackup(context.rows, input.backup, context.team), context),
  plan,
  steps: ({ host, paths }, driver) => paths.map((path) => purgeFile({ driver, host }, path)),
  begin: () => undefined,
  settle: ({ backupId }, end, rows) => {
    if (end === 'succeeded') rows.backups.forget(backupId);
    if (end === 'stuck') rows.backups.update(backupId, { state: 'faulted' });
  },
});

/** A host that has the files; where none has them any more, one that could have them, so that a row without files can go. */
async function hostFor(backup: Backup, context: ReadContext): Promise<string> {
  try {
    const [host] = await hostsWith(backup, null, context);
    if (host !== undefined) return host;
  } catch (cause) {
    if (!(cause instanceof BotError) || cause.code !== 'not_found') throw cause;
  }
  await lookAtTarget(backup.host, backup.directory, context);
  return backup.host;
}

function plan(input: Input, { rows, team, pinned }: PlanContext, host: string): Draft<Facts> {
  const backup = madeBackup(rows, input.backup, team);
  const name = fullBackupName(backup);
  const { disks, manifest, sums } = backupPaths(backup);
  const on = pinned ?? host;
  return {
    // The checksums go first: what is left of it then does not pass for a backup.
    facts: { backupId: backup.id, host: on, paths: [sums, ...disks.map(({ path }) => path), manifest] },
    title: `Delete backup ${name}`,
    verb: 'Delete',
    team: backup.team,
    subject: `backup:${name}`,
    host: on,
    vmId: null,
    risk: 'destructive',
    locks: [`backup:${name}`],
    adds: NOTHING,
    notes: [`${formatSize(storedBytes(backup))} are removed for good.`],
  };
}
