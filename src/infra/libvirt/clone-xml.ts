/** A definition made into another VM's: what is of one machine alone is the new one's, all else stays. Pure: equal input, equal bytes. */
import type { CloneSpec } from '../../operations/driver.ts';
import { named, parseDomain } from './domain-xml.ts';
import { marksElement, namesElement, withMetadata } from './metadata.ts';
import { buildXml, child, type Element, el, elements, type Node, replaced } from './xml.ts';

/** Throws host_fault for what isn't a domain's XML. */
export function cloneXml(xml: string, spec: CloneSpec): string {
  let domain = parseDomain(xml);
  domain = replaced(domain, 'uuid', [el('uuid', {}, spec.uuid)]);
  domain = named(domain, spec.domainName, spec);
  domain = withMetadata(domain, [marksElement(spec), namesElement(spec)]);
  const os = child(domain, 'os');
  if (os !== undefined) domain = replaced(domain, 'os', [withFreshNvram(os)]);
  const devices = child(domain, 'devices');
  if (devices !== undefined) domain = replaced(domain, 'devices', [devicesOf(devices, spec)]);
  return buildXml(domain);
}

/** The file is the other VM's. Of its template libvirt makes a new one. */
function withFreshNvram(os: Element): Element {
  const template = child(os, 'nvram')?.attributes.template;
  return replaced(os, 'nvram', template === undefined ? [] : [el('nvram', { template })]);
}

function devicesOf(devices: Element, spec: CloneSpec): Element {
  const first = elements(devices, 'interface')[0];
  return {
    ...devices,
    children: devices.children.flatMap((node): readonly Node[] => {
      if (typeof node === 'string') return [node];
      if (node.name === 'disk') return diskOf(node, spec);
      if (node.name === 'interface') return onNetwork(nicOf(node, node === first ? spec.mac : null), spec.alone);
      return spec.alone !== undefined && PASSED_THROUGH.includes(node.name) ? [] : [node];
    }),
  };
}

/** Disks by their target; the seed is the read-only one; a drive is left empty; what else was attached stays behind. */
function diskOf(disk: Element, { disks, seed }: CloneSpec): Element[] {
  const { device } = disk.attributes;
  if (device === 'cdrom' || device === 'floppy') return [replaced(disk, 'source', [])];
  const target = child(disk, 'target')?.attributes.dev;
  const ours = disks.find((each) => each.target === target);
  const bare = replaced(disk, 'backingStore', []);
  if (ours !== undefined) return [sourced(bare, 'block', el('source', { dev: ours.path }))];
  if (seed === null || target !== seed.target) return [];
  return [sourced(bare, 'file', el('source', { file: seed.path }))];
}

function sourced(disk: Element, type: 'block' | 'file', source: Element): Element {
  return replaced({ ...disk, attributes: { ...disk.attributes, type } }, 'source', [source]);
}

/** What reaches past the guest into its host, or to another machine. */
const PASSED_THROUGH: readonly string[] = ['hostdev', 'filesystem', 'redirdev', 'smartcard', 'shmem'];

/** The interface on a network of libvirt's, without what belonged to its old place. */
function onNetwork(nic: Element, alone: CloneSpec['alone']): Element[] {
  if (alone === undefined) return [nic];
  const { network } = alone;
  if (network === null) return [];
  const kept = ['mac', 'model', 'driver', 'boot', 'alias', 'address', 'rom', 'mtu'];
  const children = nic.children.filter((node) => typeof node !== 'string' && kept.includes(node.name));
  return [{ ...nic, attributes: { type: 'network' }, children: [...children, el('source', { network })] }];
}

/** A second interface gets an address of libvirt's making: the old one is still another VM's. */
function nicOf(nic: Element, mac: string | null): Element {
  return replaced(nic, 'mac', mac === null ? [] : [el('mac', { address: mac })]);
}
