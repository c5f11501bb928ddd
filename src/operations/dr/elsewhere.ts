import { type Backup, fullBackupName } from '../../domain/backup.ts';
import { BotError } from '../../domain/error.ts';
import type { Settings } from '../../domain/settings.ts';
import { fullName, type Vm } from '../../domain/vm.ts';

/**
 * Of the hosts that see a backup those that prove something: the VM's own is not among them, for what is drilled is its loss. Throws
 * where none is left, and says what to do.
 */
export function hostsElsewhere(
  seen: readonly string[],
  of: {
    readonly vm: Vm;
    readonly backup: Backup;
    readonly settings: Pick<Settings, 'hosts'>;
    readonly sameHost: boolean;
  },
): readonly string[] {
  const { vm, backup, settings, sameHost } = of;
  const only = settings.hosts.length === 1;
  if (sameHost && !only) {
    throw new BotError('invalid_input', '--same-host is for where there is one host only', {
      field: 'sameHost',
      hint: `Leave it out: the drill is on another host than ${vm.host}.`,
    });
  }
  if (sameHost) return seen;
  const others = seen.filter((name) => name !== vm.host);
  if (others.length > 0) return others;
  throw new BotError(
    'wrong_state',
    `No host but ${vm.host}, where ${fullName(vm)} is, has the files of its backup ${fullBackupName(backup)}`,
    {
      hint: only
        ? 'There is one host only. `--same-host` drills there: that proves that the backup can be restored, and not that the host can be lost.'
        : `If ${vm.host} were lost, nobody could restore it. Mount the share of ${backup.directory} on another host.`,
    },
  );
}
