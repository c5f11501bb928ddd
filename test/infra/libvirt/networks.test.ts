import { expect, it } from 'vitest';
import { makeDriver } from '../../../src/infra/driver.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const { networks } = makeDriver();
const NETWORK = {
  name: 'hostler-drill-dr',
  prefix: '198.18.7',
  guests: [{ mac: '52:54:00:aa:bb:cc', address: '198.18.7.10' }],
};

it('tells a network that leads nowhere from one that does, and from none', () => {
  const { parse } = networks.look('hostler-drill-dr');
  expect(parse([recorded('virsh-net-dumpxml-isolated')])).toEqual({ isolated: true, bridge: 'virbr1' });
  expect(parse([recorded('virsh-net-dumpxml')])).toEqual({ isolated: false, bridge: 'virbr0' });
  expect(parse([recorded('virsh-net-dumpxml-missing')])).toBeNull();
  expect(() => parse([recorded('virsh-libvirtd-stopped')])).toThrow(/Failed to connect socket/);
  expect(() => parse([answered(0, '\n')])).toThrow(/can't be read/);
  expect(() => parse([answered(0, '<domain/>\n')])).toThrow(/can't be read/);
});

it('writes one without a forward, and with the address that its guest is to have', () => {
  const [command] = networks.create(NETWORK).commands;
  const xml = command?.stdin?.kind === 'text' ? command.stdin.text : '';
  expect(xml).not.toContain('<forward');
  expect(xml).toContain('<host ip="198.18.7.10" mac="52:54:00:aa:bb:cc"/>');
  expect(xml).toContain('<ip address="198.18.7.1" netmask="255.255.255.0">');
});

it('is content when one that is to go is not there', () => {
  const { parse } = networks.remove('hostler-drill-dr');
  expect(() => parse([recorded('virsh-net-destroy-missing')])).not.toThrow();
  expect(() => parse([recorded('virsh-libvirtd-stopped')])).toThrow(/Failed to connect socket/);
});
