import { describe, expect, it } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import type { Ran } from '../../src/operations/ports.ts';
import { answered, recorded } from '../kit/recorded.ts';

const { parse, commands } = makeDriver().observe('cloudvg');
const HEALTHY = {
  system: recorded('cat-system'),
  kvm: answered(0),
  version: recorded('virsh-version'),
  list: recorded('virsh-list-all-uuid-name'),
  domstats: recorded('virsh-domstats-raw'),
  vgs: recorded('lvm-vgs-json-opts'),
  lvs: recorded('lvm-lvs-tagged'),
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
    expect(seen.load).toBeGreaterThan(0);
    expect(seen.uptimeSeconds).toBeGreaterThan(100);
    expect(seen.domains?.map(({ name, state, vcpus }) => [name, state, vcpus])).toEqual([
      ['alpha', 'running', 1],
      ['beta', 'running', 2],
      ['gamma', 'shut off', 1],
    ]);
    expect(seen.domains?.[2]?.cpuTimeNs).toBeNull();
    expect(seen.groups?.[0]?.name).toBe('cloudvg');
    expect(seen.volumes?.length).toBeGreaterThan(3);
  });

  it('tells what it could, and why not the rest', () => {
    const stopped = recorded('virsh-libvirtd-stopped');
    const seen = read({ version: stopped, list: stopped, domstats: stopped, vgs: recorded('lvm-vgs-missing') });
    expect(seen).toMatchObject({ libvirt: null, qemu: null, domains: null, groups: null });
    expect(seen.volumes).not.toBeNull();
    expect(seen.problems.map(({ part }) => part)).toEqual(['libvirt', 'domains', 'groups']);
    expect(seen.problems[0]?.message).toMatch(/connect socket/);
    expect(read({ kvm: answered(1) })).toMatchObject({ kvm: false, problems: [{ part: 'kvm' }] });
  });

  it('does not take a domain for missing that was renamed between two commands', () => {
    const list = answered(0, '01c5d2e5-aad6-42d1-9bcd-6a4d66bfd256 renamed\n\n');
    expect(read({ list }).domains).toEqual([
      expect.objectContaining({ name: 'renamed', state: 'no state', vcpus: 0, memoryBytes: 0 }),
    ]);
  });

  it('never answers with another part’s numbers', () => {
    const seen = read({ system: answered(1, '', 'cat: /proc/meminfo: Permission denied') });
    expect(seen).toMatchObject({ kernel: '', cpus: 0, memoryBytes: 0, load: 0, uptimeSeconds: 0 });
    expect(seen.problems).toEqual([{ part: 'system', message: 'cat: /proc/meminfo: Permission denied' }]);
  });
});
