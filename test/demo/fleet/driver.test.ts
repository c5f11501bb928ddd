import { beforeEach, describe, expect, it } from 'vitest';
import { simulatedFleet } from '../../../demo/fleet/exec.ts';
import { makeSimHost, type SimHost } from '../../../demo/fleet/host.ts';
import { opTag } from '../../../src/domain/marks.ts';
import { makeDriver } from '../../../src/infra/driver.ts';
import type { HostCall } from '../../../src/operations/ports.ts';

const GIB = 1024 ** 3;
const driver = makeDriver();
const marks = { op: 'op_1', vm: 'vm_1' };
const uuid = '6d0c2f3e-62f5-4b52-8a4c-3c1f24b5d8aa';

let host: SimHost;
let fleet: ReturnType<typeof simulatedFleet>;
beforeEach(() => {
  host = makeSimHost({ name: 'kvm-1', guest: { leaseMs: 0, agentMs: 0, shutdownMs: 0 } });
  host.model.unitMs = 0;
  fleet = simulatedFleet([host]);
});

async function done<T>(call: HostCall<T>): Promise<T> {
  const result = await fleet.run('kvm-1', call, { lane: 'change' });
  if (result.outcome !== 'done') throw result.error;
  return result.value;
}

/** What a call's refusal says, as plain data. */
async function refusal<T>(call: HostCall<T>): Promise<{ code: string; message: string }> {
  const result = await fleet.run('kvm-1', call, { lane: 'change' });
  if (result.outcome !== 'failed') throw new Error(`the call was ${result.outcome}`);
  return { code: result.error.code, message: result.error.message };
}

async function pourGolden(): Promise<void> {
  const golden = { vg: 'cloudvg', name: 'img-1' };
  await done(driver.volumes.createThin({ ...golden, pool: 'thinpool', sizeBytes: 2 * GIB, marks }));
  await done(
    driver.images.pour({
      path: '/var/lib/hostler/images/full.qcow2',
      format: 'qcow2',
      volume: golden,
      unit: 'hostler-op_1',
    }),
  );
  expect(await done(driver.images.pouring('hostler-op_1'))).toBe('done');
  await done(driver.images.stopPouring('hostler-op_1'));
}

async function defineVm(): Promise<void> {
  const volume = { vg: 'cloudvg', name: 'vm-1-d0' };
  await done(driver.volumes.clone({ ...volume, origin: 'img-1', originBytes: 2 * GIB, sizeBytes: 4 * GIB, marks }));
  const template = await done(driver.domains.template({ osinfo: 'debian11', vcpus: 1, memoryBytes: GIB }));
  const xml = driver.domains.fillTemplate(template, {
    ...marks,
    uuid,
    domainName: 'team-01-web',
    team: 'team-01',
    name: 'web',
    vcpus: 2,
    memoryBytes: GIB,
    disks: [
      { target: 'vda', path: driver.volumes.devicePath(volume), source: 'block', device: 'disk', readonly: false },
      { target: 'vdb', path: '/var/lib/hostler/seed/vm_1.img', source: 'file', device: 'disk', readonly: true },
    ],
    nics: [{ mac: '52:54:00:01:02:03', source: { network: 'default' } }],
    boot: ['disk'],
  });
  await done(driver.files.write('/var/lib/hostler/seed/vm_1.img', { base64: 'aGVsbG8=', label: 'seed' }));
  await done(driver.domains.define(xml));
}

