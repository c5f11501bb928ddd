/** The sudoers file of a host: the driver's root commands, and no more. */
import type { TimeLimits } from '../domain/command.ts';
import { FIND_CHANGES, READ_RANGES, READ_VOLUME, WRITE_RANGES, WRITE_VOLUME } from './backups/scripts.ts';
import { SYSTEM_URI } from './libvirt/virsh.ts';
import { mapperName } from './lvm/mapper.ts';
import { takeHeld } from './snapshots/held.ts';

const REPORT = '--reportformat json --units b --nosuffix -o *';

/**
 * The text of `/etc/sudoers.d/hostler` for the bot's user on a host with these limits and this volume group.
 * Throws RangeError for a user or group whose name sudo or LVM would refuse.
 *
 * sudo compares arguments as they were typed, so the tools stand here as in our command lines, without a path; only the command itself,
 * `timeout`, has one. The limits are enumerated: `[0-9]*` would match spaces too, and with them `timeout -k 5 1 sh …`.
 * Regular expressions would be stricter still, but Enterprise Linux 9 has a sudo without them.
 */
export function sudoersFor(user: string, limits: TimeLimits, vg: string): string {
  if (!/^[a-z_][a-z0-9_-]*$/.test(user)) throw new RangeError(`not the name of a user: ${user}`);
  if (!/^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/.test(vg)) throw new RangeError(`not the name of a volume group: ${vg}`);
  const rules: readonly (readonly [limit: keyof TimeLimits, command: string])[] = [
    ['quick', `lvs ${REPORT} ${vg}`],
    ['quick', `vgs ${REPORT} ${vg}`],
    ['normal', `lvcreate -y -kn -s -n * ${vg}/*`],
    ['normal', `bash -c ${literally(takeHeld(SYSTEM_URI, vg))} hostler *`],
    ['normal', `lvcreate -y -V *b --thinpool * ${vg}`],
    ['normal', `lvcreate -y -Wy -L *b -n * ${vg}`],
    ['normal', `lvextend -L *b ${vg}/*`],
    ['normal', `lvextend --poolmetadatasize *b ${vg}/*`],
    ['normal', `lvrename ${vg} * *`],
    ['normal', `lvremove -y -S * ${vg}`],
    ['normal', `lvchange --addtag * ${vg}/*`],
    ['normal', `lvchange --deltag * ${vg}/*`],
    ['long', `blkdiscard -z -o * /dev/${vg}/*`],
    ['long', `qemu-img convert -n --target-is-zero -O raw -f * /dev/${vg}/*`],
    ['long', `qemu-img convert -n -O raw -f * /dev/${vg}/*`],
    ['long', `qemu-img compare -f raw -F raw -T none -U /dev/${vg}/* /dev/${vg}/*`],
    ['long', `zstd -q -T0 -c -f -- /dev/${vg}/*`],
    ['long', `zstd -q -d -f --sparse -o /dev/${vg}/*`],
    ['long', `sha256sum -- /dev/${vg}/*`],
    ['quick', `dmsetup status ${mapperName(vg)}-*-tpool`],
    ['long', `bash -c ${literally(FIND_CHANGES)} hostler ${vg}/* ${mapperName(vg)}-*`],
    ...[READ_VOLUME, WRITE_VOLUME, READ_RANGES, WRITE_RANGES].map(
      (script) => ['long', `bash -c ${literally(script)} hostler /dev/${vg}/*`] as const,
    ),
  ];
  const lines = rules.map(
    ([limit, command]) => `${user} ALL=(root) NOPASSWD: /usr/bin/timeout -k 5 ${seconds(limits[limit])} ${command}`,
  );
  return `${header(user)}${lines.join('\n')}\n`;
}

/** A text of ours, none of whose characters means anything to sudoers: only this very text is let through. */
function literally(text: string): string {
  return text.replaceAll(/[\\,:=!*?[\]#]/g, '\\$&');
}

/** Which arguments a rule lets through, as sudo compares them (fnmatch): the source of a regular expression. */
export function rulePattern(rule: string): string {
  return rule.replaceAll(/\\(.)|\*|[.+?^${}()|[\]]/gs, (met: string, escaped: string | undefined) =>
    met === '*' ? '.*' : `\\${escaped ?? met}`.replace(/^\\(?=[,:=!#])/, ''),
  );
}

function seconds(limit: number): string {
  if (!Number.isSafeInteger(limit) || limit <= 0) throw new RangeError(`not a time limit in seconds: ${limit}`);
  return String(limit);
}

function header(user: string): string {
  return `# What Hostler does as root on this host, and no more. Written by \`hostler host sudoers\`; install it with
#     visudo -cf FILE && install -m 0440 FILE /etc/sudoers.d/hostler
# It holds for the time limits of this host's configuration: print it anew when they change.
#
# To be honest about what it is worth: ${user} is in group libvirt, and who may define domains is as good as root.
# Also, a \`*\` matches spaces, so these lines keep mistakes away rather than a thief of the bot's key. Guard that key.
#
# The tools are found by name, so the path to look in must not be the caller's.
Defaults:${user} !requiretty, secure_path="/usr/sbin:/usr/bin:/sbin:/bin"
`;
}
