import { z } from 'zod';
import { type Backup, fullBackupName } from '../../domain/backup.ts';
import { readyChain } from '../../domain/backup-chain.ts';
import { type Drill, type DrillVerdict, pickBy } from '../../domain/drill.ts';
import { BotError } from '../../domain/error.ts';
import type { Tone } from '../../domain/notice.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { Rows } from '../store.ts';

/** A drill that a command is about. */
export const DrillField = z
  .string()
  .regex(/^drill_[0-9A-Z]{26}$/, 'Give a drill’s id, such as drill_01J…: `/dr history` shows it.')
  .meta({ title: 'Drill', description: 'Its id, as `/dr history` shows it', choices: 'drill' });

export const VERDICT_TONE: Readonly<Record<DrillVerdict, Tone>> = {
  running: 'busy',
  passed: 'good',
  failed: 'bad',
  'broken-off': 'warn',
};
export const VERDICT_WORDS: Readonly<Record<DrillVerdict, string>> = {
  running: 'is under way',
  passed: 'passed',
  failed: 'failed',
  'broken-off': 'was broken off',
};

/** The newest backup of a VM that can be restored; undefined where it has none. */
export function newestBackup(rows: Rows, vm: Pick<Vm, 'id' | 'team'>): Backup | undefined {
  return rows.backups
    .list(vm.team)
    .find((backup) => backup.vmId === vm.id && readyChain(backup, rows.backups.byId).whole);
}

/** The same, where there must be one. */
export function backupToDrill(rows: Rows, vm: Vm): Backup {
  const found = newestBackup(rows, vm);
  if (found !== undefined) return found;
  const other = rows.backups.list(vm.team).find(({ vmId }) => vmId === vm.id);
  throw new BotError(
    'wrong_state',
    other === undefined
      ? `${fullName(vm)} has no backup, so there is nothing to restore`
      : `The newest backup of ${fullName(vm)} is ${fullBackupName(other)}, which is ${other.state}, and none is ready`,
    { field: 'vm', hint: `Make one: \`/vm backup now ${fullName(vm)}\`.` },
  );
}

/** One of the team's VMs that have a backup: another after each drill, and nobody can say which. Undefined where none has. */
export function anyVm(rows: Rows, team: string): Vm | undefined {
  const drilled: readonly Drill[] = rows.drills.list(team);
  const vms = rows.vms.list(team).filter((vm) => vm.life === 'live' && newestBackup(rows, vm) !== undefined);
  return pickBy(vms, ({ id }) => id, drilled[0]?.id ?? team);
}

/** The same, where there must be one. */
export function randomVm(rows: Rows, team: string): Vm {
  const vm = anyVm(rows, team);
  if (vm !== undefined) return vm;
  throw new BotError('wrong_state', `No VM of team ${team} has a backup that could be restored`, {
    hint: 'Make one: `/vm backup now`, or have them made: `/vm backup schedule`.',
  });
}
