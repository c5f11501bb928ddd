import { z } from 'zod';
import { type Backup, backupName, fullBackupName } from '../domain/backup.ts';
import { BotError } from '../domain/error.ts';
import { nameFault, nearest } from '../domain/names.ts';
import type { Rows } from './store.ts';
import { splitRef, teamOf, type VmRef } from './vm-ref.ts';

const NUMBERED = /^(.*)\.([1-9]\d{0,8})$/;

/** How people name a backup: `web-01.3` in one's team, or `team-01/web-01.3`. */
const BackupRefText = z.string().superRefine((text, ctx) => {
  const { team, name } = splitRef(text, null);
  const vm = NUMBERED.exec(name)?.[1];
  const fault =
    vm === undefined
      ? `${JSON.stringify(text.slice(0, 60))} is no backup’s name. Give one such as web-01.3, or team-01/web-01.3.`
      : ((team === null ? undefined : nameFault('team name', team, 20)) ?? nameFault('VM name', vm, 40));
  if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault });
});

/** The backup that a command is about. */
export const BackupField = BackupRefText.meta({
  title: 'Backup',
  description: 'Its name, as `/vm backup list` shows it',
  choices: 'backup',
  placeholder: 'web-01.3',
});

function find(rows: Rows, { team, name }: VmRef): Backup | null {
  const [, vmName, number] = NUMBERED.exec(name) ?? [];
  return team === null || vmName === undefined ? null : rows.backups.byName(team, vmName, Number(number));
}

/** Who asked for it; null where there is none. */
export function makerOfBackup(rows: Rows, ref: VmRef): string | null {
  return find(rows, ref)?.madeBy ?? null;
}

/** The backup of that name, when it was made to its end. Throws `not_found` with near names. */
export function madeBackup(rows: Rows, text: string, team: string | null): Backup {
  const ref = splitRef(text, team);
  const owner = teamOf(ref);
  const found = find(rows, ref);
  if (found === null) {
    const near = nearest(ref.name, rows.backups.list(owner).map(backupName));
    throw new BotError('not_found', `Team ${owner} has no backup ${ref.name}`, {
      field: 'backup',
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : '`/vm backup list` shows what there is.',
    });
  }
  if (found.state === 'making') {
    throw new BotError('wrong_state', `Backup ${fullBackupName(found)} is still being made`, {
      hint: 'Wait until its card says that it is ready.',
    });
  }
  return found;
}
