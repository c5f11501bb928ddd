/** The answers to the domain verbs: a domain that isn't there is an answer, all else that failed is a fault. */
import type { DomainSeen } from '../../domain/inventory.ts';
import type { AddressSeen } from '../../operations/driver.ts';
import type { NamedMarks } from '../../operations/mark-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, refused, unreadable } from '../answer.ts';
import { parseDomain } from './domain-xml.ts';
import { domainSeen, readDomstats } from './domstats.ts';
import { readMarks } from './metadata.ts';
import { eachOnce, parseAddresses } from './parse.ts';
import { isNoDomain, isNotRunning } from './virsh.ts';

/** The answer of the only command, or null where there is no such domain. Throws host_fault for another refusal. */
function foundIn(ran: readonly Ran[], act: string): Ran | null {
  const answer = answerTo(ran);
  if (answer.exit === 0) return answer;
  if (isNoDomain(answer)) return null;
  throw refused(act, answer);
}

export function readLook(uuid: string, ran: readonly Ran[]): DomainSeen | null {
  const answer = foundIn(ran, 'Looking at the domain');
  if (answer === null) return null;
  const [stats] = readDomstats(answer.stdout).values();
  if (stats === undefined) throw unreadable('Looking at the domain', answer);
  return domainSeen(uuid, stats);
}

/** The first document of virt-install's answer. */
export function readTemplate(ran: readonly Ran[]): string {
  const answer = answerTo(ran);
  const end = answer.stdout.indexOf('</domain>');
  const start = answer.stdout.indexOf('<domain');
  if (start < 0 || end < 0) throw unreadable('Asking virt-install for a template', answer);
  const xml = `${answer.stdout.slice(start, end)}</domain>\n`;
  parseDomain(xml);
  return xml;
}

/** libvirt refuses to give a domain the name that it has, which for us is the aim. */
export function readRename(ran: readonly Ran[]): void {
  const answer = answerTo(ran, 2);
  if (answer.exit !== 0 && !/rename domain to itself/i.test(answer.stderr))
    throw refused('Renaming the domain', answer);
}

export function readAutostart(ran: readonly Ran[]): boolean | null {
  return readKept(ran)?.autostart ?? null;
}

export function readKept(ran: readonly Ran[]): { readonly persistent: boolean; readonly autostart: boolean } | null {
  const answer = foundIn(ran, 'Reading autostart');
  if (answer === null) return null;
  const autostart = /^Autostart:\s+(enable|disable)$/m.exec(answer.stdout)?.[1];
  const persistent = /^Persistent:\s+(yes|no)$/m.exec(answer.stdout)?.[1];
  if (autostart === undefined || persistent === undefined) throw unreadable('Reading autostart', answer);
  return { persistent: persistent === 'yes', autostart: autostart === 'enable' };
}

export function readXml(ran: readonly Ran[]): string | null {
  const answer = foundIn(ran, 'Reading the XML');
  if (answer === null) return null;
  parseDomain(answer.stdout);
  return answer.stdout;
}

/** The ways to a guest's addresses, in this order. */
export const ADDRESS_SOURCES = ['agent', 'lease', 'arp'] as const;

/**
 * Each source may fail for its own reason (no agent, not a libvirt network), which is no fault of the host:
 * only when none could be asked, for want of libvirt or of time, is the first one's refusal told.
 */
export function readAddresses(ran: readonly Ran[]): readonly AddressSeen[] {
  const [first] = ran;
  const asked = ran.some((answer) => answer.exit === 0 || isNoDomain(answer) || isNotRunning(answer));
  if (first !== undefined && !asked) throw refused('Reading the addresses', first);
  return eachOnce(
    ADDRESS_SOURCES.flatMap((source, index) => {
      const answer = answerTo(ran, index);
      return answer.exit === 0 ? parseAddresses(answer.stdout, source) : [];
    }),
  );
}

export function readDisplay(ran: readonly Ran[]): string | null {
  const answer = answerTo(ran);
  if (answer.exit !== 0) {
    const none = isNoDomain(answer) || isNotRunning(answer) || /Failed to get VNC port/.test(answer.stderr);
    if (none) return null;
    throw refused('Reading the VNC display', answer);
  }
  const display = answer.stdout.trim();
  return display === '' ? null : display;
}

/** What QEMU takes a disk to hold, where it runs; null where there is no such domain or disk. */
export function readDiskBytes(ran: readonly Ran[]): number | null {
  const answer = answerTo(ran);
  if (answer.exit !== 0) {
    if (isNoDomain(answer) || /invalid argument: invalid path/.test(answer.stderr)) return null;
    throw refused('Reading the size of the disk', answer);
  }
  const bytes = /^Capacity:\s+(\d+)$/m.exec(answer.stdout)?.[1];
  if (bytes === undefined) throw unreadable('Reading the size of the disk', answer);
  return Number(bytes);
}

export function readMarksIn(ran: readonly Ran[]): NamedMarks | null {
  const answer = foundIn(ran, 'Reading the marks');
  return answer === null ? null : readMarks(parseDomain(answer.stdout));
}
