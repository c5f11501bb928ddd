/** What `virsh dumpxml` shows of a domain that runs: its definition, with ids, aliases and what the host gave it. */
import type { HostModel, LiveDomain } from './host-model.ts';
import { child, element, parseXml, printXml, type XmlNode } from './xml.ts';

interface Around {
  readonly model: HostModel;
  readonly live: LiveDomain;
  readonly name: string;
  /** The guest agent is connected. */
  readonly agent: boolean;
  readonly now: number;
}

export function liveXml(around: Around): string {
  const domain = parseXml(around.live.xml);
  const inside: XmlNode[] = [];
  for (const node of domain.children) {
    if (node.name === 'os') inside.push(element('resource', {}, [element('partition', {}, '/machine')]));
    inside.push(node.name === 'devices' ? element('devices', {}, devices(node, around)) : node);
  }
  inside.push(
    element('seclabel', { type: 'dynamic', model: 'dac', relabel: 'yes' }, [
      element('label', {}, '+64055:+64055'),
      element('imagelabel', {}, '+64055:+64055'),
    ]),
  );
  return printXml({ ...domain, attrs: { ...domain.attrs, id: String(around.live.id) }, children: inside });
}

function devices(node: XmlNode, around: Around): XmlNode[] {
  const seen = new Map<string, number>();
  const count = (key: string) => {
    const at = seen.get(key) ?? 0;
    seen.set(key, at + 1);
    return at;
  };
  return node.children.map((device) => {
    const alias = aliasOf(device, count);
    const live = withHost(device, around, count);
    return alias === undefined ? live : withAlias(live, alias);
  });
}

function aliasOf(device: XmlNode, count: (key: string) => number): string | undefined {
  const { type, index = '0' } = device.attrs;
  switch (device.name) {
    case 'disk': {
      const bus = child(device, 'target')?.attrs['bus'];
      const unit = child(device, 'address')?.attrs['unit'] ?? '0';
      return bus === 'virtio' ? `virtio-disk${count('virtio-disk')}` : `${bus}0-0-${unit}`;
    }
    case 'controller':
      if (type === 'pci') return index === '0' ? 'pcie.0' : `pci.${index}`;
      return { usb: 'usb', sata: 'ide', 'virtio-serial': `virtio-serial${index}` }[type ?? ''] ?? `${type}${index}`;
    case 'interface':
      return `net${count('net')}`;
    case 'serial':
    case 'console':
      return 'serial0';
    case 'channel':
    case 'input':
    case 'video':
    case 'rng':
      return `${device.name}${count(device.name)}`;
    case 'memballoon':
      return 'balloon0';
    default:
      return undefined;
  }
}

/** `<alias>` stands before `<address>`, or last. */
function withAlias(device: XmlNode, alias: string): XmlNode {
  const at = device.children.findIndex((it) => it.name === 'address');
  const inside = [...device.children];
  inside.splice(at < 0 ? inside.length : at, 0, element('alias', { name: alias }));
  return { ...device, children: inside };
}

function withHost(device: XmlNode, { model, live, name, agent, now }: Around, count: (key: string) => number): XmlNode {
  const inside = (change: (it: XmlNode) => readonly XmlNode[]): XmlNode => ({
    ...device,
    children: device.children.flatMap(change),
  });
  switch (device.name) {
    case 'disk': {
      const index = String(count('disk index') + 1);
      return inside((it) =>
        it.name === 'source'
          ? [{ ...it, attrs: { ...it.attrs, index } }, element('backingStore'), ...mirrorOf(device, live, now)]
          : [it],
      );
    }
    case 'interface': {
      const at = count('tap');
      const network = model.networks.find((it) => it.name === child(device, 'source')?.attrs['network']);
      return inside((it) => {
        if (it.name !== 'source') return [it];
        const extra = network === undefined ? {} : { portid: live.portIds[at] ?? '', bridge: network.bridge };
        return [{ ...it, attrs: { ...it.attrs, ...extra } }, element('target', { dev: live.taps[at] })];
      });
    }
    case 'channel': {
      const path = `/var/lib/libvirt/qemu/channel/target/domain-${live.id}-${name}/org.qemu.guest_agent.0`;
      const state = agent ? 'connected' : 'disconnected';
      return inside((it) =>
        it.name === 'target'
          ? [element('source', { mode: 'bind', path }), { ...it, attrs: { ...it.attrs, state } }]
          : [it],
      );
    }
    case 'graphics':
      return element('graphics', { ...device.attrs, port: String(live.vncPort ?? -1), listen: '127.0.0.1' }, [
        element('listen', { type: 'address', address: '127.0.0.1' }),
      ]);
    case 'serial':
    case 'console':
      return device.attrs['type'] === 'pty' ? pty(device, live.id) : device;
    default:
      return device;
  }
}

function mirrorOf(disk: XmlNode, { mirrors }: LiveDomain, now: number): XmlNode[] {
  const mirror = mirrors?.[child(disk, 'target')?.attrs['dev'] ?? ''];
  if (mirror === undefined) return [];
  const ready = now >= mirror.readyAt ? { ready: 'yes' } : {};
  return [
    element('mirror', { type: 'block', job: 'copy', ...ready }, [
      element('format', { type: 'raw' }),
      element('source', { dev: mirror.to, index: '9' }),
    ]),
  ];
}

function pty(device: XmlNode, id: number): XmlNode {
  const path = `/dev/pts/${id}`;
  const attrs = device.name === 'console' ? { ...device.attrs, tty: path } : device.attrs;
  return { ...device, attrs, children: [element('source', { path }), ...device.children] };
}
