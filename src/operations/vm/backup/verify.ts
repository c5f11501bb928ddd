import { z } from 'zod';
import { backupPaths, damageOf, fullBackupName, storedBytes } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { inNames } from '../../../domain/marks.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { BackupField, madeBackup } from '../../backup-ref.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { patience } from '../../steps/units.ts';
import { clearReading, judgeBackup, readBackup, type Verification } from '../../steps/verify-backup.ts';
import { hostsWith } from './common.ts';

const Input = z.strictObject({ backup: BackupField });
type Input = z.infer<typeof Input>;

const Facts = z.object({
  backupId: z.string(),
  backup: z.string(),
  host: z.string(),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })),
  packed: z.array(z.string()),
  directory: z.string(),
  /** Of Hostler’s own on the host, so that the target isn’t written to. */
  into: z.string(),
});
type Facts = z.infer<typeof Facts>;

const Findings = z.object({
  sums: z.array(z.object({ path: z.string(), sha256: z.string() })),
  whole: z.boolean(),
});

export const backupVerify = defineChange({
  name: 'vm.backup.verify',
  summary: 'Read a backup from end to end: is it what was written?',
  details:
    'Works out the SHA-256 of each file anew, and unpacks each disk into nothing. A backup that is not what was written is marked as damaged, and this ends as failed.',
  input: Input,
  positional: ['backup'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm backup verify web-01.3'],
  facts: Facts,
  look: async (input: Input, context: ReadContext) => {
    const backup = madeBackup(context.rows, input.backup, context.team);
    return hostsWith(backup, null, context);
  },
  plan,
  steps: (facts, driver, settings, opId) => {
    const at = { driver, host: facts.host };
    const of: Verification = {
      ...facts,
      units: { sum: `hostler-${opId}-sums`, test: `hostler-${opId}-test` },
      forMs: patience(settings, facts.host),
    };
    return [...readBackup(at, of), judgeBackup(at, of), clearReading(at, of)];
  },
  begin: () => undefined,
  settle: (facts, end, rows, outputs, now) => {
    if (end === 'succeeded') return rows.backups.update(facts.backupId, { state: 'ready', verifiedAt: now });
    const found = Findings.safeParse(outputs.get('note-findings'));
    // One that was not read to its end may be whole.
    if (!found.success) return;
    const { sums, whole } = found.data;
    if (!whole || damageOf(facts.files, sums).length > 0) rows.backups.update(facts.backupId, { state: 'damaged' });
  },
  report: (facts) => ({
    facts: [{ name: 'Backup', value: `${facts.backup}: all of it is as it was written` }],
    buttons: [],
  }),
});

function plan(input: Input, context: PlanContext, hosts: readonly string[]): Draft<Facts> {
  const { rows, settings } = context;
  const backup = madeBackup(rows, input.backup, context.team);
  const name = fullBackupName(backup);
  if (backup.files.length === 0) {
    throw new BotError('wrong_state', `Backup ${name} was left unfinished by an operation that was stuck`, {
      hint: 'There is nothing to compare it with: make another.',
    });
  }
  const host = settings.hosts.find((each) => each.name === (context.pinned ?? hosts[0]));
  if (host === undefined) throw new BotError('not_found', `No host has backup ${name}`, { hint: 'Ask again.' });
  const { disks } = backupPaths(backup.directory, backup.id, backup.disks);
  return {
    facts: {
      backupId: backup.id,
      backup: name,
      host: host.name,
      files: [...backup.files],
      packed: disks.map(({ path }) => path),
      directory: backup.directory,
      into: `${host.directory}/${inNames(backup.id)}.check`,
    },
    title: `Verify backup ${name}`,
    verb: 'Verify',
    team: backup.team,
    subject: `backup:${name}`,
    host: host.name,
    vmId: null,
    risk: 'safe',
    locks: [`backup:${name}`],
    adds: NOTHING,
    notes: [`${formatSize(storedBytes(backup))} are read twice, on ${host.name}.`],
  };
}
