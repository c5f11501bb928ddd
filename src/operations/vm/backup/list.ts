import { z } from 'zod';
import { decide } from '../../../domain/access.ts';
import { ago } from '../../../domain/ago.ts';
import { type Backup, backupName, fullBackupName, storedBytes } from '../../../domain/backup.ts';
import { formatRetention } from '../../../domain/retention.ts';
import { formatSize } from '../../../domain/size.ts';
import { diskBytes, fullName } from '../../../domain/vm.ts';
import { defineRead, type ReadContext } from '../../spec.ts';
import { splitRef, teamOf } from '../../vm-ref.ts';
import { VmField } from '../common.ts';

export const backupList = defineRead({
  name: 'vm.backup.list',
  summary: 'List backups: of a VM, or of all the team’s',
  details: 'Also those of VMs that are gone. A VM that was renamed has those of its old name too.',
  input: z.strictObject({ vm: VmField.optional() }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/vm backup list', '/vm backup list web-01'],
  read: async (input, context) => {
    const found = input.vm === undefined ? mayList(context) : ofVm(input.vm, context);
    const now = context.clock.now();
    return {
      notice: {
        tone: 'plain',
        title: `${input.vm === undefined ? 'Backups' : `Backups of ${input.vm}`}: ${found.length}`,
        lines: scheduled(context, input.vm),
        table: {
          columns: ['Backup', 'Taken', 'State', 'Kind', 'Holds', 'Disks', 'Stored', 'Verified', 'By'],
          rows: found.map((backup) => [
            fullBackupName(backup),
            ago(backup.takenAt, now),
            backup.state,
            `${backup.consistency}-consistent`,
            holds(backup, context),
            sizeOf(backup),
            backup.files.length === 0 ? '–' : formatSize(storedBytes(backup)),
            backup.verifiedAt === null ? 'never' : ago(backup.verifiedAt, now),
            backup.madeBy,
          ]),
          empty: 'No backup yet. `/vm backup now` makes one.',
        },
        buttons: [
          {
            label: 'Back up',
            press: { do: 'open', name: 'vm.backup.now', input: input.vm === undefined ? {} : { vm: input.vm } },
            style: 'primary',
          },
        ],
      },
      json: found.map(backupJson),
    };
  },
});

function mayList({ rows, settings, actor, team, all }: ReadContext): readonly Backup[] {
  if (team !== null && !all) return rows.backups.list(team);
  return settings.teams
    .filter(({ name }) => decide(actor, 'view', name).allowed)
    .flatMap(({ name }) => rows.backups.list(name));
}

/** Of the VM that has the name now, and of those that had it when they were made. */
function ofVm(text: string, { rows, team }: ReadContext): readonly Backup[] {
  const ref = splitRef(text, team);
  const owner = teamOf(ref);
  const id = rows.vms.byName(owner, ref.name)?.id;
  return rows.backups.list(owner).filter(({ vmId, vmName }) => vmId === id || vmName === ref.name);
}

/** What the schedule keeps of the VMs that are asked about. */
function scheduled({ rows, settings, actor, team, all }: ReadContext, text: string | undefined): string[] {
  const ref = text === undefined ? null : splitRef(text, team);
  return rows.backups.schedules().flatMap(({ vmId, retention }) => {
    const vm = rows.vms.byId(vmId);
    if (vm === null || vm.life === 'purged' || !settings.teams.some(({ name }) => name === vm.team)) return [];
    const meant =
      ref === null
        ? team === null || all
          ? decide(actor, 'view', vm.team).allowed
          : vm.team === team
        : vm.team === ref.team && vm.name === ref.name;
    return meant ? [`The schedule keeps ${formatRetention(retention)} of ${fullName(vm)}.`] : [];
  });
}

/** All of it, or what has changed since which other; and whether the next one can build on it. */
function holds({ parent, base }: Backup, { rows }: ReadContext): string {
  const on = parent === null ? null : rows.backups.byId(parent);
  const what = parent === null ? 'all' : `changes since ${on === null ? 'one that is gone' : backupName(on)}`;
  return base === null ? what : `${what}; its snapshot is kept for the next`;
}

function sizeOf(backup: Backup): string {
  return `${backup.disks.length} (${formatSize(diskBytes(backup))})`;
}

/** A backup as scripts read it. The definition may hold a console’s password, and stays where it is. */
function backupJson(backup: Backup): Record<string, unknown> {
  const { vm, vmName, number, ...rest } = backup;
  const { xml: _xml, ...was } = vm;
  return { name: fullBackupName(backup), ...rest, vm: `${backup.team}/${vmName}`, number, was };
}
