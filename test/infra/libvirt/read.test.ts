import { describe, expect, it } from 'vitest';
import { makeDriver } from '../../../src/infra/driver.ts';
import { answered, recorded } from '../../kit/recorded.ts';

const UUID = '01c5d2e5-aad6-42d1-9bcd-6a4d66bfd256';
const { domains } = makeDriver();

describe('look', () => {
  const { parse } = domains.look(UUID);

  it('reads a domain that runs', () => {
    expect(parse([recorded('virsh-domstats-alpha')])).toMatchObject({
      uuid: UUID,
      name: 'alpha',
      state: 'running',
      reason: 'booted',
      vcpus: 1,
      memoryBytes: 128 * 1024 * 1024,
      cpuTimeNs: expect.any(Number),
    });
  });

  it('tells one that is not there from a host that cannot be asked', () => {
    expect(parse([recorded('virsh-domstats-missing')])).toBeNull();
    expect(() => parse([recorded('virsh-libvirtd-stopped')])).toThrow(/Failed to connect socket/);
    expect(() => parse([answered(124)])).toThrow(/within the time limit/);
    expect(() => parse([answered(0, '\n')])).toThrow(/can't be read/);
  });

  it('reads a state that a newer libvirt may bring', () => {
    const seen = parse([answered(0, "Domain: 'x'\n  state.state=42\n  state.reason=1\n\n")]);
    expect(seen).toMatchObject({ state: 'no state', reason: '', vcpus: 0, cpuTimeNs: null });
  });

  it.each([
    [3, 5, 'paused', 'I/O error'],
    [5, 1, 'shut off', 'shutdown'],
    [5, 2, 'shut off', 'destroyed'],
    [6, 1, 'crashed', 'panicked'],
    [5, 0, 'shut off', ''],
  ])('reads %i %i as %s, %s', (state, reason, word, why) => {
    const text = `Domain: 'a b'\n  state.state=${state}\n  state.reason=${reason}\n  cpu.time=5\n`;
    expect(parse([answered(0, text)])).toMatchObject({ name: 'a b', state: word, reason: why });
  });
});

describe('addresses', () => {
  const { parse } = domains.addresses(UUID);
  const off = recorded('virsh-domifaddr-agent-shutoff');

  it('tells each address once, under the surest source', () => {
    const ran = ['agent', 'lease', 'arp'].map((source) => recorded(`virsh-domifaddr-${source}-alpha`));
    expect(parse(ran)).toEqual([
      { mac: '52:54:00:01:00:01', address: '192.168.122.70', family: 'ipv4', source: 'agent' },
    ]);
  });

  it('leaves out loopback and link-local, and knows continued rows', () => {
    const table = [
      ' Name       MAC address          Protocol     Address',
      '-----------------------------------------------------',
      ' lo         00:00:00:00:00:00    ipv4         127.0.0.1/8',
      ' -          -                    ipv6         ::1/128',
      ' my nic     52:54:00:01:00:02    ipv4         10.0.0.9/24',
      ' -          -                    ipv6         fe80::5054:ff:fe01:2/64',
      ' -          -                    ipv6         2001:db8::9/64',
      ' eth9       52:54:00:01:00:03    N/A          N/A',
      '',
    ].join('\n');
    expect(parse([answered(0, table), off, off])).toEqual([
      { mac: '52:54:00:01:00:02', address: '10.0.0.9', family: 'ipv4', source: 'agent' },
      { mac: '52:54:00:01:00:02', address: '2001:db8::9', family: 'ipv6', source: 'agent' },
    ]);
  });

  it('knows nothing while there is nothing, and says so when libvirt cannot be asked', () => {
    const beta = recorded('virsh-domifaddr-agent-beta');
    expect(parse([beta, off, off])).toEqual([]);
    expect(parse([off, off, off])).toEqual([]);
    const stopped = recorded('virsh-libvirtd-stopped');
    expect(() => parse([stopped, stopped, stopped])).toThrow(/Failed to connect socket/);
  });
});

describe('other reads', () => {
  it('reads the display', () => {
    const { parse } = domains.vncDisplay(UUID);
    expect(parse([recorded('virsh-vncdisplay-alpha')])).toBe('127.0.0.1:0');
    expect(parse([recorded('virsh-vncdisplay-shutoff')])).toBeNull();
    expect(() => parse([recorded('virsh-libvirtd-stopped')])).toThrow(/connect/);
  });

  it('reads autostart', () => {
    const { parse } = domains.autostartOf(UUID);
    expect(parse([recorded('virsh-dominfo-alpha')])).toBe(false);
    expect(parse([recorded('virsh-dominfo-missing')])).toBeNull();
  });

  it('takes the XML as it is, and finds no marks in a foreign one', () => {
    const alpha = recorded('virsh-dumpxml-alpha');
    expect(domains.xml(UUID, { inactive: true }).parse([alpha])).toBe(alpha.stdout);
    expect(domains.marksOf(UUID).parse([alpha])).toBeNull();
    expect(domains.marksOf(UUID).parse([recorded('virsh-dominfo-missing')])).toBeNull();
    expect(() => domains.xml(UUID, { inactive: true }).parse([answered(0, 'no xml')])).toThrow(/XML/);
  });

  it('takes only the first document of a template', () => {
    const { parse } = domains.template({ osinfo: 'linux2022', vcpus: 1, memoryBytes: 2 ** 28 });
    const printed = recorded('virt-install-print-xml').stdout;
    expect(parse([answered(0, `\n${printed}\n${printed}`)])).toBe(`${printed.trim()}\n`);
    expect(() => parse([answered(0, 'Starting install...')])).toThrow(/can't be read/);
  });

  it('is content with a rename that was done before', () => {
    const { parse } = domains.rename(UUID, { domainName: 'a', team: 'b', name: 'c' });
    const before = [answered(0), answered(0)];
    const itself = 'error: invalid argument: Can’t rename domain to itself'.replace('’', "'");
    expect(() => parse([...before, answered(1, '', itself)])).not.toThrow();
    expect(() => parse([...before, recorded('virsh-libvirtd-stopped')])).toThrow(/Renaming/);
  });
});
