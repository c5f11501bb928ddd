import { z } from 'zod';
import { type Backup, backupPaths, fullBackupName, storedBytes } from '../../../domain/backup.ts';
import { buildingOn } from '../../../domain/backup-chain.ts';
import { BotError } from '../../../domain/error.ts';
import { snapTag } from '../../../domain/marks.ts';
import { NOTHING } from '../../../domain/plan.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import { BackupField, madeBackup } from '../../backup-ref.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { purgeFile, purgeVolume } from '../../steps/volumes.ts';
import type { Rows } from '../../store.ts';
import { hostsWith, lookAtTarget } from './common.ts';

const Input = z.strictObject({ backup: BackupField });
type Input = z.infer<typeof Input>;

const Facts = z.object({
  backupId: z.string(),
  name: z.string().default(''),
  host: z.string(),
  paths: z.array(z.string()),
  /** What is kept of it in its host’s pool. */
  base: z
    .object({ host: z.string(), tag: z.string(), volumes: z.array(z.object({ vg: z.string(), name: z.string() })) })
    .nullable()
    .default(null),
});
type Facts = z.infer<typeof Facts>;

export const backupDelete = defineChange({
  name: 'vm.backup.delete',
  summary: 'Remove a backup’s files for good',
  details:
    'There is no way back. One that others build on stays until those are deleted. Whoever asked for the backup may delete it, and the team’s leads.',
  input: Input,
  positional: ['backup'],
  permission: 'delete',
  risk: 'destructive',
  examples: ['/vm backup delete web-01.3'],
  facts: Facts,
  look: async (input: Input, context: ReadContext) =>
    hostFor(madeBackup(context.rows, input.backup, context.team), context),
  plan,
  steps: ({ host, paths, base }, driver) => [
    ...(base?.volumes ?? []).map((volume) =>
      purgeVolume({ driver, host: base?.host ?? host }, { ...volume, tag: base?.tag ?? '' }),
    ),
    ...paths.map((path) => purgeFile({ driver, host }, path)),
  ],
  // One that builds on it may have been begun since it was planned.
  begin: ({ backupId, name }, rows) => refuseBuiltOn(backupId, name, rows),
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

/** Throws where others can only be restored together with it. */
function refuseBuiltOn(id: string, name: string, rows: Rows): void {
  const others = buildingOn(id, rows.backups.list(null));
  const last = others.at(-1);
  if (last === undefined) return;
  throw new BotError(
    'conflict',
    `${others.length === 1 ? 'A backup builds' : `${others.length} backups build`} on ${name}, and can’t be restored without it: ${others.map(fullBackupName).join(', ')}`,
    {
      hint: `Delete ${others.length === 1 ? 'that' : 'those'} first, the last one first: \`/vm backup delete ${fullBackupName(last)}\`.`,
    },
  );
}

function plan(input: Input, { rows, team, pinned, settings }: PlanContext, host: string): Draft<Facts> {
  const backup = madeBackup(rows, input.backup, team);
  const name = fullBackupName(backup);
  refuseBuiltOn(backup.id, name, rows);
  const { disks, manifest, sums } = backupPaths(backup);
  const on = pinned ?? host;
  return {
    // The checksums go first: what is left of it then does not pass for a backup.
    facts: {
      backupId: backup.id,
      name,
      host: on,
      paths: [sums, ...disks.map(({ path }) => path), manifest],
      base: baseOf(backup, settings),
    },
    title: `Delete backup ${name}`,
    verb: 'Delete',
    team: backup.team,
    subject: `backup:${name}`,
    host: on,
    vmId: null,
    risk: 'destructive',
    locks: [`backup:${name}`],
    adds: NOTHING,
    notes: [
      `${formatSize(storedBytes(backup))} are removed for good.`,
      ...(backup.base === null
        ? []
        : ['The snapshot that the next one would build on goes with it: that one is a full one.']),
    ],
  };
}

/** A host that is gone from the configuration can't be asked to remove anything. */
function baseOf({ host, base }: Backup, { hosts }: Settings): Facts['base'] {
  if (base === null || !hosts.some(({ name }) => name === host)) return null;
  const volumes = base.disks.map(({ vg, volume }) => ({ vg, name: volume }));
  return { host, tag: snapTag(base.snapshot), volumes };
}
