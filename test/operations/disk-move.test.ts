/** Disks that change their class, and what becomes of the volumes that they had. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import { GiB } from '../../src/domain/size.ts';
import { asking } from '../kit/asking.ts';
import { testSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const vm = { vm: 'web-01' };
const { done, planned, refused, undoOf, beginWithVm } = asking(() => world);

/** team-01/web-01 on the first host, off or running. */
async function begin(power: 'on' | 'off', options: Parameters<typeof makeWorld>[0] = {}): Promise<SimHost> {
  world = await makeWorld(options);
  const host = await beginWithVm();
  if (power === 'off') await done('vm.stop', vm);
  return host;
}
const row = () => {
  const found = world.rows.vms.byName('team-01', 'web-01');
  if (found === null) throw new Error('the VM is gone');
  return found;
};
const disks = () =>
  row().disks.map(({ target, kind, volume }) => `${target} ${kind} ${volume.replace(/^vm-.*-d/, 'd')}`);
const volumes = (host: SimHost) =>
  host.model.volumes.flatMap(({ name, kind }) =>
    /^(?:trash-)?vm-.*-d\d+$/.test(name) ? [`${name.replace(/vm-.*-d/, 'd')} ${kind}`] : [],
  );
const behind = (host: SimHost, target: string) => {
  const source = host.domain('team-01-web-01').facts.disks.find((disk) => disk.target === target)?.source;
  return host.model.volumes.find(({ vg, name }) => `/dev/${vg}/${name}` === source);
};
const running = (host: SimHost, target: string) =>
  host
    .domain('team-01-web-01')
    .live?.facts.disks.find((disk) => disk.target === target)
    ?.source?.replace('/dev/cloudvg/', '');
const write = (host: SimHost, target: string, content: string) =>
  void Object.assign(behind(host, target) ?? {}, { content });
/** What happens on the host just before it is asked for something of this title. */
const justBefore = (title: string, happens: () => void) =>
  world.through((host, call, options) => {
    if (call.title.startsWith(title)) happens();
    return world.simulated.run(host, call, options);
  });
const thick = { ...vm, disk: 'vda', class: 'thick' };
const thin = { ...vm, disk: 'vda', class: 'thin' };

