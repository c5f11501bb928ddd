import { describe, expect, it } from 'vitest';
import { skewOf } from '../../src/domain/samples.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { links } from '../../src/infra/libvirt/chain.ts';
import { parseFileSystems, readNfs } from '../../src/infra/watch/df.ts';
import { parseCpu, parseDiskstats, parseNfsMounts, parsePressure, parseVmstat } from '../../src/infra/watch/kernel.ts';
import { readProbes } from '../../src/infra/watch/probe.ts';
import { sectionsOf } from '../../src/infra/watch/sections.ts';
import type { Ran } from '../../src/operations/ports.ts';
import { answered, inOneVirsh, recorded } from '../kit/recorded.ts';

const GUEST = '11111111-2222-4333-8444-555555555555';
const HEALTHY = {
  clock: recorded('watch-date'),
  system: recorded('watch-head'),
  libvirt: inOneVirsh(recorded('virsh-version'), answered(0, `${GUEST} snaplab-g1\n\n`), recorded('watch-domstats')),
  lvm: recorded('look-vgs'),
  units: recorded('watch-units-none'),
  filesystems: recorded('watch-df'),
  nfs: recorded('watch-df-nfs-none'),
};
const { parse, commands } = makeDriver().sweep('cloudvg', []);
const read = (changed: Partial<Record<keyof typeof HEALTHY, Ran>> = {}) =>
  parse(Object.values({ ...HEALTHY, ...changed }));

