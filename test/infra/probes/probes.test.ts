import { expect, it } from 'vitest';
import { makeDriver } from '../../../src/infra/driver.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const { probes } = makeDriver();

it('takes no answer for a no, and a program that can’t run for a fault', () => {
  const ping = probes.ping('198.18.7.10');
  expect(ping.parse([answered(0)])).toBe(true);
  expect(ping.parse([answered(1)])).toBe(false);
  expect(() =>
    ping.parse([answered(127, '', "timeout: failed to run command 'ping': No such file or directory\n")]),
  ).toThrow(/No such file/);
  const port = probes.port('198.18.7.10', 22);
  expect(port.parse([answered(0)])).toBe(true);
  // Recorded: nobody listens there.
  const refused = 'hostler: connect: Connection refused\nhostler: line 1: /dev/tcp/198.18.7.1/23: Connection refused\n';
  expect(port.parse([answered(1, '', refused)])).toBe(false);
  // Something drops what is sent there: the time limit ends it.
  expect(port.parse([answered(124)])).toBe(false);
});

it('hears a guest’s agent, and tells its silence from a host that cannot be asked', () => {
  const { parse } = probes.agent('01c5d2e5-aad6-42d1-9bcd-6a4d66bfd256');
  expect(parse([recorded('virsh-agent-ping')])).toBe(true);
  expect(parse([recorded('virsh-agent-ping-shutoff')])).toBe(false);
  expect(() => parse([recorded('virsh-libvirtd-stopped')])).toThrow(/Failed to connect socket/);
});
