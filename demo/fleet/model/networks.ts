/** libvirt's networks: made from XML, and shown as XML. */
import type { HostModel, Network } from './host-model.ts';
import { mintUuid } from './mint.ts';
import { child, children, parseXml } from './xml.ts';

/** A network without a definition, as `net-create` makes it. Answers with libvirt's word where it refuses. */
export function create(model: HostModel, text: string): Network | string {
  const xml = parseXml(text);
  const name = child(xml, 'name')?.text ?? '';
  const taken = model.networks.find((it) => it.name === name);
  if (taken !== undefined) return `operation failed: network '${name}' already exists with uuid ${taken.uuid}`;
  const ip = child(xml, 'ip');
  const prefix = (ip?.attrs.address ?? '').split('.').slice(0, 3).join('.');
  const clash = model.networks.find((it) => it.active && it.prefix === prefix);
  if (clash !== undefined) return `internal error: Network is already in use by interface ${clash.bridge}`;
  const guests = children(child(ip, 'dhcp'), 'host').map(({ attrs }) => [attrs.mac ?? '', attrs.ip ?? '']);
  const bridges = new Set(model.networks.map(({ bridge }) => bridge));
  let number = 0;
  while (bridges.has(`virbr${number}`)) number += 1;
  const network: Network = {
    name,
    uuid: mintUuid(model),
    active: true,
    autostart: false,
    bridge: child(xml, 'bridge')?.attrs.name ?? `virbr${number}`,
    prefix,
    transient: true,
    ...(child(xml, 'forward') === undefined ? { isolated: true } : {}),
    guests: Object.fromEntries(guests),
  };
  model.networks.push(network);
  return network;
}

/** How many guests are plugged into it just now. */
export function connections(model: HostModel, name: string): number {
  return model.domains.flatMap(({ live }) => live?.facts.nics ?? []).filter((nic) => nic.source === name).length;
}

/** As recorded from a real host: `net-dumpxml default`, and one without `<forward>`. */
export function networkXml({ name, uuid, bridge, prefix, isolated, guests = {} }: Network, connected: number): string {
  const hosts = Object.entries(guests).map(([mac, ip]) => `      <host mac='${mac}' ip='${ip}'/>\n`);
  const forward = `  <forward mode='nat'>
    <nat>
      <port start='1024' end='65535'/>
    </nat>
  </forward>
`;
  return `<network${connected > 0 ? ` connections='${connected}'` : ''}>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
${isolated ? '' : forward}  <bridge name='${bridge}' stp='on' delay='0'/>
  <mac address='52:54:00:97:50:b0'/>
${isolated ? "  <dns enable='no'/>\n" : ''}  <ip address='${prefix}.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='${prefix}.2' end='${prefix}.254'/>
${hosts.join('')}    </dhcp>
  </ip>
</network>
`;
}
