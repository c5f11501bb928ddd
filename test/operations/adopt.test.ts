/** Domains that somebody made without Hostler, taken into a team: the real engine over a simulated host. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { opTag, vmTag } from '../../src/domain/marks.ts';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { GiB, MiB } from '../../src/domain/size.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { lookAtHost } from '../../src/operations/observe.ts';
import { foreignDomain } from '../kit/foreign-domain.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
const more: World[] = [];
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  for (const each of [world, ...more.splice(0)]) await each.close();
});

function host() {
  const [found] = world.hosts;
  if (found === undefined) throw new Error('a world has a host');
  return found;
}
const look = (at = world) => lookAtHost({ ...at, driver: makeDriver() }, 'kvm-1');
const legacy = { domain: 'legacy', host: 'kvm-1', team: 'team-01' };
const adopt = (input: Record<string, unknown> = {}) => world.change('vm.adopt', { ...legacy, ...input }, 'admin');
const refused = async (input: Record<string, unknown> = {}, as = 'admin') => {
  const answer = await world.ask('vm.adopt', { ...legacy, ...input }, as);
  return answer.kind === 'refused' ? `${answer.error.code}: ${answer.error.message}` : answer.kind;
};
const vm = (name = 'legacy') => world.rows.vms.byName('team-01', name);
const volume = (name = 'legacy') => host().model.volumes.find((each) => each.name === name);

describe('an adoption', () => {
  it('marks a running domain and its volumes, and makes it a VM of its team as it is', async () => {
    const uuid = foreignDomain(host(), { name: 'legacy' });
    host().sh(['virsh', 'autostart', '--domain', 'legacy']);
    host().sh(['lvchange', '--addtag', 'backup.daily', 'cloudvg/legacy']);
    await look();
    expect(world.rows.drift.onHost('kvm-1')).toHaveLength(1);
    const row = await adopt();
    expect([row.state, row.error]).toEqual(['succeeded', null]);
    expect(vm()).toMatchObject({
      uuid,
      domainName: 'legacy',
      life: 'live',
      vcpus: 2,
      memoryBytes: 512 * MiB,
      flavor: 'custom',
      image: null,
      network: 'default',
      autostart: true,
      createdBy: 'admin',
      disks: [{ target: 'vda', vg: 'cloudvg', volume: 'legacy', sizeBytes: GiB, kind: 'thin' }],
      seen: { state: 'running' },
    });
    const id = vm()?.id ?? '';
    expect(volume()?.tags).toEqual(['backup.daily', opTag(row.id), vmTag(id)]);
    const { xml, live, state } = host().domain('legacy');
    for (const text of [xml, live?.xml ?? '']) {
      expect(text).toContain(`id="${id}"`);
      expect(text).toContain('name="legacy"');
    }
    expect(state).toBe('running');
    expect(world.rows.watch.of(id)).toMatchObject({ wanted: 'running' });
    expect(world.rows.drift.onHost('kvm-1')).toEqual([]);
    expect(world.rows.audit.list({ limit: 99, operationId: row.id }).map(({ kind }) => kind)).toContain(
      'operation.planned',
    );
    await look();
    expect(vm()?.seen?.state).toBe('running');
    expect(world.rows.drift.onHost('kvm-1')).toEqual([]);
  });

  it('shows what it found before anything is written', async () => {
    foreignDomain(host(), {
      name: 'legacy',
      on: false,
      devices:
        '<disk type="file" device="cdrom"><source file="/var/lib/hostler/images/tiny.qcow2"/><target dev="sda" bus="sata"/><readonly/></disk>',
    });
    const asked = await world.ask('vm.adopt', { ...legacy, name: 'web-01' }, 'admin', { dryRun: true });
    if (asked.kind !== 'dry-run') throw new Error(JSON.stringify(asked));
    const notice = readNotice(asked.notice);
    const text = JSON.stringify(notice);
    for (const part of [
      'Adopt legacy as team-01/web-01',
      '2 vCPU, 512 MiB of memory, off',
      'Disk vda: cloudvg/legacy, 1 GiB, thin.',
      'sda: /var/lib/hostler/images/tiny.qcow2, read only',
      'on network default',
      'lvchange --addtag hostler.op.',
      'virsh -c qemu:///system metadata',
      '--remove',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('--live');
    expect(vm('web-01')).toBeNull();
    expect(volume()?.tags).toEqual([]);
  });

  it('leads to a VM that can do what others can: snapshots, growth, another name, trash and back, purge', async () => {
    foreignDomain(host(), { name: 'legacy' });
    await adopt({ name: 'web-01' });
    for (const [name, input] of [
      ['snapshot.create', { vm: 'web-01', name: 'one' }],
      ['vm.disk.extend', { vm: 'web-01', disk: 'vda', size: '+1GiB' }],
      ['snapshot.revert', { vm: 'web-01', name: 'one' }],
      ['vm.disk.attach', { vm: 'web-01', size: '1GiB' }],
      ['vm.disk.detach', { vm: 'web-01', disk: 'vdb' }],
      ['vm.backup.now', { vm: 'web-01' }],
      ['vm.delete', { vm: 'web-01' }],
      ['vm.restore', { vm: 'web-01' }],
    ] as const) {
      const done = await world.change(name, input, '01-lead');
      expect([name, done.state, done.error]).toEqual([name, 'succeeded', null]);
    }
    expect(vm('web-01')).toMatchObject({ domainName: 'legacy', life: 'live' });
    expect(host().domain('legacy').state).toBe('running');
    expect(await world.ask('vm.rename', { vm: 'web-01', name: 'web-01' })).toMatchObject({ kind: 'operation' });
    expect(await world.change('vm.rename', { vm: 'web-01', name: 'web-01' })).toMatchObject({ state: 'succeeded' });
    expect(vm('web-01')).toMatchObject({ domainName: 'team-01-web-01' });
    expect(host().domain('team-01-web-01').xml).not.toContain('domain="legacy"');
    expect(await world.ask('vm.rename', { vm: 'web-01', name: 'web-01' })).toMatchObject({
      error: { code: 'already_exists' },
    });
    for (const name of ['vm.delete', 'vm.purge'])
      expect(await world.change(name, { vm: 'web-01' }, '01-lead')).toMatchObject({ state: 'succeeded' });
    expect(host().model.volumes.map((each) => each.name)).not.toContain('trash-legacy');
  });

  it('is known again by another database, and a copy of its domain is not', async () => {
    foreignDomain(host(), { name: 'legacy', disk: '/dev/mapper/cloudvg-old--web', on: false });
    host().sh(['lvcreate', '-y', '-V', '1073741824b', '--thinpool', 'thinpool', '-n', 'old-web', 'cloudvg']);
    expect(await adopt({ name: 'web-01' })).toMatchObject({ state: 'succeeded' });
    const copy = host()
      .domain('legacy')
      .xml.replace(/<uuid>.*<\/uuid>/, '')
      .replace('<name>legacy<', '<name>legacy-clone<');
    expect(host().sh(['virsh', 'define', '--file', '/dev/stdin'], { stdin: copy })).toMatchObject({ exit: 0 });
    const after = await makeWorld({ hosts: [{ name: 'kvm-1', model: host().model }], images: false });
    more.push(after);
    await look(after);
    expect(after.rows.vms.list(null)).toMatchObject([
      { name: 'web-01', domainName: 'legacy', disks: [{ vg: 'cloudvg', volume: 'old-web', kind: 'thin' }] },
    ]);
    expect(after.rows.drift.onHost('kvm-1').map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/its id is that of team-01\/web-01|its marks say team-01\/web-01, its name does not/),
    ]);
  });

  it('is taken back by a release, which leaves domain and volumes as they were', async () => {
    foreignDomain(host(), { name: 'legacy' });
    await look();
    const before = host().snapshot();
    const free = world.rows.vms.list('team-01').length;
    const row = await adopt();
    const card = world.rows.operations.byId(row.id);
    expect(card?.state).toBe('succeeded');
    expect(await world.ask('vm.release', { vm: 'legacy' }, '01-lead')).toMatchObject({ error: { code: 'forbidden' } });
    await world.change('snapshot.create', { vm: 'legacy', name: 'one' });
    expect(await world.ask('vm.release', { vm: 'legacy' }, 'admin')).toMatchObject({
      error: { message: 'team-01/legacy can’t be let go of: it has 1 snapshot' },
    });
    await world.change('snapshot.delete', { vm: 'legacy', name: 'one' });
    expect(await world.change('vm.release', { vm: 'legacy' }, 'admin')).toMatchObject({ state: 'succeeded' });
    expect(host().snapshot()).toEqual(before);
    expect(world.rows.vms.list('team-01')).toHaveLength(free);
    await look();
    expect(world.rows.drift.onHost('kvm-1')).toMatchObject([{ domainName: 'legacy' }]);
    expect(await adopt({ team: 'team-02' })).toMatchObject({ state: 'succeeded' });
  });

  it('is not taken back where something of the VM would be left behind', async () => {
    const release = async () => {
      const answer = await world.ask('vm.release', { vm: 'legacy' }, 'admin');
      return answer.kind === 'refused' ? answer.error.message : answer.kind;
    };
    foreignDomain(host(), { name: 'legacy' });
    await adopt();
    await world.change('vm.disk.attach', { vm: 'legacy', size: '1GiB' });
    expect(await release()).toBe('operation');
    await world.change('vm.disk.detach', { vm: 'legacy', disk: 'vdb' });
    expect(await release()).toMatch(/1 of its disks is in the trash$/);
    await world.change('vm.backup.now', { vm: 'legacy' });
    expect(await release()).toMatch(/it has 1 backup$/);
    await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    expect(await world.ask('vm.release', { vm: 'web-01' }, 'admin')).toMatchObject({
      error: { message: expect.stringContaining('Hostler made it') },
    });
  });

  it('takes marks and row back where it fails', async () => {
    foreignDomain(host(), { name: 'legacy' });
    const before = host().snapshot();
    host().trouble.add({ match: / metadata .*--set/, when: 'before', kind: 'fail', times: 9 });
    expect(await adopt()).toMatchObject({ state: 'failed', error: { code: 'host_fault' } });
    expect(host().snapshot()).toEqual(before);
    expect(vm()).toBeNull();
  });

  it('writes to the definition where the guest was shut down meanwhile', async () => {
    foreignDomain(host(), { name: 'legacy' });
    world.through((at, call, options) => {
      if (call.title.startsWith('Mark domain')) host().sh(['virsh', 'destroy', '--domain', 'legacy']);
      return world.simulated.run(at, call, options);
    });
    expect(await adopt()).toMatchObject({ state: 'succeeded' });
    expect(host().domain('legacy').xml).toContain(vm()?.id);
  });
});

describe('an adoption is refused', () => {
  it('to all but platform admins', async () => {
    foreignDomain(host(), { name: 'legacy' });
    expect(await refused({}, '01-lead')).toMatch(/^forbidden: /);
  });

  it('where there is no such host, team, domain or name', async () => {
    foreignDomain(host(), { name: 'legacy' });
    expect(await refused({ host: 'kvm-9' })).toMatch(/^not_found: There is no host kvm-9/);
    expect(await refused({ team: 'team-99' })).toMatch(/^not_found: There is no team team-99/);
    expect(await refused({ domain: 'legacie' })).toMatch(/^not_found: Host kvm-1 has no domain legacie/);
    foreignDomain(host(), { name: 'Old_Web', on: false });
    expect(await refused({ domain: 'Old_Web' })).toMatch(/^invalid_input: Old_Web is no name that a VM can have/);
    host().trouble.down = true;
    expect(await refused()).toMatch(/^host_unreachable: kvm-1 does not say what it has/);
  });

  it('beyond the team’s quota, with how much', async () => {
    foreignDomain(host(), { name: 'legacy' });
    Object.assign(world.settings.teams[0]?.quota ?? {}, { memoryBytes: 256 * MiB });
    expect(await refused()).toMatch(
      /^quota_exceeded: .*memory: 0 B of 256 MiB used, 512 MiB more asked, 256 MiB too much/,
    );
    expect(await refused({ team: 'team-02' })).toBe('operation');
  });

  it('for a VM that is known, and for a name or MAC that is taken', async () => {
    await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    const web = vm('web-01');
    expect(await refused({ domain: 'team-01-web-01' })).toBe(
      'already_exists: team-01-web-01 is team-01/web-01 already',
    );
    foreignDomain(host(), { name: 'legacy', mac: web?.mac ?? '' });
    expect(await refused({ name: 'web-01' })).toBe('already_exists: team-01/web-01 exists already');
    expect(await refused()).toMatch(/^wrong_state: .*its MAC .* is that of team-01\/web-01/);
  });

  it('where it bears our marks as another VM', async () => {
    await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    const metadata = /<metadata>[\s\S]*<\/metadata>/.exec(host().domain('team-01-web-01').xml)?.[0] ?? '';
    foreignDomain(host(), { name: 'legacy', head: metadata });
    expect(await refused()).toMatch(/^wrong_state: .*it bears Hostler’s marks, as vm_.* \(team-01\/web-01\)/);
  });

  it.each([
    ['is a file', '/var/lib/hostler/images/tiny.qcow2', /\(\/var.*\) is no LVM volume/],
    ['is another group’s', '/dev/othervg/x', /\(othervg\/x\) is not in cloudvg/],
    ['is not there', '/dev/cloudvg/nothing', /\(cloudvg\/nothing\) is not there/],
  ])('where its disk %s', async (_, disk, why) => {
    foreignDomain(host(), { name: 'legacy', disk, on: false });
    expect(await refused()).toMatch(why);
  });

  it('where its disk is another VM’s, an image’s, another domain’s, or none that has a path', async () => {
    await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
    const [image] = world.rows.images.list();
    for (const [name, disk, why] of [
      ['a', vm('web-01')?.disks[0]?.volume, /is that of team-01\/web-01$/],
      ['b', image?.volume, /is that of image tiny$/],
    ] as const) {
      foreignDomain(host(), { name, disk: `/dev/cloudvg/${disk}`, on: false });
      expect(await refused({ domain: name })).toMatch(why);
    }
    foreignDomain(host(), { name: 'legacy' });
    foreignDomain(host(), { name: 'twin', disk: '/dev/mapper/cloudvg-legacy', on: false });
    expect(await refused()).toMatch(/is that of domain twin too$/);
    host().sh(['virsh', 'undefine', '--domain', 'twin']);
    expect(await refused()).toBe('operation');
    host().sh(['lvchange', '--addtag', 'hostler.vm.vm_01J00000000000000000000000', 'cloudvg/legacy']);
    expect(await refused()).toMatch(/bears the mark hostler\.vm\.vm_01J/);
    foreignDomain(host(), {
      name: 'remote',
      devices: '<disk type="network" device="disk"><source protocol="rbd" name="pool/x"/><target dev="vdb"/></disk>',
      on: false,
    });
    expect(await refused({ domain: 'remote' })).toMatch(/its disk vdb is neither a volume nor a file/);
  });

  it('where the plan no longer fits what is there', async () => {
    foreignDomain(host(), { name: 'legacy' });
    const asked = await world.ask('vm.adopt', legacy, 'admin');
    if (asked.kind !== 'operation') throw new Error('no plan');
    host().sh(['lvextend', '-L', String(2 * GiB).concat('b'), 'cloudvg/legacy']);
    const { id: op, digest } = asked.row;
    await world.service.press({ press: { do: 'accept', op, digest }, actor: world.actor('admin') });
    expect(world.rows.operations.byId(op)).toMatchObject({ state: 'superseded' });
  });
});
