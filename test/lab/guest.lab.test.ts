/** Real guests on the lab: one made from an image and a seed lets its key in; installers boot from ISO and network. */
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { DiskSpec, DomainSpec } from '../../src/operations/driver.ts';
import { at, type Bench } from '../contract/world.ts';
import { type LabWorld, labWorld } from './lab-world.ts';

const MIB = 1024 * 1024;

describe.skipIf(process.env.HOSTLER_LAB !== '1')('guests on the lab (HOSTLER_LAB=1)', () => {
  const prefix = `drv-${randomBytes(4).toString('hex')}`;
  const uuids = { guest: randomUUID(), iso: randomUUID(), pxe: randomUUID() };
  const files: string[] = [];
  let world: LabWorld;
  let bench: Bench;
  let template: string;
  let directory: string;

  beforeAll(async () => {
    world = await labWorld();
    bench = at(() => world, prefix);
    directory = await mkdtemp(join(tmpdir(), 'hostler-guest-'));
    template = await bench.ask((driver) =>
      driver.domains.template({ osinfo: world.osinfo, vcpus: 1, memoryBytes: 128 * MIB }),
    );
  });
  afterAll(async () => {
    const { ask, marks } = bench;
    for (const uuid of Object.values(uuids)) {
      const seen = await ask((driver) => driver.domains.look(uuid));
      if (seen?.state === 'running') await ask((driver) => driver.domains.stop(uuid));
      if (seen !== null) await ask((driver) => driver.domains.undefine(uuid, { keepNvram: false }));
    }
    await ask((driver) => driver.images.stopPouring(`hostler-${prefix}`));
    for (const path of files) await ask((driver) => driver.files.remove(path));
    const tag = opTag(marks.op);
    for (const { vg, name } of await ask((driver) => driver.volumes.byTag(world.vg, tag))) {
      await ask((driver) => driver.volumes.removeMarked({ vg, name, tag }));
    }
    await world.close();
    await rm(directory, { recursive: true });
  });

  const nic = () => ({
    mac: `52:54:00:${randomBytes(3).toString('hex').match(/../g)?.join(':')}`,
    source: { network: world.network },
  });
  const spec = (name: keyof typeof uuids, disks: readonly DiskSpec[], boot: DomainSpec['boot']): DomainSpec => ({
    ...bench.marks,
    uuid: uuids[name],
    domainName: `${prefix}-${name}`,
    team: prefix,
    name,
    vcpus: 1,
    memoryBytes: 160 * MIB,
    disks,
    nics: [nic()],
    boot,
  });
  async function start(domain: DomainSpec): Promise<void> {
    await bench.ask((driver) => driver.domains.define(driver.domains.fillTemplate(template, domain)));
    await bench.ask((driver) => driver.domains.start(domain.uuid));
  }
  async function write(name: string, base64: string): Promise<string> {
    const path = `${world.directory}/${prefix}-${name}`;
    files.push(path);
    await bench.ask((driver) => driver.files.write(path, { base64, label: name }));
    return path;
  }

  it('boots an installer from an ISO, and from the network', async () => {
    const iso = await write('a.iso', Buffer.alloc(64 * 1024).toString('base64'));
    const cdrom = { target: 'sda', path: iso, source: 'file', device: 'cdrom', readonly: true } as const;
    await start(spec('iso', [cdrom], ['cdrom', 'disk']));
    await start(spec('pxe', [], ['network', 'disk']));
    for (const uuid of [uuids.iso, uuids.pxe]) {
      expect(await bench.ask((driver) => driver.domains.look(uuid))).toMatchObject({ state: 'running' });
      await bench.ask((driver) => driver.domains.stop(uuid));
    }
  });

  it('gives a clone its name and key by the seed, and finds its address', async () => {
    const { ask, marks, until } = bench;
    const image = { vg: world.vg, name: `${prefix}-img` };
    const disk = { vg: world.vg, name: `${prefix}-d0` };
    const unit = `hostler-${prefix}`;
    const seen = await ask((driver) => driver.images.inspect(world.image));
    const sizeBytes = seen?.virtualBytes ?? 0;
    await ask((driver) => driver.volumes.createThin({ ...image, pool: world.pool, sizeBytes, marks }));
    await ask((driver) => driver.images.pour({ path: world.image, format: 'qcow2', volume: image, unit }));
    const end = await until(
      (driver) => driver.images.pouring(unit),
      (state) => state !== 'running',
    );
    expect(end).toBe('done');
    const origin = await ask((driver) => driver.volumes.look(image));
    const originBytes = origin?.sizeBytes ?? 0;
    const clone = { ...disk, origin: image.name, originBytes, sizeBytes: originBytes + 64 * MIB, marks };
    await ask((driver) => driver.volumes.clone(clone));

    const key = join(directory, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'dev "one"', '-f', key]);
    const sshKeys = [(await readFile(`${key}.pub`, 'utf8')).trim()];
    const { base64 } = world.driver.seed({ hostname: 'web-01', instanceId: prefix, sshKeys });
    const seed = await write('seed.img', base64);
    const disks: readonly DiskSpec[] = [
      { target: 'vda', path: world.driver.volumes.devicePath(disk), source: 'block', device: 'disk', readonly: false },
      { target: 'vdz', path: seed, source: 'file', device: 'disk', readonly: true },
    ];
    await start(spec('guest', disks, ['disk']));
    const lookFor = (source: string) =>
      until(
        (driver) => driver.domains.addresses(uuids.guest),
        (found) => found.some((one) => one.source === source),
      );
    await lookFor('lease');
    await lookFor('agent');
    const [found] = await lookFor('agent');
    expect(found).toMatchObject({ family: 'ipv4', source: 'agent' });

    // The tiny guest has one filesystem on its disk; one that nobody knows is left out.
    const told = await ask((driver) => driver.disks.filesystemsOf([uuids.iso, uuids.guest]));
    expect([...told.keys()]).toEqual([uuids.guest]);
    const [data] = told.get(uuids.guest) ?? [];
    expect(data).toMatchObject({ mountpoint: '/data', type: 'vfat', on: [{ target: 'vda' }] });
    expect(data?.usedBytes).toBeGreaterThan(0);
    expect(data?.usedBytes).toBeLessThan(data?.totalBytes ?? 0);

    const common = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'];
    const jump = ['ssh', ...common, '-i', world.keyFile, '-p', String(world.port), '-W', '%h:%p'];
    const proxy = `ProxyCommand=${[...jump, `${world.user}@${world.address}`].join(' ')}`;
    const login = [...common, '-i', key, '-o', proxy, `root@${found?.address}`, 'hostname'];
    expect(execFileSync('ssh', login, { encoding: 'utf8', stdio: 'pipe' }).trim()).toBe('web-01');

    await ask((driver) => driver.domains.shutdown(uuids.guest));
    const off = await until(
      (driver) => driver.domains.look(uuids.guest),
      (domain) => domain?.state === 'shut off',
    );
    expect(off).toMatchObject({ state: 'shut off', reason: 'shutdown' });
  });
});
