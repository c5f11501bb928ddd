/**
 * virsh command lines. Domains are always named by UUID and behind `--domain`, so that no name is ever taken for an option,
 * and the connection is always named, for `virsh` alone may mean another one.
 */
import type { Command, Stdin, TimeClass } from '../../domain/command.ts';
import type { Ran } from '../../operations/ports.ts';

/** The host's own libvirt, whoever asks. */
export const SYSTEM_URI = 'qemu:///system';

interface VirshOptions {
  readonly limit?: TimeClass;
  readonly stdin?: Stdin;
  readonly onFailure?: 'stop' | 'go-on';
}

export type Virsh = (args: readonly [string, ...string[]], options?: VirshOptions) => Command;

/** `virsh -c URI …`; a read unless told otherwise. */
export function virshFor(uri: string): Virsh {
  return (args, { limit = 'quick', stdin, onFailure } = {}) => ({
    argv: ['virsh', '-c', uri, ...args],
    limit,
    ...(stdin === undefined ? {} : { stdin }),
    ...(onFailure === undefined ? {} : { onFailure }),
  });
}

/** What virsh says where it finds no libvirt, and nothing else (recorded: virsh-libvirtd-stopped, virsh-chain-stopped). */
export const NO_LIBVIRT = 'failed to connect to the hypervisor';

/**
 * libvirt knows no such domain. virsh says `error: failed to get domain 'X'` (recorded: virsh-*-missing), libvirt itself
 * `Domain not found: …`. A host that can't be asked says something else.
 */
export function isNoDomain(ran: Ran): boolean {
  if (ran.exit !== 1 || ran.stderr.includes(NO_LIBVIRT)) return false;
  return /failed to get domain '|Domain not found/.test(ran.stderr);
}

/** Only a domain that runs has what was asked for. */
export function isNotRunning(ran: Ran): boolean {
  return ran.exit === 1 && /domain is not running/i.test(ran.stderr);
}
