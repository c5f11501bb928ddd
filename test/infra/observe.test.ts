import { describe, expect, it } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import type { Ran } from '../../src/operations/ports.ts';
import { answered, inOneVirsh, recorded } from '../kit/recorded.ts';

const { parse, commands } = makeDriver().observe('cloudvg');
const HEALTHY = {
  system: recorded('look-system'),
  libvirt: recorded('look-virsh'),
  lvm: recorded('look-vgs'),
};
const read = (changed: Partial<Record<keyof typeof HEALTHY, Ran>> = {}) =>
  parse(Object.values({ ...HEALTHY, ...changed }));

describe('observe', () => {
  it('is one call, all of whose commands go on', () => {
    expect(commands.length).toBe(Object.keys(HEALTHY).length);
    expect(commands.every(({ onFailure }) => onFailure === 'go-on')).toBe(true);
  });

  it('reads a healthy host', () => {
    const seen = read();
    expect(seen).toMatchObject({ libvirt: '9.0.0', qemu: '7.2.22', kvm: true, cpus: 2, problems: [] });
    expect(seen.kernel).toMatch(/^6\.1\./);
    expect(seen.memoryBytes).toBeGreaterThan(2 ** 30);
    expect(seen.memoryAvailableBytes).toBeLessThan(seen.memoryBytes);
    expect(seen.load).toBe(0.62);
    expect(seen.uptimeSeconds).toBeGreaterThan(100);
    expect(seen.domains?.map(({ name, state, vcpus }) => [name, state, vcpus])).toEqual([
      ['alpha', 'running', 1],
      ['beta', 'running', 2],
      ['gamma', 'shut off', 1],
    ]);
    expect(seen.domains?.[2]?.cpuTimeNs).toBeNull();
    expect(seen.groups?.[0]?.name).toBe('cloudvg');
    expect(seen.volumes?.map(({ name, kind, pool }) => [name, kind, pool])).toEqual([
      ['thinpool', 'thin-pool', null],
      ['vm-alpha', 'thin', 'thinpool'],
      ['vm-beta', 'thin', 'thinpool'],
      ['vm-gamma', 'thin', 'thinpool'],
      ['snap-alpha', 'thin', 'thinpool'],
      // Of two segments, and told twice.
      ['thickx', 'thick', null],
      ['seg2', 'thick', null],
    ]);
  });

  it('tells what it could, and why not the rest', () => {
    const seen = read({ libvirt: recorded('virsh-chain-stopped'), lvm: recorded('look-vgs-missing') });
    expect(seen).toMatchObject({ libvirt: null, qemu: null, domains: null, groups: null, volumes: null, cpus: 2 });
    expect(seen.problems.map(({ part }) => part)).toEqual(['libvirt', 'domains', 'lvm']);
    expect(seen.problems[0]?.message).toMatch(/connect socket/);
    expect(seen.problems[1]?.message).toMatch(/connect socket/);
    expect(seen.problems[2]?.message).toMatch(/"drv-no-vg" not found/);
    const { stdout } = HEALTHY.system;
    const without = read({ system: answered(0, stdout.replace(/^.* kvm\n/m, '')) });
    expect(without).toMatchObject({ kvm: false, problems: [{ part: 'kvm' }] });
    expect(read({ lvm: recorded('look-vgs-empty') })).toMatchObject({
      groups: null,
      volumes: [],
      problems: [{ part: 'lvm', message: expect.stringContaining('no thin pool') }],
    });
  });

  it('does not take a domain for missing that was renamed between two commands', () => {
    const list = answered(0, '01c5d2e5-aad6-42d1-9bcd-6a4d66bfd256 renamed\n\n');
    const libvirt = inOneVirsh(recorded('virsh-version'), list, recorded('virsh-domstats-raw'));
    expect(read({ libvirt }).domains).toEqual([
      expect.objectContaining({ name: 'renamed', state: 'no state', vcpus: 0, memoryBytes: 0 }),
    ]);
  });

  it('never answers with another part’s numbers', () => {
    const seen = read({ system: answered(1, '', 'cat: /proc/meminfo: Permission denied') });
    expect(seen).toMatchObject({ kernel: '', cpus: 0, memoryBytes: 0, load: 0, uptimeSeconds: 0, kvm: null });
    expect(seen.problems).toEqual([{ part: 'system', message: 'cat: /proc/meminfo: Permission denied' }]);
  });
});
