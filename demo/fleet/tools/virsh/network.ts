import { addressesOf } from '../../model/domains.ts';
import type { HostModel } from '../../model/host-model.ts';
import { connections, create, networkXml } from '../../model/networks.ts';
import { error, flag, option, say, table, type VirshCall, type VirshCommand } from './command.ts';

const onNetwork = (
  run: (call: VirshCall, network: HostModel['networks'][number]) => ReturnType<typeof say>,
): VirshCommand => ({
  options: { '--network': 'value' },
  words: ['--network!'],
  run: (call) => {
    const name = option(call, '--network') ?? '';
    const network = call.model.networks.find((it) => it.name === name || it.uuid === name);
    return network === undefined
      ? error(`failed to get network '${name}'`, `Network not found: no network with matching name '${name}'`)
      : run(call, network);
  },
});

const yes = (value: boolean) => (value ? 'yes' : 'no');

export const networkCommands: Readonly<Record<string, VirshCommand>> = {
  'net-list': {
    options: { '--all': 'flag', '--inactive': 'flag', '--name': 'flag', '--uuid': 'flag' },
    run: (call) => {
      const kept = call.model.networks.filter((it) => flag(call, '--all') || it.active !== flag(call, '--inactive'));
      if (flag(call, '--name')) return say(kept.map((it) => `${it.name}\n`).join(''));
      if (flag(call, '--uuid')) return say(kept.map((it) => `${it.uuid}\n`).join(''));
      const rows = kept.map((it) => [
        it.name,
        it.active ? 'active' : 'inactive',
        yes(it.autostart),
        yes(it.transient !== true),
      ]);
      return say(table(['Name', 'State', 'Autostart', 'Persistent'], rows));
    },
  },
  'net-info': onNetwork((_call, it) => {
    const rows = [
      ['Name', it.name],
      ['UUID', it.uuid],
      ['Active', yes(it.active)],
      ['Persistent', yes(it.transient !== true)],
      ['Autostart', yes(it.autostart)],
      ['Bridge', it.bridge],
    ];
    return say(rows.map(([key, value]) => `${`${key}:`.padEnd(16)}${value}\n`).join(''));
  }),
  'net-dumpxml': onNetwork((call, it) => say(networkXml(it, connections(call.model, it.name)))),
  'net-create': {
    options: { '--file': 'value' },
    words: ['--file!'],
    run: (call) => {
      const file = option(call, '--file') ?? '';
      const made = create(call.model, call.stdin?.toString() ?? '');
      return typeof made === 'string'
        ? error(`Failed to create network from ${file}`, made)
        : say(`Network ${made.name} created from ${file}\n`);
    },
  },
  'net-start': onNetwork((_call, it) => {
    if (it.active)
      return error(`Failed to start network ${it.name}`, 'Requested operation is not valid: network is already active');
    it.active = true;
    return say(`Network ${it.name} started\n`);
  }),
  'net-destroy': onNetwork((call, it) => {
    if (!it.active)
      return error(`Failed to destroy network ${it.name}`, 'Requested operation is not valid: network is not active');
    it.active = false;
    if (it.transient) call.model.networks = call.model.networks.filter((each) => each !== it);
    return say(`Network ${it.name} destroyed\n`);
  }),
  'net-dhcp-leases': onNetwork((call, network) => {
    const rows = call.model.domains.flatMap((domain) =>
      addressesOf(call.model, domain, call.now)
        .filter((it) => it.leased && it.nic.source === network.name)
        .map((it) => [
          time(call.now + 3_600_000),
          it.nic.mac,
          'ipv4',
          `${it.address}/24`,
          domain.name,
          `01:${it.nic.mac}`,
        ]),
    );
    return say(table(['Expiry Time', 'MAC address', 'Protocol', 'IP address', 'Hostname', 'Client ID or DUID'], rows));
  }),
};

function time(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
