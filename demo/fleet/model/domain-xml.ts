/**
 * What libvirt 9 makes of a domain's XML when it is defined: defaults written out, elements and attributes in its own order.
 * Held to recordings: virt-install's XML, defined, must read as `virsh dumpxml` printed it.
 */
import { assignAddresses } from './pci.ts';
import { child, children, element, type XmlNode } from './xml.ts';

const ORDER = [
  'name',
  'uuid',
  'title',
  'description',
  'metadata',
  'maxMemory',
  'memory',
  'currentMemory',
  'memoryBacking',
  'vcpu',
  'iothreads',
  'cputune',
  'resource',
  'sysinfo',
  'os',
  'features',
  'cpu',
  'clock',
  'on_poweroff',
  'on_reboot',
  'on_crash',
  'pm',
  'devices',
  'seclabel',
];
const DEVICES = [
  'emulator',
  'disk',
  'controller',
  'filesystem',
  'interface',
  'serial',
  'console',
  'channel',
  'input',
  'tpm',
  'graphics',
  'sound',
  'audio',
  'video',
  'memballoon',
  'rng',
];
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  os: ['type', 'loader', 'nvram', 'bootmenu', 'boot', 'smbios', 'bios'],
  disk: [
    'driver',
    'source',
    'backingStore',
    'target',
    'iotune',
    'readonly',
    'shareable',
    'serial',
    'boot',
    'alias',
    'address',
  ],
  interface: ['mac', 'source', 'vlan', 'target', 'model', 'driver', 'boot', 'alias', 'address'],
};
const DRIVER = ['name', 'type', 'cache', 'error_policy', 'io', 'discard', 'detect_zeroes', 'iothread'];
const KIB: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  KiB: 1,
  k: 1,
  MiB: 1024,
  M: 1024,
  GiB: 1024 ** 2,
  G: 1024 ** 2,
};

/** Gives what the XML left out. */
export interface Missing {
  readonly uuid: () => string;
  readonly mac: () => string;
}

export function normalise(domain: XmlNode, missing: Missing): XmlNode {
  const memory = kib(child(domain, 'memory')) ?? 0;
  const current = kib(child(domain, 'currentMemory')) ?? memory;
  const vcpu = child(domain, 'vcpu');
  const given = new Map(domain.children.map((it) => [it.name, it]));
  const set = (name: string, node: XmlNode) => given.set(name, node);
  if (!given.has('uuid')) set('uuid', element('uuid', {}, missing.uuid()));
  set('memory', element('memory', { unit: 'KiB' }, String(memory)));
  set('currentMemory', element('currentMemory', { unit: 'KiB' }, String(Math.min(current, memory))));
  set('vcpu', element('vcpu', { placement: 'static', ...vcpu?.attrs }, vcpu?.text ?? '1'));
  set('os', os(given.get('os')));
  const cpu = given.get('cpu');
  if (cpu?.attrs['mode'] === 'host-passthrough') {
    set('cpu', { ...cpu, attrs: { mode: 'host-passthrough', check: 'none', migratable: 'on', ...cpu.attrs } });
  }
  for (const [name, what] of [
    ['on_poweroff', 'destroy'],
    ['on_reboot', 'restart'],
    ['on_crash', 'destroy'],
  ] as const) {
    if (!given.has(name)) set(name, element(name, {}, what));
  }
  set('devices', devices(given.get('devices') ?? element('devices'), missing));
  return { ...domain, attrs: { type: domain.attrs['type'] ?? 'kvm' }, children: inOrder([...given.values()], ORDER) };
}

function kib(node: XmlNode | undefined): number | undefined {
  return node === undefined ? undefined : Math.ceil(Number(node.text) * (KIB[node.attrs['unit'] ?? 'KiB'] ?? 1));
}

function os(node: XmlNode | undefined): XmlNode {
  const type = child(node, 'type');
  const machine = type?.attrs['machine'];
  const others = node?.children.filter((it) => it.name !== 'type') ?? [];
  return element(
    'os',
    node?.attrs,
    inOrder(
      [
        element(
          'type',
          {
            arch: type?.attrs['arch'] ?? 'x86_64',
            machine: machine === 'q35' ? 'pc-q35-7.2' : (machine ?? 'pc-i440fx-7.2'),
          },
          type?.text ?? 'hvm',
        ),
        ...others,
      ],
      INSIDE['os'] ?? [],
    ),
  );
}

function devices(node: XmlNode, missing: Missing): XmlNode {
  const counts = new Map<string, number>();
  const list = node.children.map((it) => device(it, missing, counts));
  addImplied(list);
  const ordered = inOrder(list, DEVICES);
  return element('devices', {}, assignAddresses(ordered));
}