describe('a disk of a VM that is off', () => {
  it('is copied, compared, and goes on from the copy; the old volume lies in the trash', async () => {
    const host = await begin('off');
    write(host, 'vda', 'what it held');
    const plan = await planned('vm.disk.move', thick);
    expect(plan.plan.steps.map(({ name }) => name.split(':')[0])).toEqual([
      'create-volume',
      'copy-volume',
      'compare-volumes',
      'release-units',
      'must-be-off',
      'redefine-disk',
      'rename-volume',
    ]);
    await done('vm.disk.move', thick);
    expect([disks(), volumes(host)]).toEqual([['vda thick d1'], ['trash-d0 thin', 'd1 thick']]);
    expect([behind(host, 'vda')?.kind, behind(host, 'vda')?.content]).toEqual(['thick', 'what it held']);
    expect(world.rows.detached.of(row().id)).toMatchObject([{ target: 'vda', kind: 'thin', sizeBytes: GiB }]);
    await done('vm.start', vm);
  });

  it('is moved back by Undo, with what was written since', async () => {
    const host = await begin('off');
    const moved = await done('vm.disk.move', thick);
    write(host, 'vda', 'written since');
    const { name, input } = undoOf(moved);
    await done(name, input);
    expect(disks()).toEqual(['vda thin d2']);
    // Thin again it has snapshots again, and nothing of it is anybody's left-over.
    await done('snapshot.create', vm);
    world.clock.advance(120_000);
    await world.ask('vm.show', vm);
    expect(JSON.stringify(await world.ask('hostler.drift', {}, 'admin'))).not.toContain('vm-0');
    expect(behind(host, 'vda')?.content).toBe('written since');
    expect(volumes(host)).toEqual(['trash-d0 thin', 'trash-d1 thick', 'd2 thin']);
  });

  it('stays on its volume where the copy is not the same', async () => {
    const host = await begin('off');
    write(host, 'vda', 'what it held');
    justBefore('Compare volumes', () => write(host, 'vda', 'written meanwhile'));
    const ended = await world.change('vm.disk.move', thick);
    expect([ended.state, ended.error?.message]).toEqual(['failed', expect.stringContaining('is not what')]);
    expect([disks(), volumes(host), behind(host, 'vda')?.content]).toEqual([
      ['vda thin d0'],
      ['d0 thin'],
      'written meanwhile',
    ]);
    expect(host.model.units.filter(({ state }) => state !== 'gone')).toEqual([]);
  });

  it('stays on its volume where somebody started the VM meanwhile', async () => {
    const host = await begin('off');
    justBefore('Stop unit', () => void host.sh(['virsh', 'start', 'team-01-web-01']));
    const ended = await world.change('vm.disk.move', thick);
    expect([ended.state, ended.error?.message]).toEqual([
      'failed',
      'team-01/web-01 runs, and was off when this was planned',
    ]);
    expect([disks(), volumes(host)]).toEqual([['vda thin d0'], ['d0 thin']]);
  });

  it('keeps the name by which its guest finds it, and leaves that name to no other', async () => {
    const host = await begin('off');
    await done('vm.disk.attach', { ...vm, size: '1GiB' });
    await done('vm.disk.move', { ...vm, disk: 'vdb', class: 'thick' });
    expect(disks()).toEqual(['vda thin d0', 'vdb thick d2']);
    const serials = () =>
      [...host.domain('team-01-web-01').xml.matchAll(/<serial>(.*?)<\/serial>/g)].map(([, it]) => it);
    expect(serials()).toEqual(['hostler-d1']);
    // The old one beside it: by another name.
    const plan = await planned('vm.disk.restore', { ...vm, disk: 'd1' });
    expect(plan.plan.notes.join('\n')).toContain('it is /dev/disk/by-id/virtio-hostler-d3');
    await done('vm.disk.restore', { ...vm, disk: 'd1' });
    expect([disks()[2], serials()]).toEqual(['vdc thin d1', ['hostler-d1', 'hostler-d3']]);
    await done('vm.disk.detach', { ...vm, disk: 'vdc' });
    await done('vm.disk.purge', { ...vm, disk: 'd1' }, '01-lead');
    await done('vm.disk.attach', { ...vm, size: '1GiB' });
    expect(serials()).toEqual(['hostler-d1', 'hostler-d3']);
  });

  it('is refused where it is so already, isn’t there, or is somebody else’s', async () => {
    await begin('off');
    expect(await refused('vm.disk.move', thin)).toMatch(/^wrong_state: vda of team-01\/web-01 is thin already/);
    expect(await refused('vm.disk.move', { ...thick, disk: 'vdq' })).toMatch(/^not_found: .*It has vda/);
    expect(await refused('vm.disk.move', { ...thick, class: 'fat' })).toMatch(/^invalid_input/);
  });

  it('is refused while snapshots hold it, for nobody could go back to them', async () => {
    await begin('off');
    await done('snapshot.create', { ...vm, name: 'one' });
    expect(await refused('vm.disk.move', thick)).toMatch(
      /^wrong_state: Snapshot one holds vda of team-01\/web-01.*`\/vm backup now team-01\/web-01`.*`\/snapshot delete team-01\/web-01 one`/,
    );
    await done('vm.disk.attach', { ...vm, size: '1GiB', thick: true });
    // Those of other disks are no hindrance.
    await done('vm.disk.move', { ...thin, disk: 'vdb' });
    await done('snapshot.delete', { ...vm, name: 'one' }, '01-lead');
    const plan = await planned('vm.disk.move', thick);
    expect(plan.plan.notes.join('\n')).toContain('can have no more snapshots and backups');
  });
});