describe('the driver on a simulated host', () => {
  it('makes, runs and removes a VM, and the host is as it was', async () => {
    await pourGolden();
    const before = host.snapshot();
    await defineVm();
    await done(driver.domains.start(uuid));
    expect(await done(driver.domains.look(uuid))).toMatchObject({
      state: 'running',
      reason: 'booted',
      vcpus: 2,
      memoryBytes: GIB,
    });
    expect(await done(driver.domains.addresses(uuid))).toEqual([
      {
        mac: '52:54:00:01:02:03',
        address: expect.stringMatching(/^192\.168\.122\.\d+$/),
        family: 'ipv4',
        source: 'agent',
      },
    ]);
    expect(await done(driver.domains.vncDisplay(uuid))).toBe('127.0.0.1:0');
    expect(await done(driver.domains.marksOf(uuid))).toEqual({ ...marks, team: 'team-01', name: 'web' });
    expect(await done(driver.volumes.look({ vg: 'cloudvg', name: 'vm-1-d0' }))).toMatchObject({
      open: true,
      sizeBytes: 4 * GIB,
      origin: 'img-1',
    });
    const bootId = host.domain(uuid).live?.bootId;
    await done(driver.domains.suspend(uuid));
    await done(driver.domains.resume(uuid));
    await done(driver.domains.shutdown(uuid));
    expect(await done(driver.domains.look(uuid))).toMatchObject({
      state: 'shut off',
      reason: 'shutdown',
      cpuTimeNs: null,
    });
    await done(driver.domains.rename(uuid, { domainName: 'team-01-www', team: 'team-01', name: 'www' }));
    await done(driver.domains.autostart(uuid, true));
    expect(await done(driver.domains.autostartOf(uuid))).toBe(true);
    expect(await done(driver.domains.marksOf(uuid))).toEqual({ ...marks, team: 'team-01', name: 'www' });
    await done(driver.domains.start(uuid));
    expect(host.domain('team-01-www').live?.bootId).not.toBe(bootId);
    await done(driver.domains.stop(uuid));
    await done(driver.domains.undefine(uuid, { keepNvram: false }));
    expect(await done(driver.domains.look(uuid))).toBeNull();
    await done(driver.volumes.removeMarked({ vg: 'cloudvg', name: 'vm-1-d0', tag: opTag('op_1') }));
    await done(driver.volumes.removeMarked({ vg: 'cloudvg', name: 'vm-1-d0', tag: opTag('op_1') }));
    await done(driver.files.remove('/var/lib/hostler/seed/vm_1.img'));
    expect(host.snapshot()).toEqual(before);
    expect(fleet.unknown()).toEqual([]);
  });

  it('reports what it has', async () => {
    await pourGolden();
    const seen = await done(driver.observe('cloudvg'));
    expect(seen).toMatchObject({
      kernel: '6.1.0-56-cloud-amd64',
      cpus: 8,
      libvirt: '9.0.0',
      qemu: '7.2.22',
      kvm: true,
      domains: [],
      problems: [],
    });
    expect(seen.volumes?.map((it) => [it.name, it.kind, it.tags])).toEqual([
      ['img-1', 'thin', ['hostler.op.op_1', 'hostler.vm.vm_1']],
      ['thinpool', 'thin-pool', []],
    ]);
    expect(fleet.unknown()).toEqual([]);
  });

  it('tells each kind of trouble as what it is', async () => {
    await pourGolden();
    host.model.libvirt.running = false;
    host.model.sudo = 'refused';
    const seen = await done(driver.observe('cloudvg'));
    expect(seen).toMatchObject({ domains: null, volumes: null, groups: null, libvirt: null });
    host.model.sudo = 'rules';
    host.model.libvirt.running = true;
    const clone = driver.volumes.clone({
      vg: 'cloudvg',
      name: 'c',
      origin: 'img-1',
      originBytes: GIB,
      sizeBytes: GIB,
      marks,
    });
    host.fillPool();
    expect(await refusal(clone)).toMatchObject({
      code: 'host_fault',
      message: expect.stringContaining('no storage space left'),
    });
    host.fillPool(0);
    host.trouble.add({ match: /lvcreate/, when: 'after', kind: 'cut' });
    expect(await fleet.run('kvm-1', clone)).toMatchObject({ outcome: 'unknown' });
    expect(await done(driver.volumes.look({ vg: 'cloudvg', name: 'c' }))).toMatchObject({ name: 'c' });
    host.trouble.down = true;
    expect(await refusal(clone)).toMatchObject({ code: 'host_unreachable' });
    expect(fleet.unknown()).toEqual([]);
  });
});