function device(node: XmlNode, missing: Missing, counts: Map<string, number>): XmlNode {
  switch (node.name) {
    case 'disk':
      return disk(node);
    case 'controller': {
      const type = node.attrs['type'] ?? '';
      const index = node.attrs['index'] ?? String(counts.get(type) ?? 0);
      counts.set(type, Number(index) + 1);
      const { type: _type, index: _index, ...rest } = node.attrs;
      return { ...node, attrs: { type, index, ...rest } };
    }
    case 'interface': {
      const mac = child(node, 'mac') ?? element('mac', { address: missing.mac() });
      return {
        ...node,
        children: inOrder([...node.children.filter((it) => it.name !== 'mac'), mac], INSIDE['interface'] ?? []),
      };
    }
    case 'channel':
      return {
        ...node,
        children: node.children.filter((it) => it.name !== 'source' || it.attrs['path'] !== undefined),
      };
    case 'graphics':
      return graphics(node);
    case 'video':
      return {
        ...node,
        children: node.children.map((it) =>
          it.name === 'model' ? { ...it, attrs: { ...it.attrs, heads: it.attrs['heads'] ?? '1', primary: 'yes' } } : it,
        ),
      };
    default:
      return node;
  }
}

function disk(node: XmlNode): XmlNode {
  const inside = node.children.map((it) => (it.name === 'driver' ? { ...it, attrs: ordered(it.attrs, DRIVER) } : it));
  const cdrom = node.attrs['device'] === 'cdrom' && !inside.some((it) => it.name === 'readonly');
  return {
    ...node,
    attrs: { type: node.attrs['type'] ?? 'file', device: node.attrs['device'] ?? 'disk' },
    children: inOrder(cdrom ? [...inside, element('readonly')] : inside, INSIDE['disk'] ?? []),
  };
}

function graphics(node: XmlNode): XmlNode {
  if (node.children.length > 0) return node;
  const { type, port, autoport, ...rest } = node.attrs;
  const auto = autoport ?? (port === undefined || port === '-1' ? 'yes' : 'no');
  return element('graphics', { type, port: port ?? '-1', autoport: auto, ...rest }, [
    element('listen', { type: 'address' }),
  ]);
}

/** What a q35 machine has without being asked. */
function addImplied(list: XmlNode[]): void {
  const has = (name: string, attrs: Readonly<Record<string, string>> = {}) =>
    list.some((it) => it.name === name && Object.entries(attrs).every(([key, value]) => it.attrs[key] === value));
  if (!has('controller', { type: 'pci', model: 'pcie-root' })) {
    list.push(element('controller', { type: 'pci', index: '0', model: 'pcie-root' }));
  }
  if (!has('controller', { type: 'sata' })) list.push(element('controller', { type: 'sata', index: '0' }));
  if (has('channel') && !has('controller', { type: 'virtio-serial' })) {
    list.push(element('controller', { type: 'virtio-serial', index: '0' }));
  }
  const console = list.findIndex(
    (it) => it.name === 'console' && it.attrs['type'] === 'pty' && it.children.length === 0,
  );
  if (console >= 0) {
    list[console] = element('console', { type: 'pty' }, [element('target', { type: 'serial', port: '0' })]);
    if (!has('serial')) {
      const target = element('target', { type: 'isa-serial', port: '0' }, [element('model', { name: 'isa-serial' })]);
      list.push(element('serial', { type: 'pty' }, [target]));
    }
  }
  for (const type of ['mouse', 'keyboard']) {
    if (has('graphics') && !has('input', { type, bus: 'ps2' })) list.push(element('input', { type, bus: 'ps2' }));
  }
  if (!has('audio')) list.push(element('audio', { id: '1', type: 'none' }));
  if (!has('memballoon')) list.push(element('memballoon', { model: 'virtio' }));
}

/** Sorted by a list of names, those of one name as they were; what the list doesn't name comes last. */
function inOrder(nodes: readonly XmlNode[], order: readonly string[]): XmlNode[] {
  const rank = (node: XmlNode) => (order.includes(node.name) ? order.indexOf(node.name) : order.length);
  return [...nodes].sort((a, b) => rank(a) - rank(b));
}

function ordered(attrs: Readonly<Record<string, string>>, order: readonly string[]): Record<string, string> {
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.fromEntries(Object.entries(attrs).sort(([a], [b]) => rank(a) - rank(b)));
}

/** The children of one name under `<devices>`. */
export function devicesOf(domain: XmlNode, name: string): readonly XmlNode[] {
  return children(child(domain, 'devices'), name);
}