describe('a disk of a VM that runs', () => {
  it('is mirrored until both hold the same, and its guest goes on with the new volume', async () => {
    const host = await begin('on');
    write(host, 'vda', 'what it held');
    host.model.unitMs = 100;
    const plan = await planned('vm.disk.move', thick);
    expect([plan.risk, plan.plan.steps.map(({ name }) => name.split(':')[0])]).toEqual([
      'safe',
      ['create-volume', 'mirror-disk', 'switch-disk', 'redefine-disk', 'rename-volume'],
    ]);
    justBefore('Let the guest go on', () => write(host, 'vda', 'written meanwhile'));
    await done('vm.disk.move', thick);
    expect([disks(), volumes(host)]).toEqual([['vda thick d1'], ['trash-d0 thin', 'd1 thick']]);
    expect([behind(host, 'vda')?.content, running(host, 'vda')]).toEqual([
      'written meanwhile',
      behind(host, 'vda')?.name,
    ]);
    expect(host.domain('team-01-web-01').live?.mirrors).toEqual({});
  });

  it('is suspended while both are compared, where that is asked for, and goes on', async () => {
    const host = await begin('on');
    const proved = { ...thick, verify: true };
    const plan = await planned('vm.disk.move', proved);
    expect([plan.risk, plan.plan.notes.join('\n')]).toEqual(['disruptive', expect.stringContaining('suspended while')]);
    let state = '';
    justBefore('Compare volumes', () => {
      state = host.domain('team-01-web-01').state;
    });
    await done('vm.disk.move', proved);
    expect([state, host.domain('team-01-web-01').state, disks()]).toEqual(['paused', 'running', ['vda thick d1']]);
  });

  it('is moved back by Undo while it runs', async () => {
    const host = await begin('on');
    const { name, input } = undoOf(await done('vm.disk.move', thick));
    write(host, 'vda', 'written since');
    await done(name, input);
    expect([disks(), behind(host, 'vda')?.content, running(host, 'vda')]).toEqual([
      ['vda thin d2'],
      'written since',
      behind(host, 'vda')?.name,
    ]);
  });

  it('goes back by another mirror, with all that was written, where what comes after it fails', async () => {
    const host = await begin('on');
    host.trouble.add({ match: /lvrename .* trash-/, kind: 'fail', when: 'before', times: 3 });
    justBefore('Rename volume', () => write(host, 'vda', 'written on the new one'));
    const ended = await world.change('vm.disk.move', thick);
    expect([ended.state, disks(), volumes(host)]).toEqual(['failed', ['vda thin d0'], ['d0 thin']]);
    expect([behind(host, 'vda')?.content, running(host, 'vda')]).toEqual([
      'written on the new one',
      behind(host, 'vda')?.name,
    ]);
  });

  it('stays as it is where the VM goes off before the end, or the mirror does', async () => {
    const host = await begin('on');
    host.model.unitMs = 600_000;
    const looks = (happens: () => void) => {
      let begun = false;
      world.through((name, call, options) => {
        if (begun && call.title.startsWith('Read the disks')) happens();
        begun ||= call.title.startsWith('Mirror');
        return world.simulated.run(name, call, options);
      });
    };
    looks(() => {
      const domain = host.domain('team-01-web-01');
      if (domain.live !== null) domain.live = { ...domain.live, mirrors: {} };
    });
    const lost = await world.change('vm.disk.move', thick);
    expect([lost.state, lost.error?.message]).toEqual([
      'failed',
      expect.stringContaining('Mirroring vda ended on the host'),
    ]);
    looks(() => void host.sh(['virsh', 'destroy', 'team-01-web-01']));
    const off = await world.change('vm.disk.move', thick);
    expect([off.state, off.error?.message]).toEqual(['failed', expect.stringContaining('team-01/web-01 went off')]);
    expect([disks(), volumes(host)]).toEqual([['vda thin d0'], ['d0 thin']]);
  });

  it('is refused where the running VM has another disk there, or somebody mirrors it', async () => {
    const host = await begin('on');
    await done('vm.disk.attach', { ...vm, size: '1GiB', thick: true });
    host.sh(['virsh', 'detach-disk', 'team-01-web-01', 'vdb', '--live']);
    await vi.waitUntil(() => running(host, 'vdb') === undefined, { interval: 2 });
    expect(await refused('vm.disk.move', { ...thin, disk: 'vdb' })).toMatch(/runs without its disk vdb.*disk replug/);
    const to = host.model.volumes.find(({ name }) => name === row().disks[1]?.volume)?.name ?? '';
    const copy = ['blockcopy', 'team-01-web-01', 'vda', `/dev/cloudvg/${to}`, '--blockdev', '--format', 'raw'];
    host.sh(['virsh', ...copy, '--reuse-external', '--transient-job']);
    await done('vm.disk.detach', { ...vm, disk: 'vdb' });
    expect(await refused('vm.disk.move', thick)).toMatch(/is mirrored into .* just now, and not by Hostler/);
  });
});

