/** Domain XML: a template filled in for one VM, and a definition under other names. Pure: equal input, equal bytes. */
import { BotError } from '../../domain/error.ts';
import type { DomainSpec } from '../../operations/driver.ts';
import { fillDevices } from './devices.ts';
import { marksElement, type Names, namesElement, withMetadata } from './metadata.ts';
import { buildXml, child, type Element, el, parseXml, replaced } from './xml.ts';

const KIB = 1024;
const BOOT_DEVICES = { disk: 'hd', cdrom: 'cdrom', network: 'network' } as const;

/** A template with everything of this one VM in it. Memory is rounded up to KiB. */
export function fillTemplate(template: string, spec: DomainSpec): string {
  const kib = (bytes: number) => String(Math.ceil(bytes / KIB));
  const { vcpus, maxVcpus = vcpus, memoryBytes, maxMemoryBytes = memoryBytes } = spec;
  let domain = parseDomain(template);
  domain = replaced(domain, 'uuid', [el('uuid', {}, spec.uuid)]);
  domain = named(domain, spec.domainName, spec);
  domain = withMetadata(domain, [marksElement(spec), namesElement(spec)]);
  domain = replaced(domain, 'memory', [el('memory', { unit: 'KiB' }, kib(maxMemoryBytes))]);
  domain = replaced(domain, 'currentMemory', [el('currentMemory', { unit: 'KiB' }, kib(memoryBytes))]);
  domain = replaced(domain, 'vcpu', [
    el('vcpu', { current: maxVcpus === vcpus ? undefined : vcpus }, String(maxVcpus)),
  ]);
  domain = changed(domain, 'os', (os) => bootFrom(os, spec.boot));
  domain = changed(domain, 'cpu', (cpu) => fittingTopology(cpu, maxVcpus));
  domain = changed(domain, 'devices', (devices) => fillDevices(devices, spec));
  return buildXml(domain);
}

/** The same definition under another name; what isn't a name stays, NVRAM path and marks too. */
export function renameInXml(xml: string, names: Names & { readonly domainName: string }): string {
  const domain = named(parseDomain(xml), names.domainName, names);
  return buildXml(withMetadata(domain, [namesElement(names)]));
}

/** Throws host_fault for what isn't a domain's XML. */
export function parseDomain(xml: string, options: { readonly printed?: boolean } = {}): Element {
  let root: Element;
  try {
    root = parseXml(xml, options);
  } catch (cause) {
    throw new BotError('host_fault', 'The XML of a domain can’t be read', { cause });
  }
  if (root.name !== 'domain') throw new BotError('host_fault', `Expected the XML of a domain and found <${root.name}>`);
  return root;
}

/** Name and title; the title is what virt-manager and `virsh list --title` show. */
export function named(domain: Element, domainName: string, { team, name }: Names): Element {
  const titled = replaced(domain, 'title', []);
  return replaced(titled, 'name', [el('name', {}, domainName), el('title', {}, titleOf({ team, name }))]);
}

export function titleOf({ team, name }: Names): string {
  return `${team}/${name}`;
}

function changed(domain: Element, name: string, change: (element: Element) => Element): Element {
  const found = child(domain, name);
  if (found === undefined && name === 'cpu') return domain;
  return replaced(domain, name, [change(found ?? el(name))]);
}

function bootFrom(os: Element, boot: DomainSpec['boot']): Element {
  return replaced(
    os,
    'boot',
    boot.map((device) => el('boot', { dev: BOOT_DEVICES[device] })),
  );
}

/** libvirt refuses a topology that doesn't multiply out to the number of vCPUs; the template's is for its own number. */
function fittingTopology(cpu: Element, vcpus: number): Element {
  const topology = child(cpu, 'topology');
  if (topology === undefined) return cpu;
  const product = Object.values(topology.attributes).reduce((all, one) => all * Number(one), 1);
  return product === vcpus ? cpu : replaced(cpu, 'topology', []);
}
