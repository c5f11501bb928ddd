/** The guest's addresses, by each way that libvirt knows them. */
import { addressesOf, agentAnswers } from '../../model/domains.ts';
import { error, failedTo, notRunning, onDomain, option, say, type VirshCommand } from './command.ts';

export const addressCommands: Readonly<Record<string, VirshCommand>> = {
  domifaddr: onDomain(
    { '--source': 'value', '--full': 'flag', '--interface': 'value' },
    (call, domain) => {
      const act = 'Failed to query for interfaces addresses';
      if (domain.live === null) return notRunning(act);
      const found = addressesOf(call.model, domain, call.now);
      switch (option(call, '--source') ?? 'lease') {
        case 'lease':
          return say(
            rows(found.filter((it) => it.leased).map((it) => [it.tap, it.nic.mac, 'ipv4', `${it.address}/24`])),
          );
        case 'arp':
          return say(rows(found.map((it) => [it.tap, it.nic.mac, 'ipv4', `${it.address}/0`])));
        case 'agent': {
          if (domain.guest.agentMs === null || !domain.live.facts.agentChannel) {
            return error(act, 'argument unsupported: QEMU guest agent is not configured');
          }
          if (!agentAnswers(domain, call.now))
            return error(act, 'Guest agent is not responding: QEMU guest agent is not connected');
          const nics = domain.live.facts.nics.flatMap((nic, at) => {
            const address = found.find((it) => it.nic === nic)?.address;
            const local = ['ipv6', `fe80::${local6(nic.mac)}/64`] as const;
            return [
              address === undefined ? [`eth${at}`, nic.mac, ...local] : [`eth${at}`, nic.mac, 'ipv4', `${address}/24`],
            ];
          });
          return say(
            rows([['lo', '00:00:00:00:00:00', 'ipv4', '127.0.0.1/8'], ['-', '-', 'ipv6', '::1/128'], ...nics]),
          );
        }
        default:
          return error(`Unknown data source '${option(call, '--source')}'`);
      }
    },
    ['--interface'],
  ),
  domhostname: onDomain({ '--source': 'value' }, (call, domain) => {
    if (domain.live === null) return notRunning('failed to get hostname');
    return agentAnswers(domain, call.now)
      ? say(`${domain.name}\n`)
      : error('failed to get hostname', failedTo('ask', domain));
  }),
};

function rows(list: readonly (readonly string[])[]): string {
  const head = ` Name       MAC address          Protocol     Address\n${'-'.repeat(79)}\n`;
  return (
    head +
    list
      .map(
        ([name = '', mac = '', protocol = '', address = '']) =>
          ` ${name.padEnd(10)} ${mac.padEnd(17)}    ${protocol.padEnd(12)} ${address}\n`,
      )
      .join('')
  );
}

/** The interface part of a link-local address: `5054:ff:fe01:2` for 52:54:00:01:00:02. */
function local6(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((it) => Number.parseInt(it, 16));
  return [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f].map((it) => it.toString(16)).join(':');
}
