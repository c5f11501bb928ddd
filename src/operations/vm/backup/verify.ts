import { z } from 'zod';
import { fullBackupName, storedBytes } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize } from '../../../domain/size.ts';
import { BackupField, madeBackup } from '../../backup-ref.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { clearReading, judgeBackup, readBackup } from '../../steps/verify-backup.ts';
import { hostsWith, mustBeReadable } from './common.ts';
import { Reading, readingOf, settleFindings, verificationOf } from './reading.ts';

const Input = z.strictObject({ backup: BackupField });
type Input = z.infer<typeof Input>;

const Facts = Reading.extend({ backup: z.string(), host: z.string() });
type Facts = z.infer<typeof Facts>;

export const backupVerify = defineChange({
  name: 'vm.backup.verify',
  summary: 'Read a backup from end to end: is it what was written?',
  details:
    'Works out the SHA-256 of each file anew, and unpacks each disk into nothing; of a backup of what has changed, also those that it builds on. A backup that is not what was written is marked as damaged, and this ends as failed.',
  input: Input,
  positional: ['backup'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm backup verify web-01.3'],
  facts: Facts,
  look: async (input: Input, context: ReadContext) => {
    const backup = madeBackup(context.rows, input.backup, context.team);
    mustBeReadable(backup, context.settings, context.rows);
    return hostsWith(backup, null, context);
  },
  plan,
  steps: (facts, driver, settings, opId) => {
    const at = { driver, host: facts.host };
    const of = verificationOf(facts, settings, facts.host, opId);
    return [...readBackup(at, of), judgeBackup(at, of), clearReading(at, of)];
  },
  begin: () => undefined,
  settle: settleFindings,
  report: (facts) => ({
    facts: [{ name: 'Backup', value: `${facts.backup}: all of it is as it was written` }],
    buttons: [],
  }),
});

function plan(input: Input, context: PlanContext, hosts: readonly string[]): Draft<Facts> {
  const { rows, settings } = context;
  const backup = madeBackup(rows, input.backup, context.team);
  const name = fullBackupName(backup);
  const host = settings.hosts.find((each) => each.name === (context.pinned ?? hosts[0]));
  if (host === undefined) throw new BotError('not_found', `No host has backup ${name}`, { hint: 'Ask again.' });
  const reading = readingOf(backup, host, rows);
  const bytes = storedBytes(reading);
  const { length } = reading.chain;
  return {
    facts: { ...reading, backup: name, host: host.name },
    title: `Verify backup ${name}`,
    verb: 'Verify',
    team: backup.team,
    subject: `backup:${name}`,
    host: host.name,
    vmId: null,
    risk: 'safe',
    locks: [`backup:${name}`],
    adds: NOTHING,
    notes: [
      `${formatSize(bytes)} are read twice, on ${host.name}${length === 1 ? '' : `: its own and those of the ${length - 1} that it builds on`}.`,
    ],
  };
}
