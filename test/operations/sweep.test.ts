import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { end } from '../../demo/fleet/model/domains.ts';
import { watched } from '../../demo/fleet/model/watched.ts';
import type { Vm } from '../../src/domain/vm.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { sweepHost } from '../../src/operations/watch/sweep.ts';
import { makeWorld, type World } from '../kit/world.ts';

const MINUTE = 60_000;
let world: World;
let vm: Vm;
beforeEach(async () => {
  world = await makeWorld();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  vm = here(world.rows.vms.byName('team-01', 'web-01'));
});
afterEach(async () => {
  expect(world.simulated.unknown()).toEqual([]);
  await world.close();
});

function here<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it is missing');
  return value;
}
const host = () => here(world.hosts[0]);

async function sweep(after = MINUTE): Promise<void> {
  world.clock.advance(after);
  // The simulated host has a clock of its own: it goes on by real time.
  host().model.bootedAt -= after;
  for (const { live } of host().model.domains)
    if (live !== null) Object.assign(live, { startedAt: live.startedAt - after });
  await sweepHost({ ...world, driver: makeDriver() }, 'kvm-1', new AbortController().signal);
}
const latest = (kind: 'host' | 'vm' | 'pool', object: string) => here(world.rows.samples.latest(kind, object)).values;

describe('the sweep', () => {
  it('keeps a row for host, pool and VM, and knows rates from the second on', async () => {
    await sweep();
    expect(latest('host', 'kvm-1')).toMatchObject({ up: 1, libvirt: 1, kvm: 1, cpu: null, memory: expect.any(Number) });
    await sweep();
    expect(latest('host', 'kvm-1').cpu).toBeGreaterThan(0);
    expect(latest('vm', vm.id)).toMatchObject({ up: 1, memory: expect.any(Number), disk_read: 0 });
    expect(latest('pool', 'kvm-1/thinpool')).toMatchObject({ data: expect.any(Number), disk_read: 0 });
  });

  it('notes of each VM how it was seen, and leaves alone what is newer or no more there', async () => {
    const at = world.clock.now();
    const rest = { id: 'a', uuid: 'a', name: 'other', domainName: 'other', mac: '52:54:00:00:00:01' };
    const add = (change: Partial<Vm>): void => world.rows.vms.insert({ ...vm, ...rest, ...change });
    const before = { state: 'running', reason: 'booted', at } as const;
    add({ seen: before });
    const newer = { ...before, at: at + 2 * MINUTE };
    add({ id: 'b', uuid: 'b', name: 'b', domainName: 'b', mac: '52:54:00:00:00:02', seen: newer });
    add({ id: 'c', uuid: 'c', name: 'c', domainName: 'c', mac: '52:54:00:00:00:03', seen: before, life: 'trashed' });
    add({ id: 'd', uuid: 'd', name: 'd', domainName: 'd', mac: '52:54:00:00:00:04', seen: before, host: 'kvm-2' });
    await sweep();
    const seen = (id: string) => world.rows.vms.byId(id)?.seen;
    expect(seen(vm.id)).toEqual({ ...vm.seen, at: here(seen('a')).at });
    expect(seen('a')?.state).toBe('missing');
    const first = here(seen('a')).at;
    expect(first).toBeGreaterThanOrEqual(at + MINUTE);
    expect([seen('b'), seen('c'), seen('d')]).toEqual([newer, before, before]);
    await sweep(2 * MINUTE);
    expect(['a', 'b', 'c'].map((id) => seen(id)?.state)).toEqual(['missing', 'missing', 'running']);
    expect(seen('a')?.at).toBeGreaterThanOrEqual(first + 2 * MINUTE);
  });

  it('keeps what half a sweep brought, and that a host was silent', async () => {
    host().model.libvirt.running = false;
    await sweep();
    expect(latest('host', 'kvm-1')).toMatchObject({ up: 1, libvirt: 0, memory: expect.any(Number) });
    expect(latest('pool', 'kvm-1/thinpool').data).not.toBeNull();
    expect(world.rows.samples.latest('vm', vm.id)).toBeNull();
    host().trouble.down = true;
    await sweep();
    expect(latest('host', 'kvm-1')).toMatchObject({ up: 0, libvirt: null, memory: null });
  });

  it('sees failed units, kills by the kernel, a clock that is off, and NFS that is stale', async () => {
    await sweep();
    const wrong = watched(host().model);
    Object.assign(wrong, {
      oomKills: 2,
      failedUnits: ['a.service'],
      clockOffsetMs: 3_600_000 + world.clock.now() - Date.now(),
    });
    wrong.nfs.push({ source: 'nas:/images', target: '/mnt/images', state: 'stale' });
    await sweep();
    expect(latest('host', 'kvm-1')).toMatchObject({ oom_kills: 2, failed_units: 1, nfs_bad: 1 });
    expect(latest('host', 'kvm-1').skew).toBeGreaterThan(3_500_000);
  });

  it('remembers what is wanted, what agents said, and starts that nobody asked for', async () => {
    expect(world.rows.watch.of(vm.id)).toMatchObject({ wanted: 'running', starts: [] });
    await sweep();
    await sweep();
    expect(world.rows.watch.of(vm.id).askedAt).not.toBeNull();
    expect(world.rows.watch.of(vm.id).addressSeenAt).not.toBeNull();
    const domain = host().domain('team-01-web-01');
    end(host().model, domain, 'crashed', host().clock.now());
    await sweep();
    expect(latest('vm', vm.id)).toMatchObject({ up: 0, cpu: null });
    host().sh(['virsh', 'start', '--domain', vm.uuid]);
    await sweep();
    expect(world.rows.watch.of(vm.id).starts).toHaveLength(1);
    await sweep();
    await world.change('vm.restart', { vm: 'web-01' });
    await sweep(1000);
    expect(world.rows.watch.of(vm.id)).toMatchObject({ wanted: 'running', starts: [] });
    await world.change('vm.shutdown', { vm: 'web-01' });
    expect(world.rows.watch.of(vm.id)).toMatchObject({ wanted: 'off' });
  });
});