describe('room for the copy', () => {
  it('is asked of the volume group for a thick one, and what is missing is said', async () => {
    const host = await begin('off');
    const [group] = host.model.groups;
    if (group === undefined) throw new Error('no group');
    Object.assign(group, { extents: group.extents - 1 });
    const free = () => world.rows.hosts.find('kvm-1')?.observation?.groups?.[0]?.freeBytes ?? 0;
    world.clock.advance(120_000);
    await planned('vm.disk.move', thick);
    Object.assign(group, { extents: group.extents - (free() - GiB / 2) / group.extentBytes });
    world.clock.advance(120_000);
    expect(await refused('vm.disk.move', thick)).toMatch(
      /^no_capacity: No room to copy vda of team-01\/web-01, of 1 GiB: kvm-1 has 512 MiB free in cloudvg, 512 MiB are missing/,
    );
  });

  it('counts in the quota for the time of the copy, and not after it', async () => {
    const [team] = testSettings(['kvm-1']).teams;
    if (team === undefined) throw new Error('no team');
    const quota = { ...team.quota, diskBytes: 3 * GiB };
    await begin('off', { settings: { teams: [{ ...team, quota }] } });
    const { plan } = await done('vm.disk.move', thick);
    expect([plan.quota?.before.diskBytes, plan.quota?.after.diskBytes]).toEqual([GiB, 2 * GiB]);
    // The old volume in the trash counts for its host alone: so there is room for two more.
    for (const _time of [1, 2]) await done('vm.disk.attach', { ...vm, size: '1GiB' });
    expect(await refused('vm.disk.move', thin)).toMatch(/^quota_exceeded: .*GiB/);
  });

  it('is not there in a pool that is nearly full', async () => {
    const host = await begin('off');
    await done('vm.disk.move', thick);
    host.fillPool(0.89);
    world.clock.advance(120_000);
    expect(await refused('vm.disk.move', thin)).toMatch(
      /^no_capacity: No room to copy vda .* are missing in its thin pool/,
    );
  });
});

describe('a smaller disk', () => {
  it('is come to beside the large one, and what to type is said', async () => {
    await begin('on');
    const reduce = { ...vm, disk: 'vda', size: '512MiB' };
    expect(await refused('vm.disk.reduce', reduce)).toMatch(
      /^wrong_state: Disk vda .* stays as large .*\/vm backup now/,
    );
    await done('vm.disk.attach', { ...vm, size: '2GiB', thick: true });
    expect(await refused('vm.disk.reduce', { ...reduce, disk: 'vdb' })).toContain(
      '`/vm disk attach team-01/web-01 512MiB --thick`',
    );
    for (const size of ['2GiB', '3GiB', '0GiB'])
      expect(await refused('vm.disk.reduce', { ...reduce, disk: 'vdb', size })).toMatch(/^invalid_input: .* is 2 GiB/);
  });
});
