/** Domains that were found on a host, as their definitions tell of them: anybody may have written those. */
import { asBotError } from '../../domain/error.ts';
import type { DefinitionSeen } from '../../operations/mark-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo } from '../answer.ts';
import { parseDomain } from './domain-xml.ts';
import { readMarks } from './metadata.ts';
import { child, type Element, elements, textOf } from './xml.ts';

/** Bytes in libvirt's units of memory (formatdomain: `memory`). */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1e3,
  k: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1e9,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
};

/** An answer for each UUID, in their order: null for a domain that is gone, or that can't be asked for just now. */
export function readDefinitions(uuids: readonly string[], ran: readonly Ran[]): readonly (DefinitionSeen | null)[] {
  return uuids.map((uuid, at) => {
    const answer = answerTo(ran, at);
    if (answer.exit !== 0) return null;
    try {
      return definitionOf(uuid, parseDomain(answer.stdout, { printed: true }));
    } catch (cause) {
      return { kind: 'unreadable', uuid, why: asBotError(cause).message };
    }
  });
}

function definitionOf(uuid: string, domain: Element): DefinitionSeen {
  const devices = child(domain, 'devices');
  // What it has: with room to grow, `memory` is the most that it may have.
  const memory = child(domain, 'currentMemory') ?? child(domain, 'memory');
  const vcpu = child(domain, 'vcpu');
  return {
    kind: 'read',
    uuid,
    domainName: textOf(child(domain, 'name')),
    marks: readMarks(domain),
    vcpus: Number(vcpu?.attributes.current ?? textOf(vcpu)),
    memoryBytes: Math.round(Number(textOf(memory)) * (UNITS[memory?.attributes.unit ?? 'KiB'] ?? Number.NaN)),
    disks: devices === undefined ? [] : elements(devices, 'disk').flatMap(disk),
    nics: devices === undefined ? [] : elements(devices, 'interface').flatMap(nic),
  };
}

type Read = Extract<DefinitionSeen, { readonly kind: 'read' }>;

function disk(element: Element): Read['disks'] {
  const source = child(element, 'source')?.attributes;
  const path = source?.dev ?? source?.file;
  const target = child(element, 'target')?.attributes.dev;
  if (path === undefined || target === undefined) return [];
  return [{ target, path, written: element.attributes.device !== 'cdrom' && child(element, 'readonly') === undefined }];
}

function nic(element: Element): Read['nics'] {
  const mac = child(element, 'mac')?.attributes.address;
  const source = child(element, 'source')?.attributes;
  if (mac === undefined) return [];
  if (source?.network !== undefined) return [{ mac: mac.toLowerCase(), source: { network: source.network } }];
  if (source?.bridge !== undefined) return [{ mac: mac.toLowerCase(), source: { bridge: source.bridge } }];
  return [];
}
