/** Gives a q35 machine's devices their PCI addresses and root ports, in libvirt's order of assignment. */
import { child, element, type XmlNode } from './xml.ts';

/** Buses are handed out in this order (qemuDomainAssignDevicePCISlots). */
const RANKS: readonly ((node: XmlNode) => boolean)[] = [
  (it) => it.name === 'interface',
  (it) => it.name === 'controller' && it.attrs['type'] === 'usb',
  (it) => it.name === 'controller' && it.attrs['type'] === 'scsi',
  (it) => it.name === 'controller' && it.attrs['type'] === 'virtio-serial',
  (it) => it.name === 'disk' && child(it, 'target')?.attrs['bus'] === 'virtio',
  (it) => it.name === 'memballoon' && it.attrs['model'] === 'virtio',
  (it) => it.name === 'rng',
];

export function assignAddresses(devices: readonly XmlNode[]): XmlNode[] {
  const list = [...devices];
  const used = new Set<number>();
  for (const node of list) {
    const bus = child(node, 'address')?.attrs['bus'];
    if (child(node, 'address')?.attrs['type'] === 'pci' && bus !== undefined) used.add(Number(bus));
  }
  const place = (index: number, address: XmlNode) => {
    const node = list[index];
    if (node !== undefined) list[index] = { ...node, text: '', children: [...node.children, address] };
  };
  let ports = 0;
  for (const mine of RANKS) {
    for (const [index, node] of list.entries()) {
      if (!mine(node) || child(node, 'address') !== undefined) continue;
      let bus = 1;
      while (used.has(bus)) bus += 1;
      used.add(bus);
      place(index, pci(bus, 0));
    }
  }
  for (const bus of used) ports = Math.max(ports, bus);
  const sata = { units: 0 };
  for (const [index, node] of list.entries())
    if (child(node, 'address') === undefined) fixed(node, sata, (it) => place(index, it));
  return withPorts(list, ports);
}

function pci(bus: number, slot: number, fn = 0): XmlNode {
  const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
  return element('address', { type: 'pci', domain: '0x0000', bus: hex(bus), slot: hex(slot), function: `0x${fn}` });
}

/** Devices whose place is always the same. */
function fixed(node: XmlNode, sata: { units: number }, place: (address: XmlNode) => void): void {
  const type = node.attrs['type'];
  if (node.name === 'video') place(pci(0, 1));
  else if (node.name === 'controller' && type === 'sata') place(pci(0, 0x1f, 2));
  else if (node.name === 'input' && node.attrs['bus'] === 'usb')
    place(element('address', { type: 'usb', bus: '0', port: '1' }));
  else if (node.name === 'channel')
    place(element('address', { type: 'virtio-serial', controller: '0', bus: '0', port: '1' }));
  else if (node.name === 'disk' && child(node, 'target')?.attrs['bus'] === 'sata') {
    place(element('address', { type: 'drive', controller: '0', bus: '0', target: '0', unit: String(sata.units) }));
    sata.units += 1;
  }
}

/** Root ports as declared, and as many more as the buses need; all with chassis, port and address. */
function withPorts(list: readonly XmlNode[], buses: number): XmlNode[] {
  const isPort = (it: XmlNode) => it.name === 'controller' && it.attrs['model'] === 'pcie-root-port';
  const declared = list.filter(isPort);
  const ports = Array.from({ length: Math.max(declared.length, buses) }, (_, at) => {
    const known = declared[at];
    return known !== undefined && known.children.length > 0 ? known : rootPort(at + 1);
  });
  const others = list.filter((it) => !isPort(it));
  const root = others.findIndex((it) => it.attrs['model'] === 'pcie-root');
  return [...others.slice(0, root + 1), ...ports, ...others.slice(root + 1)];
}

function rootPort(index: number): XmlNode {
  const [slot, fn] = [2 + Math.floor((index - 1) / 8), (index - 1) % 8];
  const address = pci(0, slot, fn);
  return element('controller', { type: 'pci', index: String(index), model: 'pcie-root-port' }, [
    element('model', { name: 'pcie-root-port' }),
    element('target', { chassis: String(index), port: `0x${(0x10 + index - 1).toString(16)}` }),
    fn === 0 ? { ...address, attrs: { ...address.attrs, multifunction: 'on' } } : address,
  ]);
}