describe('sweep', () => {
  it('is one call of as many commands as it reads, all of which go on', () => {
    expect(commands.length).toBe(Object.keys(HEALTHY).length);
    expect(commands.every(({ onFailure }) => onFailure === 'go-on')).toBe(true);
    // Guests that are asked one by one cost no command more.
    expect(makeDriver().sweep('cloudvg', [GUEST]).commands.length).toBe(commands.length);
  });

  it('reads a healthy host: the observation, gauges, counters, guests', () => {
    const { observation, gauges, counters, guests, probes } = read();
    expect(observation).toMatchObject({ cpus: 2, libvirt: '9.0.0', kvm: true, problems: [] });
    expect(observation.memoryBytes).toBe(2_027_012 * 1024);
    expect(gauges).toMatchObject({
      clock: { at: expect.closeTo(1_795_715_274_898, -1), restMs: 6 },
      pressure: { cpu: expect.any(Number), memory: expect.any(Number), io: expect.any(Number) },
      failedUnits: [],
      nfs: { mounts: [], stale: [], silent: false },
    });
    expect(gauges.filesystems).toEqual([
      { target: '/', sizeBytes: 8_350_298_112, usedPercent: 7.97, inodePercent: 2.67 },
    ]);
    expect(counters.cpu?.all).toBeGreaterThan(counters.cpu?.idle ?? Number.POSITIVE_INFINITY);
    expect(counters).toMatchObject({ swapIn: 0, swapOut: 0, oomKills: 0 });
    expect(Object.keys(counters.disks)).toEqual(['vda', 'vdb']);
    expect(Object.keys(counters.guests)).toEqual([GUEST]);
    expect(counters.guests[GUEST]).toMatchObject({ cpuNs: 62_275_890_000, readBytes: expect.any(Number) });
    // (125312 − 98648) of 125312
    expect(guests.get(GUEST)).toEqual({ vcpus: 1, memoryPercent: 21.28 });
    expect(probes).toEqual([]);
  });

  it('keeps what it could read when the rest is missing', () => {
    const seen = read({
      clock: answered(1),
      libvirt: recorded('virsh-chain-stopped'),
      lvm: recorded('look-vgs-missing'),
      units: answered(1),
      filesystems: answered(124),
    });
    expect(seen.observation).toMatchObject({ libvirt: null, domains: null, cpus: 2 });
    expect(seen.gauges).toMatchObject({ clock: null, filesystems: null, failedUnits: null });
    expect(seen.counters.cpu).not.toBeNull();
    expect(seen.counters).toMatchObject({ pools: {}, guests: {} });
  });

  it('reads what several guests were asked behind the rest, each by itself', () => {
    const [there, gone] = ['11111111-2222-4333-8444-555555555555', '00000000-0000-4000-8000-000000000000'];
    const sweep = makeDriver().sweep('cloudvg', [there, gone]);
    const { observation, probes } = sweep.parse(Object.values({ ...HEALTHY, libvirt: recorded('watch-virsh') }));
    expect(observation.problems).toEqual([]);
    expect(observation.domains?.map(({ name }) => name)).toEqual(['alpha', 'beta', 'gamma']);
    expect(probes).toEqual([
      { uuid: there, agent: 'none', hasAddress: false },
      { uuid: gone, agent: null, hasAddress: false },
    ]);
    // An agent hung until the time limit ended all: what had been said before counts, and of the rest nothing is known.
    const { stdout, stderr } = recorded('watch-virsh');
    const until = (text: string, mark: string) => text.slice(0, text.indexOf(mark) + mark.length);
    const cutAt = (nth: number) =>
      sweep.parse(
        Object.values({
          ...HEALTHY,
          libvirt: answered(124, until(stdout, `hostler-${nth}\n\n`), until(stderr, `error: hostler-${nth}\n`)),
        }),
      );
    const told = (nth: number) => cutAt(nth).probes.map(({ agent, hasAddress }) => [agent, hasAddress]);
    expect(cutAt(3).observation.problems).toEqual([]);
    expect(cutAt(3).observation.domains?.length).toBe(3);
    expect(told(3)).toEqual([
      [null, null],
      [null, null],
    ]);
    // First of all whether agents are alive.
    expect(told(5)).toEqual([
      ['none', null],
      [null, null],
    ]);
    expect(told(8)).toEqual([
      ['none', false],
      [null, null],
    ]);
  });

  it('takes a kernel without pressure information for whole, and any other missing file for a problem', () => {
    const { stdout } = HEALTHY.system;
    const without = stdout.replaceAll(/==> \/proc\/pressure[^=]*<==\n[^=]*?avg10[^>]*?(?=\n==>)/g, '');
    const missing = (path: string) => `head: cannot open '${path}' for reading: No such file or directory\n`;
    const old = read({ system: answered(1, without, missing('/proc/pressure/cpu') + missing('/proc/pressure/io')) });
    expect(old.gauges.pressure.cpu).toBeNull();
    expect(old.observation.problems).toEqual([]);
    const odd = read({ system: answered(1, stdout, missing('/proc/uptime')) });
    expect(odd.observation.problems).toEqual([{ part: 'system', message: missing('/proc/uptime').trim() }]);
  });
});

