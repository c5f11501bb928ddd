/** Disks of domains that are there: read from both definitions, put in, taken out, counted. */

import type { DiskCounters } from '../../domain/disk-io.ts';
import { BotError } from '../../domain/error.ts';
import type { DiskSeen, DisksSeen, DiskVerbs } from '../../operations/disk-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, nothing, refused, unreadable } from '../answer.ts';
import { diskElement } from './devices.ts';
import { parseDomain } from './domain-xml.ts';
import { filesystemVerbs } from './filesystems.ts';
import { parseDomstats } from './parse.ts';
import { isNoDomain, isNotRunning, type Virsh } from './virsh.ts';
import { buildXml, child, type Element, el, elements, parseXml, replaced, textOf } from './xml.ts';

export function diskVerbs(virsh: Virsh): DiskVerbs {
  // In two commands, for in one virsh refuses both where the disk is in one of them already: after a call that was cut off, or where a
  // guest has not let go of what its definition has lost.
  const attach = (uuid: string, where: '--config' | '--live', xml: string) =>
    virsh(['attach-device', '--domain', uuid, '--file', '/dev/stdin', where], {
      limit: 'normal',
      stdin: { kind: 'text', text: xml, label: 'disk XML' },
      onFailure: 'go-on',
    });
  // By its source, which is nobody else's: at the target may be another by now.
  const detach = (uuid: string, where: '--config' | '--live', source: string) =>
    virsh(['detach-disk', '--domain', uuid, '--target', source, where], { limit: 'normal', onFailure: 'go-on' });
  return {
    xmlOf: ({ target, source, serial }) =>
      buildXml(diskElement({ target, path: source, source: 'block', device: 'disk', readonly: false, serial })),
    moved,
    behind,
    serialIn: (xml) => serialOf(diskOf(xml)),
    seen: (uuid) => ({
      title: `Read the disks of domain ${uuid}`,
      commands: [
        virsh(['dumpxml', '--domain', uuid], { onFailure: 'go-on' }),
        virsh(['dumpxml', '--domain', uuid, '--inactive'], { onFailure: 'go-on' }),
      ],
      parse: readDisks,
    }),
    attach: (uuid, { target, xml }) => ({
      title: `Attach disk ${target} to domain ${uuid}`,
      commands: [attach(uuid, '--config', xml), attach(uuid, '--live', xml)],
      parse: (ran) => {
        readAttach('definition', answerTo(ran));
        readAttach('running domain', answerTo(ran, 1));
      },
    }),
    plug: (uuid, { target, xml }) => ({
      title: `Plug disk ${target} into domain ${uuid}`,
      commands: [attach(uuid, '--live', xml)],
      parse: (ran) => readAttach('running domain', answerTo(ran)),
    }),
    detach: (uuid, { target, source }) => ({
      title: `Detach disk ${target} from domain ${uuid}`,
      commands: [detach(uuid, '--live', source), detach(uuid, '--config', source)],
      parse: (ran) => readDetach(target, ran),
    }),
    redefine: (uuid, { target, xml }) => ({
      title: `Change disk ${target} in the definition of domain ${uuid}`,
      commands: [
        virsh(['update-device', '--domain', uuid, '--file', '/dev/stdin', '--config'], {
          limit: 'normal',
          stdin: { kind: 'text', text: xml, label: 'disk XML' },
        }),
      ],
      parse: nothing,
    }),
    counters: (uuid) => ({
      title: `Read the disk counters of domain ${uuid}`,
      commands: [virsh(['domstats', '--nowait', '--state', '--block', '--domain', uuid], { onFailure: 'go-on' })],
      parse: readCounters,
    }),
    ...filesystemVerbs(virsh),
  };
}

function moved(xml: string, target: string, serial?: string): string {
  const disk = withAttribute(diskOf(xml), 'target', 'dev', target);
  return buildXml(serial === undefined ? disk : replaced(disk, 'serial', [el('serial', {}, serial)]));
}

function behind(xml: string, source: string): string {
  return buildXml(withAttribute(diskOf(xml), 'source', 'dev', source));
}

function diskOf(xml: string): Element {
  try {
    const disk = parseXml(xml);
    if (disk.name === 'disk') return disk;
  } catch (cause) {
    throw new BotError('host_fault', 'The XML of a disk can’t be read', { cause });
  }
  throw new BotError('host_fault', 'What should be the XML of a disk is another device’s');
}

function withAttribute(disk: Element, name: string, attribute: string, value: string): Element {
  const part = child(disk, name);
  if (part === undefined) throw new BotError('host_fault', `The XML of a disk has no ${name}`);
  return replaced(disk, name, [{ ...part, attributes: { ...part.attributes, [attribute]: value } }]);
}

