/** What the guest's agent tells of its filesystems, and does for them. */
import { BotError } from '../../domain/error.ts';
import type { FilesystemSeen } from '../../domain/guest-filesystem.ts';
import type { DiskVerbs, Growth, Trim } from '../../operations/disk-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, lastWords, refused } from '../answer.ts';
import { EXEC_FORBIDDEN, SILENT } from './agent-ping.ts';
import { AGENT_TIMEOUT_S } from './agent-timeout.ts';
import { isNoDomain, isNotRunning, type Virsh } from './virsh.ts';

/**
 * The partition first, then what lies in it. growpart's 1 says that it is as large as can be already; where a guest has no growpart, sfdisk
 * and partx of util-linux do the same. What differs comes as arguments: nothing of a guest's is read as shell.
 */
const SCRIPT = [
  'PATH=$PATH:/usr/sbin:/sbin',
  'by_hand() { echo ", +" | sfdisk -q --force --no-reread --no-tell-kernel -N "$2" "$1" && partx -u --nr "$2" "$1"; }',
  'widen() { if command -v growpart >/dev/null; then growpart "$1" "$2" || [ $? = 1 ]; else by_hand "$1" "$2"; fi; }',
  'if [ -n "$2" ]; then widen "$1" "$2" || exit; fi',
  'case $3 in ext?) resize2fs "$1$2";; xfs) xfs_growfs "$4";; btrfs) btrfs filesystem resize max "$4";; esac',
].join('\n');

/** Seconds that a guest may trim: as long as the command may take by default. */
const TRIM_TIMEOUT_S = 600;

export function filesystemVerbs(virsh: Virsh): Pick<DiskVerbs, 'filesystems' | 'filesystemsOf' | 'grow' | 'trim'> {
  return {
    filesystems: (uuid) => ({
      title: `Ask the agent of domain ${uuid} for its filesystems`,
      commands: [virsh(['guestinfo', '--domain', uuid, '--filesystem'], { onFailure: 'go-on' })],
      parse: readFilesystems,
    }),
    filesystemsOf: (uuids) => ({
      title: `Ask the agents of ${uuids.length} guests for their filesystems`,
      commands: uuids.map((uuid) =>
        virsh(
          [
            `guest-agent-timeout --domain ${uuid} --timeout ${AGENT_TIMEOUT_S}; guestinfo --domain ${uuid} --filesystem`,
          ],
          { onFailure: 'go-on' },
        ),
      ),
      parse: (ran) => {
        const told = uuids.flatMap((uuid, index): [string, readonly FilesystemSeen[]][] => {
          const answer = answerTo(ran, index);
          const seen = answer.exit === 0 ? filesystemsIn(answer.stdout) : null;
          return seen === null ? [] : [[uuid, seen]];
        });
        return new Map(told);
      },
    }),
    grow: (uuid, what) => ({
      title: `Have the agent of domain ${uuid} grow ${what.mountpoint}`,
      commands: [
        virsh(['qemu-agent-command', '--domain', uuid, '--timeout', '10', '--cmd', execution(what)], {
          onFailure: 'go-on',
        }),
      ],
      parse: readGrow,
    }),
    trim: (uuid) => ({
      title: `Have the agent of domain ${uuid} trim its filesystems`,
      // It takes as long as it takes, whatever the agent was given for something else.
      commands: [
        virsh([`guest-agent-timeout --domain ${uuid} --timeout ${TRIM_TIMEOUT_S}; domfstrim --domain ${uuid}`], {
          limit: 'slow',
          onFailure: 'go-on',
        }),
      ],
      parse: readTrim,
    }),
  };
}

function execution({ disk, partition, type, mountpoint }: Growth): string {
  const given = ['hostler', disk, partition === null ? '' : String(partition), type, mountpoint];
  return JSON.stringify({ execute: 'guest-exec', arguments: { path: '/bin/sh', arg: ['-c', SCRIPT, ...given] } });
}

export function readFilesystems(ran: readonly Ran[]): readonly FilesystemSeen[] | null {
  const answer = answerTo(ran);
  if (answer.exit !== 0) {
    if (SILENT.test(answer.stderr) || isNoDomain(answer) || isNotRunning(answer)) return null;
    throw refused('Asking the guest agent for its filesystems', answer);
  }
  return filesystemsIn(answer.stdout);
}

/** Null where it says nothing at all: an agent that hangs is no error to `virsh guestinfo` (recorded: virsh-guestinfo-filesystem-hung). */
function filesystemsIn(stdout: string): readonly FilesystemSeen[] | null {
  const fields = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, key, value] = /^(fs\.\S+)\s*: ?(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, value);
  }
  if (!fields.has('fs.count')) return null;
  const number = (key: string) => Number(fields.get(key) ?? 0);
  return Array.from({ length: number('fs.count') }, (_, at): FilesystemSeen => {
    const of = (key: string) => fields.get(`fs.${at}.${key}`) ?? '';
    return {
      mountpoint: of('mountpoint'),
      type: of('fstype'),
      name: of('name'),
      totalBytes: number(`fs.${at}.total-bytes`),
      usedBytes: fields.has(`fs.${at}.used-bytes`) ? number(`fs.${at}.used-bytes`) : null,
      on: Array.from({ length: number(`fs.${at}.disk.count`) }, (__, disk) => ({
        device: of(`disk.${disk}.device`),
        target: of(`disk.${disk}.alias`),
      })),
    };
  });
}

function readGrow(ran: readonly Ran[]): void {
  const answer = answerTo(ran);
  if (answer.exit === 0) return;
  if (EXEC_FORBIDDEN.test(answer.stderr)) {
    throw new BotError('wrong_state', 'The guest’s agent may not run commands', {
      hint: 'Enterprise Linux forbids it by default: type what the plan says in the guest.',
      cause: { line: answer.line, stderr: answer.stderr },
    });
  }
  throw refused('Having the guest’s agent grow the filesystem', answer);
}

/** Whatever kept one guest from it is told, and keeps no other from it. */
export function readTrim(ran: readonly Ran[]): Trim {
  const answer = answerTo(ran);
  if (answer.exit === 0) return { trimmed: true };
  if (isNoDomain(answer)) return { trimmed: false, why: 'its host knows no such domain' };
  if (isNotRunning(answer)) return { trimmed: false, why: 'it does not run' };
  if (SILENT.test(answer.stderr)) return { trimmed: false, why: 'its agent does not answer' };
  return { trimmed: false, why: lastWords(answer) };
}