describe('the parsers', () => {
  it('cut the answer of head into files, also where one is missing', () => {
    expect([...sectionsOf(recorded('watch-head-missing').stdout)]).toEqual([
      ['/proc/loadavg', '1.77 1.53 1.30 1/139 5532\n'],
      ['/proc/uptime', '1527.90 1419.32\n'],
    ]);
    expect([...sectionsOf('')]).toEqual([]);
  });

  it('read the kernel’s counters', () => {
    const cpu = parseCpu(recorded('proc-stat').stdout);
    // What guests used stands in user time already.
    expect(cpu).toEqual({ all: 309_403, idle: 146_364, iowait: 497, steal: 0 });
    expect(parseCpu('cpu  1 2 3 4 5 6 7 8 9 10\n')).toEqual({ all: 36, idle: 4, iowait: 5, steal: 8 });
    expect(parseVmstat(recorded('proc-vmstat').stdout, 'oom_kill')).toBe(0);
    expect(parseVmstat(recorded('proc-vmstat').stdout, 'no_such')).toBeNull();
    expect(parsePressure(recorded('proc-pressure-cpu').stdout)).toBe(17.25);
    const disks = parseDiskstats(recorded('proc-diskstats').stdout);
    expect(disks[0]).toEqual({
      name: 'vda',
      minor: 0,
      readBytes: 457_828 * 512,
      writeBytes: 329_604 * 512,
      busyMs: 13_220,
    });
    expect([parseCpu('nonsense'), parseCpu(undefined), parsePressure(''), parseDiskstats('x y z')]).toEqual([
      null,
      null,
      null,
      [],
    ]);
  });

  it('tell NFS that answers from NFS that is stale or silent', () => {
    const mounts = parseNfsMounts(recorded('watch-mounts-nfs').stdout);
    expect(mounts).toEqual(['/mnt/hl-rec']);
    expect(parseNfsMounts('srv:/a /mnt/with\\040space nfs rw 0 0\n')).toEqual(['/mnt/with space']);
    expect(readNfs(mounts, recorded('watch-df-nfs'))).toEqual({ mounts, stale: [], silent: false });
    expect(readNfs(mounts, recorded('watch-df-nfs-stale'))).toEqual({
      mounts,
      stale: ['/mnt/hl-rec: Stale file handle'],
      silent: false,
    });
    expect(readNfs(mounts, answered(124)).silent).toBe(true);
  });

  it('read file systems, also those without inodes, and each device once', () => {
    const text = [
      'Filesystem     Type  1B-blocks      Used      Avail Inodes IUsed  IFree Mounted on',
      '/dev/sda1      ext4 1000 800 100 10 9 1 /',
      '/dev/sda1      ext4 1000 800 100 10 9 1 /also here',
      '/dev/sdb       btrfs 1000 250 750 0 0 0 /data with space',
      'nonsense',
    ].join('\n');
    expect(parseFileSystems(text)).toEqual([
      { target: '/', sizeBytes: 1000, usedPercent: 88.89, inodePercent: 90 },
      { target: '/data with space', sizeBytes: 1000, usedPercent: 25, inodePercent: null },
    ]);
  });

  it('tell an agent that is silent from one that is not there', () => {
    const off = answered(1, '', 'error: Domain is not running\n');
    const read = (ran: Ran) => readProbes([GUEST], links(ran, 4))[0];
    const chain = inOneVirsh;
    const probe = (ping: Ran) => read(chain(ping, off, off, off))?.agent;
    expect(probe(recorded('virsh-agent-ping'))).toBe('answers');
    expect(probe(recorded('virsh-agent-ping-shutoff'))).toBeNull();
    expect(probe(answered(1, '', 'error: Guest agent is not responding: QEMU guest agent is not connected\n'))).toBe(
      'silent',
    );
    expect(probe(answered(1, '', 'error: argument unsupported: QEMU guest agent is not configured\n'))).toBe('none');
    const lease = recorded('virsh-domifaddr-lease-alpha');
    expect(read(chain(off, off, lease, off))?.hasAddress).toBe(true);
    expect(read(chain(off, off, off, off))?.hasAddress).toBe(false);
    const stopped = recorded('virsh-libvirtd-stopped');
    for (const ran of [stopped, chain(stopped, stopped, stopped, stopped)])
      expect(read(ran)).toMatchObject({ agent: null, hasAddress: null });
    expect(read(recorded('virsh-chain-running'))).toMatchObject({ agent: 'answers', hasAddress: true });
    expect(read(recorded('virsh-chain-missing'))).toMatchObject({ agent: null, hasAddress: false });
    // Its agent hung until the time limit ended all: what had been said by then counts.
    const cut = chain(recorded('virsh-agent-ping'), lease);
    expect(read({ ...cut, exit: 124 })).toMatchObject({ agent: 'answers', hasAddress: null });
  });

  it('know a clock that is off by more than the call took, and no other', () => {
    const times = { began: 10_000, ended: 13_000 };
    const skew = (at: number, restMs = 0) => skewOf({ clock: { at, restMs } }, times);
    expect([skew(9_000), skew(10_000), skew(12_000), skew(14_000)]).toEqual([-1000, 0, 0, 1000]);
    // The host worked for 2.5 s after it read its clock: it read it before 10.5 s.
    expect(skew(12_000, 2_500)).toBe(1500);
    expect(skewOf({ clock: null }, times)).toBeNull();
  });
});