export function readDisks(ran: readonly Ran[]): DisksSeen | null {
  const domains: Element[] = [];
  for (const answer of [answerTo(ran), answerTo(ran, 1)]) {
    if (isNoDomain(answer)) return null;
    if (answer.exit !== 0) throw refused('Reading the disks', answer);
    domains.push(parseDomain(answer.stdout, { printed: true }));
  }
  const [now, kept] = domains;
  if (now === undefined || kept === undefined) return null;
  // Only a domain that runs has an id; without one, both are its definition.
  return { live: now.attributes.id === undefined ? null : disksIn(now), kept: disksIn(kept) };
}

/** CD-ROMs and floppies are left out: nothing of a VM's own lies there. */
function disksIn(domain: Element): DiskSeen[] {
  const devices = child(domain, 'devices');
  const disks = (devices === undefined ? [] : elements(devices, 'disk')).filter(
    ({ attributes }) => attributes.device !== 'cdrom' && attributes.device !== 'floppy',
  );
  return disks.map((disk, index) => {
    const source = child(disk, 'source')?.attributes ?? {};
    const placed = without(disk, ['alias', 'backingStore', 'mirror']);
    return {
      target: child(disk, 'target')?.attributes.dev ?? '',
      source: source.dev ?? source.file ?? null,
      boot: index === 0 || child(disk, 'boot') !== undefined,
      mirror: mirrorOf(disk),
      serial: serialOf(disk),
      xml: buildXml(without(placed, ['address'])),
      placed: buildXml(placed),
    };
  });
}

function mirrorOf(disk: Element): DiskSeen['mirror'] {
  const mirror = child(disk, 'mirror');
  if (mirror === undefined) return null;
  return { to: child(mirror, 'source')?.attributes.dev ?? null, ready: mirror.attributes.ready === 'yes' };
}

function serialOf(disk: Element): string | null {
  const serial = textOf(child(disk, 'serial'));
  return serial === '' ? null : serial;
}

function without(disk: Element, names: readonly string[]): Element {
  return names.reduce((rest, name) => replaced(rest, name, []), disk);
}

/** What is at the target already is content, as is a domain that is off: what there is, a look tells. */
function readAttach(to: 'definition' | 'running domain', answer: Ran): void {
  const there = /target '?\S+?'? (already exists|duplicated)/.test(answer.stderr);
  const off = to === 'running domain' && isNotRunning(answer);
  if (answer.exit !== 0 && !there && !off) throw refused(`Attaching the disk to the ${to}`, answer);
}

function readDetach(target: string, ran: readonly Ran[]): void {
  const [live, kept] = [answerTo(ran), answerTo(ran, 1)];
  const gone = (answer: Ran) => /No disk found whose source path or target is/.test(answer.stderr);
  if (/rejected by the guest/.test(live.stderr)) {
    throw new BotError('wrong_state', `The guest refuses to let go of ${target}`, {
      hint: 'Something in it still uses the disk: unmount it there, and ask again.',
      cause: { line: live.line, stderr: live.stderr },
    });
  }
  // Asked already, and it takes its time: some QEMUs say so, others take it as said.
  const asked = /already in the process of unplug/.test(live.stderr);
  if (live.exit !== 0 && !gone(live) && !asked && !isNotRunning(live))
    throw refused('Detaching the disk from the running domain', live);
  if (kept.exit !== 0 && !gone(kept)) throw refused('Detaching the disk from the definition', kept);
}

export function readCounters(ran: readonly Ran[]): readonly DiskCounters[] | null {
  const answer = answerTo(ran);
  if (answer.exit !== 0) {
    if (isNoDomain(answer)) return null;
    throw refused('Reading the disk counters', answer);
  }
  const [stats] = parseDomstats(answer.stdout);
  if (stats === undefined) throw unreadable('Reading the disk counters', answer);
  const { fields } = stats;
  const number = (at: number, key: string): number | null => {
    const text = fields[`block.${at}.${key}`];
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
  };
  const counters = Array.from({ length: Number(fields['block.count'] ?? 0) }, (_, at) => ({
    target: fields[`block.${at}.name`] ?? '',
    readRequests: number(at, 'rd.reqs'),
    readBytes: number(at, 'rd.bytes'),
    readNs: number(at, 'rd.times'),
    writeRequests: number(at, 'wr.reqs'),
    writeBytes: number(at, 'wr.bytes'),
    writeNs: number(at, 'wr.times'),
    flushRequests: number(at, 'fl.reqs'),
    flushNs: number(at, 'fl.times'),
  }));
  // A domain that is off has its disks there, and no numbers.
  return counters.every(({ readRequests }) => readRequests === null) ? null : counters;
}
