/** What a failed command's output means, and what to do: the well-known ones. Texts as real hosts print them under LC_ALL=C. */
import type { Ran } from '../../operations/ports.ts';

/** `say` ends the sentence "… failed on kvm-1: ". */
export interface Diagnosis {
  readonly say: string;
  readonly hint: string | undefined;
}

interface Known {
  readonly pattern: RegExp;
  /** `$1` stands for the pattern's first group. */
  readonly say: string;
  readonly hint: string;
}

const SUDOERS = 'Put what `hostler host sudoers` prints into `/etc/sudoers.d/hostler` on that host.';
const KNOWN: readonly Known[] = [
  {
    pattern: /sudo: a (?:password|terminal) is required/,
    say: 'sudo wants a password, so the sudoers rule for this command is missing',
    hint: SUDOERS,
  },
  {
    pattern: /^(?:sudo: )?(?:Sorry, user .* is not allowed|\S+ is not in the sudoers file)/im,
    say: 'sudo does not allow this command',
    hint: SUDOERS,
  },
  {
    pattern:
      /Failed to connect socket to '([^']*libvirt[^']*)': Permission denied|authentication unavailable: no polkit agent/,
    say: 'libvirt does not let our user in',
    hint: 'Add that user to the group libvirt on the host (`usermod -aG libvirt USER`); Hostler logs in anew by itself when its link is next made.',
  },
  {
    pattern: /Failed to connect socket to '[^']*libvirt[^']*'|unable to connect to (?:server at|socket) '[^']*libvirt/i,
    say: 'libvirtd is not running',
    hint: 'Start it on the host: `systemctl start libvirtd.socket` (`virtqemud.socket` where libvirt is modular).',
  },
  {
    pattern: /Volume group "([^"]+)" not found/,
    say: 'volume group $1 is not there',
    hint: 'Look with `vgs` on the host; the name stands in its configuration.',
  },
  {
    pattern: /Pool (\S+) not found in Volume group|thin pool .*(?:not found|does not exist)/i,
    say: 'the thin pool is not there',
    hint: 'Look with `lvs` on the host; the name stands in its configuration.',
  },
  {
    pattern:
      /(?:hin pool (\S+) (?:is )?out of data space|free space in thin pool (\S+) reached threshold|No space left on device|insufficient free space|Insufficient free space|out of metadata space)/,
    say: 'the host has no storage space left',
    hint: 'Purge what is in the trash, remove snapshots, or extend the pool: `/storage` shows where it went.',
  },
  {
    pattern: /cannot set up guest memory|Cannot allocate memory/,
    say: 'the host has not enough free memory',
    hint: 'Stop a VM there, or place this one on another host.',
  },
  {
    pattern: /(?:cannot acquire|Timed out during operation: cannot acquire) state change lock/i,
    say: 'libvirt is busy with another act on this VM',
    hint: 'Wait until that has ended and try again.',
  },
  {
    pattern: /failed to get domain '([^']+)'/,
    say: 'libvirt knows no domain $1',
    hint: 'Compare with `virsh list --all` on the host: it was changed by hand, or is on another host.',
  },
  {
    pattern: /(?:failed to run command|sudo:) ['‘]?([^\s'’:]+)['’]?: (?:No such file or directory|command not found)/,
    say: '$1 is not installed there',
    hint: 'Install it; `hostler check` names all that a host needs.',
  },
  {
    pattern: /(?:^|: )([\w.-]+): (?:command )?not found/m,
    say: '$1 is not installed there',
    hint: 'Install it; `hostler check` names all that a host needs.',
  },
  {
    pattern: /Permission denied|must be (?:run as )?root/,
    say: 'the host denied us the permission',
    hint: `Our user there lacks a right. ${SUDOERS}`,
  },
];

/** Whether the command was ended by its time limit: 124 when it heeded SIGTERM, 137 when it took SIGKILL. */
export function wasTimedOut(exit: number | null): boolean {
  return exit === 124 || exit === 137;
}

/** Reads why a command failed. Falls back on the host's own last words. */
export function diagnose(ran: Ran): Diagnosis {
  if (wasTimedOut(ran.exit)) {
    return {
      say: `it was ended by its time limit after ${(ran.ms / 1000).toFixed(0)} s`,
      hint: 'If the host is only slow, raise its `limits`; else look what hangs there (libvirtd, a dead NFS mount).',
    };
  }
  const text = ran.stderr.trim() === '' ? ran.stdout : ran.stderr;
  for (const { pattern, say, hint } of KNOWN) {
    const match = pattern.exec(text);
    if (match !== null) return { say: say.replace('$1', match[1] ?? 'it'), hint };
  }
  if (ran.exit === 127)
    return {
      say: 'a program is not installed there',
      hint: 'Install it; `hostler check` names all that a host needs.',
    };
  const words =
    text
      .trim()
      .split('\n')
      .find((line) => /^\s*(?:error|ERROR)\b/.test(line)) ??
    text.trim().split('\n').at(-1) ??
    '';
  const plain = words.trim().replace(/^(?:error|ERROR):?\s+/, '');
  return { say: plain === '' ? `exit code ${ran.exit}` : plain.slice(0, 300), hint: undefined };
}

/** The last lines of stderr, or of stdout where stderr is empty: ten at most, for people. */
export function lastLines(ran: Pick<Ran, 'stdout' | 'stderr'>): string {
  const text = ran.stderr.trim() === '' ? ran.stdout : ran.stderr;
  return text.trimEnd().split('\n').slice(-10).join('\n').slice(-2000);
}
