/** The network verbs: networks that libvirt makes at once and forgets when they end. */
import type { IsolatedNetwork, NetworkSeen, NetworkVerbs } from '../../operations/network-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, refused, unreadable } from '../answer.ts';
import type { Virsh } from './virsh.ts';
import { buildXml, child, el, parseXml } from './xml.ts';

export function networkVerbs(virsh: Virsh): NetworkVerbs {
  return {
    create: (network) => ({
      title: `Make the isolated network ${network.name}`,
      commands: [
        virsh(['net-create', '--file', '/dev/stdin'], {
          limit: 'normal',
          stdin: { kind: 'text', text: networkXml(network), label: 'network XML' },
        }),
      ],
      parse: () => undefined,
    }),
    look: (name) => ({
      title: `Look at network ${name}`,
      commands: [virsh(['net-dumpxml', '--network', name], { onFailure: 'go-on' })],
      parse: readNetwork,
    }),
    remove: (name) => ({
      title: `Remove network ${name}`,
      commands: [virsh(['net-destroy', '--network', name], { limit: 'normal', onFailure: 'go-on' })],
      parse: (ran) => {
        const answer = answerTo(ran);
        if (answer.exit !== 0 && !isNoNetwork(answer)) throw refused(`Removing network ${name}`, answer);
      },
    }),
  };
}

/** Without `<forward>` nothing is routed, and guests are told of no gateway. libvirt finds a free name for the bridge. */
function networkXml({ name, prefix, guests }: IsolatedNetwork): string {
  return buildXml(
    el(
      'network',
      {},
      el('name', {}, name),
      el('bridge', { stp: 'on', delay: '0' }),
      el('dns', { enable: 'no' }),
      el(
        'ip',
        { address: `${prefix}.1`, netmask: '255.255.255.0' },
        el(
          'dhcp',
          {},
          el('range', { start: `${prefix}.2`, end: `${prefix}.254` }),
          ...guests.map(({ mac, address }) => el('host', { mac, ip: address })),
        ),
      ),
    ),
  );
}

function isNoNetwork({ exit, stderr }: Ran): boolean {
  return exit === 1 && /Network not found/.test(stderr);
}

function readNetwork(ran: readonly Ran[]): NetworkSeen | null {
  const answer = answerTo(ran);
  if (isNoNetwork(answer)) return null;
  if (answer.exit !== 0) throw refused('Looking at the network', answer);
  try {
    const network = parseXml(answer.stdout, { printed: true });
    if (network.name === 'network') {
      const bridge = child(network, 'bridge')?.attributes.name;
      return { isolated: child(network, 'forward') === undefined, bridge: bridge ?? null };
    }
  } catch (cause) {
    throw unreadable('Looking at the network', answer, cause);
  }
  throw unreadable('Looking at the network', answer);
}
