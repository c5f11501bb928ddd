/** VMs with several disks: attached, detached, brought back, and all that a VM goes through with them. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import { GiB } from '../../src/domain/size.ts';
import { diskBytes } from '../../src/domain/vm.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { promisedOn } from '../../src/operations/candidates.ts';
import { purgedSoon, trashOf, trashReminder } from '../../src/operations/reports/reminders.ts';
import type { OperationRow } from '../../src/operations/store.ts';
import type { JobDeps } from '../../src/scheduler/job.ts';
import { emptyTrash } from '../../src/scheduler/jobs/empty-trash.ts';
import { plugAgain } from '../../src/scheduler/jobs/plug-again.ts';
import { asking } from '../kit/asking.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const vm = { vm: 'web-01' };
const attach = { ...vm, size: '2GiB' };
const detach = { ...vm, disk: 'vdb' };

const { done, planned, refused, reading, undoOf, beginWithVm } = asking(() => world);
async function begin(options: Parameters<typeof makeWorld>[0] = {}): Promise<SimHost> {
  world = await makeWorld(options);
  return beginWithVm();
}
function undo(of: OperationRow): Promise<OperationRow> {
  const { name, input } = undoOf(of);
  return done(name, input);
}
const row = (name = 'web-01') => {
  const found = world.rows.vms.byName('team-01', name);
  if (found === null) throw new Error('the VM is gone');
  return found;
};
const targets = () => row().disks.map(({ target, kind, sizeBytes }) => `${target} ${kind} ${sizeBytes / GiB}`);
/** What the domain has, in its definition and while it runs. */
const plugged = (host: SimHost, name = 'team-01-web-01') => {
  const { facts, live } = host.domain(name);
  const list = (of: typeof facts | undefined) => of?.disks.map(({ target }) => target) ?? null;
  return { kept: list(facts), live: list(live?.facts) };
};
const volumes = (host: SimHost) =>
  host.model.volumes.flatMap(({ name }) => /^(?:trash-)?vm-.*-d\d+$/.exec(name)?.[0].replace(/vm-.*-d/, 'd') ?? []);
const content = (host: SimHost, target: string) =>
  host.model.volumes.find(({ name }) => name === row().disks.find((disk) => disk.target === target)?.volume);

describe('attach', () => {
  it('puts a disk into a running VM and its definition, where its guest finds it by name', async () => {
    const host = await begin();
    const plan = await planned('vm.disk.attach', attach);
    expect(plan.plan.notes.join('\n')).toContain('as /dev/disk/by-id/virtio-hostler-d1');
    expect(plan.plan.quota?.after.diskBytes).toBe((plan.plan.quota?.before.diskBytes ?? 0) + 2 * GiB);
    const ended = await done('vm.disk.attach', attach);
    expect(targets()).toEqual(['vda thin 1', 'vdb thin 2']);
    expect(plugged(host)).toEqual({ kept: ['vda', 'vdb', 'vdz'], live: ['vda', 'vdb', 'vdz'] });
    const { xml } = host.domain('team-01-web-01');
    expect(xml).toMatch(/<serial>hostler-d1<\/serial>/);
    const made = host.model.volumes.find(({ name }) => name === row().disks[1]?.volume);
    expect(made?.tags).toEqual([`hostler.op.${ended.id}`, `hostler.vm.${row().id}`]);
    await done('vm.disk.attach', { ...attach, thick: true });
    expect([targets()[2], row().disks[2]?.volume.slice(-3)]).toEqual(['vdc thick 2', '-d2']);
  });

  it('asks quota, volume group and pool, and names what is missing', async () => {
    const host = await begin();
    expect(await refused('vm.disk.attach', { ...vm, size: '100GiB' })).toMatch(/^quota_exceeded/);
    expect(await refused('vm.disk.attach', { ...vm, size: '0GiB' })).toMatch(/^invalid_input/);
    host.fillPool(0.89);
    world.clock.advance(120_000);
    expect(await refused('vm.disk.attach', attach)).toMatch(
      /^no_capacity: No room for another disk of team-01\/web-01, of 2 GiB: kvm-1 is out of space/,
    );
  });

  it('shows a guest nothing of what lay in a thick disk before, nor in what it gains', async () => {
    const host = await begin();
    const wipes = () => host.log.flatMap(({ line }) => /blkdiscard -z -o \d+/.exec(line)?.[0] ?? []);
    await done('vm.disk.attach', { ...attach, thick: true });
    expect(content(host, 'vdb')?.content).toBe('zero');
    await done('vm.disk.extend', { ...vm, disk: 'vdb', size: '+1GiB' });
    expect(content(host, 'vdb')?.content).toBe('zero');
    expect(wipes()).toEqual(['blkdiscard -z -o 0', `blkdiscard -z -o ${2 * GiB}`]);
  });

  it('tells a guest of nothing that could not be wiped', async () => {
    const host = await begin();
    await done('vm.disk.attach', { ...attach, thick: true });
    host.trouble.add({ match: /blkdiscard/, kind: 'fail', when: 'before', times: 9 });
    const ended = await world.change('vm.disk.extend', { ...vm, disk: 'vdb', size: '+1GiB' });
    expect([ended.state, ended.error?.message]).toEqual(['stuck', expect.stringContaining('Write zeros over volume')]);
    expect(host.log.some(({ line }) => line.includes('blockresize'))).toBe(false);
  });

  it('says what a thick disk costs: the snapshots', async () => {
    await begin();
    expect((await planned('vm.disk.attach', { ...attach, thick: true })).plan.notes.join('\n')).toContain(
      'With a thick disk team-01/web-01 can have no more snapshots',
    );
    await done('vm.disk.attach', { ...attach, thick: true });
    expect(await refused('snapshot.create', vm)).toMatch(/thick volume/);
    await done('vm.disk.detach', detach);
    await done('snapshot.create', vm);
  });

  it('leaves nothing behind where the host refuses the disk', async () => {
    const host = await begin();
    host.trouble.add({ match: /attach-device .*--live/, kind: 'fail', when: 'before', times: 3 });
    const ended = await world.change('vm.disk.attach', attach);
    expect([ended.state, targets(), plugged(host), volumes(host)]).toEqual([
      'failed',
      ['vda thin 1'],
      { kept: ['vda', 'vdz'], live: ['vda', 'vdz'] },
      ['d0'],
    ]);
  });

  it('is undone by a detach', async () => {
    const host = await begin();
    await undo(await done('vm.disk.attach', attach));
    expect([targets(), volumes(host)]).toEqual([['vda thin 1'], ['d0', 'trash-d1']]);
  });
});

describe('detach', () => {
  it('waits until the guest has let go, and keeps the volume in the trash', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    const { guest } = host.domain('team-01-web-01');
    guest.unplugMs = null;
    const plan = await planned('vm.disk.detach', detach);
    expect([plan.risk, plan.plan.notes[0]]).toEqual(['disruptive', expect.stringContaining('unmount vdb')]);
    const ending = done('vm.disk.detach', detach);
    // virsh has answered long before: it is looked until the disk is gone, and only then is the volume touched.
    const lines = () => host.log.map(({ line }) => line);
    const looks = () => lines().slice(lines().findIndex((line) => line.includes('detach-disk')));
    await vi.waitUntil(() => looks().length > 8, { interval: 2 });
    expect([plugged(host), volumes(host)]).toEqual([
      { kept: ['vda', 'vdz'], live: ['vda', 'vdb', 'vdz'] },
      ['d0', 'd1'],
    ]);
    guest.unplugMs = 0;
    await ending;
    expect(plugged(host)).toEqual({ kept: ['vda', 'vdz'], live: ['vda', 'vdz'] });
    expect([targets(), volumes(host)]).toEqual([['vda thin 1'], ['d0', 'trash-d1']]);
    expect(world.rows.detached.of(row().id)).toMatchObject([{ target: 'vdb', detachedBy: '01-dev1' }]);
    const list = await reading('vm.disk.list', vm);
    expect(JSON.stringify(list.notice.lines)).toContain('"bold":"d1"');
  });

  it('puts the disk back where the guest does not let go', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    host.domain('team-01-web-01').guest.unplugMs = null;
    const ended = await world.change('vm.disk.detach', detach);
    expect([ended.state, ended.error?.message]).toEqual([
      'failed',
      'The guest of team-01/web-01 did not let go of vdb',
    ]);
    expect(ended.error?.hint).toContain('Unmount it in the guest');
    expect([targets(), plugged(host).kept, volumes(host)]).toEqual([
      ['vda thin 1', 'vdb thin 2'],
      ['vda', 'vdb', 'vdz'],
      ['d0', 'd1'],
    ]);
  });

  it('tells what a guest answers that refuses', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    host.trouble.add({
      match: /detach-disk .*--live/,
      kind: 'fail',
      when: 'before',
      stderr: 'error: Failed to detach disk\nerror: operation failed: unplug of device was rejected by the guest',
    });
    const ended = await world.change('vm.disk.detach', detach);
    expect([ended.state, ended.error?.message]).toEqual(['failed', 'The guest refuses to let go of vdb']);
    expect(plugged(host)).toEqual({ kept: ['vda', 'vdb', 'vdz'], live: ['vda', 'vdb', 'vdz'] });
  });

  it('never takes the disk that boots, nor the seed, nor anything of a suspended VM', async () => {
    await begin();
    await done('vm.disk.attach', attach);
    expect(await refused('vm.disk.detach', { ...vm, disk: 'vda' })).toContain('vda is the disk that boots');
    expect(await refused('vm.disk.detach', { ...vm, disk: 'vdz' })).toContain('vdz is the seed');
    expect(await refused('vm.disk.detach', { ...vm, disk: 'vdq' })).toMatch(/^not_found: .*It has vda, vdb/);
    await done('vm.suspend', vm);
    expect(await refused('vm.disk.detach', detach)).toContain('suspended');
  });

  it('is undone: the same disk at its old place, as it was', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    Object.assign(content(host, 'vdb') ?? {}, { content: 'data' });
    const before = host.domain('team-01-web-01').xml;
    const back = await undo(await done('vm.disk.detach', detach));
    expect([targets(), content(host, 'vdb')?.content]).toEqual([['vda thin 1', 'vdb thin 2'], 'data']);
    expect(host.domain('team-01-web-01').xml).toBe(before);
    expect([plugged(host).live, world.rows.detached.of(null)]).toEqual([['vda', 'vdb', 'vdz'], []]);
    expect(back.adds.diskBytes).toBe(2 * GiB);
  });

  it('puts back what its guest lets go of after all, when nobody waits any more', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    const { guest } = host.domain('team-01-web-01');
    guest.unplugMs = null;
    const ending = world.change('vm.disk.detach', detach);
    const states = () => world.rows.operations.recent({ team: null, vmId: row().id, limit: 1 })[0]?.state;
    await vi.waitUntil(() => states() === 'unwinding', { interval: 1, timeout: 20_000 });
    guest.unplugMs = 0;
    expect((await ending).state).toBe('failed');
    expect([plugged(host), volumes(host)]).toEqual([
      { kept: ['vda', 'vdb', 'vdz'], live: ['vda', 'vdb', 'vdz'] },
      ['d0', 'd1'],
    ]);
  });

  it('gives a VM back what its guest lets go of when the detach was rolled back long before', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    const { guest } = host.domain('team-01-web-01');
    guest.unplugMs = null;
    expect((await world.change('vm.disk.detach', detach)).state).toBe('failed');
    const run = () => plugAgain.run(jobDeps(), { period: '', dueAt: 0, team: null, zone: 'UTC' });
    // As long as it holds on there is nothing to do.
    expect(await run()).toBe('');
    // Moved meanwhile: what it was asked to let go of is the device, whatever lies behind it.
    await done('vm.disk.move', { ...detach, class: 'thick' });
    guest.unplugMs = 0;
    expect(plugged(host)).toEqual({ kept: ['vda', 'vdb', 'vdz'], live: ['vda', 'vdz'] });
    world.clock.advance(60_000);
    expect(await run()).toBe('1 to plug in again');
    const [replug] = world.rows.operations.recent({ team: null, vmId: row().id, limit: 1 });
    expect((await world.service.follow(replug?.id ?? '', 'end')).state).toBe('succeeded');
    expect([plugged(host), volumes(host), world.rows.detached.asked.all()]).toEqual([
      { kept: ['vda', 'vdb', 'vdz'], live: ['vda', 'vdb', 'vdz'] },
      ['d0', 'trash-d1', 'd2'],
      [],
    ]);
  });

  it('is watched no more when the VM went off, or the disk was detached after all', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    const { guest } = host.domain('team-01-web-01');
    const run = () => plugAgain.run(jobDeps(), { period: '', dueAt: 0, team: null, zone: 'UTC' });
    const failing = async () => {
      guest.unplugMs = null;
      await world.change('vm.disk.detach', detach);
      expect(world.rows.detached.asked.all()).toMatchObject([{ target: 'vdb' }]);
    };
    await failing();
    await done('vm.stop', vm);
    expect([await run(), world.rows.detached.asked.all()]).toEqual(['', []]);
    await done('vm.start', vm);
    await failing();
    guest.unplugMs = 0;
    await done('vm.disk.detach', detach);
    expect([await run(), world.rows.detached.asked.all(), plugged(host).live]).toEqual(['', [], ['vda', 'vdz']]);
  });

  it('is plugged in again by a word as well, where only the running VM lacks it', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    expect(await refused('vm.disk.replug', detach)).toMatch(/^wrong_state: team-01\/web-01 has its disk vdb/);
    host.sh(['virsh', 'detach-disk', 'team-01-web-01', 'vdb', '--live']);
    await vi.waitUntil(() => plugged(host).live?.includes('vdb') === false, { interval: 2 });
    await done('vm.disk.replug', detach);
    expect(plugged(host).live).toEqual(['vda', 'vdb', 'vdz']);
    await done('vm.stop', vm);
    expect(await refused('vm.disk.replug', detach)).toMatch(/^wrong_state: .*is off/);
  });

  it('is attached elsewhere where somebody took its place by hand', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    await done('vm.disk.detach', detach);
    host.sh(['dd', 'of=/var/lib/libvirt/images/by-hand.img'], { stdin: 'x' });
    const stdin =
      "<disk type='file' device='disk'><source file='/var/lib/libvirt/images/by-hand.img'/><target dev='vdb' bus='virtio'/></disk>";
    const taken = host.sh(['virsh', 'attach-device', 'team-01-web-01', '/dev/stdin', '--config'], { stdin });
    expect(taken).toMatchObject({ exit: 0 });
    const plan = await planned('vm.disk.restore', { ...vm, disk: 'd1' });
    expect(plan.plan.notes.join('\n')).toContain('was vdb, which is taken: it becomes vdc');
    await done('vm.disk.restore', { ...vm, disk: 'd1' });
    expect([targets(), plugged(host).live]).toEqual([
      ['vda thin 1', 'vdc thin 2'],
      ['vda', 'vdc', 'vdz'],
    ]);
  });

  it('keeps number and place of a disk in the trash', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    await done('vm.disk.detach', detach);
    await done('vm.disk.attach', attach);
    expect([targets(), volumes(host)]).toEqual([
      ['vda thin 1', 'vdc thin 2'],
      ['d0', 'trash-d1', 'd2'],
    ]);
    host.sh(['virsh', 'detach-disk', 'team-01-web-01', 'vdc', '--config']);
    expect(await refused('vm.disk.detach', { ...vm, disk: 'vdc' })).toMatch(/^wrong_state: The definition/);
    await done('vm.disk.restore', { ...vm, disk: 'd1' });
    expect(targets()).toEqual(['vda thin 1', 'vdc thin 2', 'vdb thin 2']);
  });

  it('is purged after the retention, not before, and counts for its host until then', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    await done('vm.disk.detach', detach);
    const run = () => emptyTrash.run(jobDeps(), { period: '', dueAt: 0, team: null, zone: 'UTC' });
    expect(await run()).toBe('');
    // Not for the quota of its team, but for the room of its host.
    const promised = () => promisedOn(world.rows, 'kvm-1', '').diskBytes;
    expect([diskBytes(row()), promised()]).toEqual([GiB, 3 * GiB]);
    expect(await refused('vm.disk.purge', { ...vm, disk: 'd9' })).toMatch(/^not_found: .*In the trash: d1/);
    world.clock.advance(world.settings.trashMs + 60_000);
    expect(await run()).toBe('1 to purge');
    const [purge] = world.rows.operations.recent({ team: null, vmId: row().id, limit: 1 });
    await world.service.follow(purge?.id ?? '', 'end');
    expect([volumes(host), world.rows.detached.of(null), promised()]).toEqual([['d0'], [], GiB]);
  });

  it('is reminded of two days before, and not when its VM lies in the trash itself', async () => {
    await begin();
    await done('vm.disk.attach', attach);
    await done('vm.disk.detach', detach);
    const remind = () => {
      const trash = trashOf('team-01', world.rows);
      return purgedSoon(trash, world.settings, null, world.clock.now());
    };
    expect(remind()).toEqual([]);
    world.clock.advance(world.settings.trashMs - 86_400_000);
    const notice = trashReminder(remind(), world.settings);
    expect([notice.title, notice.buttons?.map(({ press }) => press)]).toEqual([
      'A disk will be purged from the trash',
      [{ do: 'open', name: 'vm.disk.restore', input: { vm: 'team-01/web-01', disk: 'd1' } }],
    ]);
    await done('vm.delete', vm, '01-lead');
    expect(remind()).toEqual([]);
    expect(trashOf('team-01', world.rows).map(({ name }) => name)).toEqual(['team-01/web-01']);
  });
});
function jobDeps(): JobDeps {
  const quiet = () => undefined;
  return {
    ...world,
    service: world.service,
    driver: makeDriver(),
    ids: randomIds(),
    settings: () => world.settings,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    signal: AbortSignal.timeout(20_000),
  };
}

describe('a VM with several disks', () => {
  it('has them all in its snapshots, at one point, and goes back with all', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    const write = (what: string) => {
      for (const target of ['vda', 'vdb']) Object.assign(content(host, target) ?? {}, { content: `${target} ${what}` });
    };
    write('before');
    host.domain('team-01-web-01').guest.agentMs = null;
    const plan = await planned('snapshot.create', { ...vm, name: 'one' });
    expect(plan.plan.steps[0]?.title).toBe(
      'Take a snapshot of team-01/web-01: its 2 disks at one point, suspended for that moment',
    );
    await done('snapshot.create', { ...vm, name: 'one' });
    write('after');
    const reverted = await done('snapshot.revert', { ...vm, name: 'one' });
    expect([content(host, 'vda')?.content, content(host, 'vdb')?.content]).toEqual(['vda before', 'vdb before']);
    await undo(reverted);
    expect([content(host, 'vda')?.content, content(host, 'vdb')?.content]).toEqual(['vda after', 'vdb after']);
  });

  it('goes back to a snapshot that is older than a disk, and leaves that one alone', async () => {
    const host = await begin();
    await done('snapshot.create', { ...vm, name: 'old' });
    await done('vm.disk.attach', attach);
    Object.assign(content(host, 'vdb') ?? {}, { content: 'kept' });
    const plan = await planned('snapshot.revert', { ...vm, name: 'old' });
    expect(plan.plan.notes.join('\n')).toContain('Not in the snapshot, and left as they are: vdb');
    await done('snapshot.revert', { ...vm, name: 'old' });
    expect([targets(), content(host, 'vdb')?.content]).toEqual([['vda thin 1', 'vdb thin 2'], 'kept']);
  });

  it('names the way back to a snapshot whose disk was detached', async () => {
    await begin();
    await done('vm.disk.attach', attach);
    await done('snapshot.create', { ...vm, name: 'both' });
    const plan = await planned('vm.disk.detach', detach);
    expect(plan.plan.notes.join('\n')).toContain('Snapshots hold it too (both)');
    await done('vm.disk.detach', detach);
    expect(await refused('snapshot.revert', { ...vm, name: 'both' })).toContain('/vm disk restore team-01/web-01 d1');
    await done('vm.disk.restore', { ...vm, disk: 'd1' });
    await done('snapshot.revert', { ...vm, name: 'both' });
  });

  it('extends any of them, and undoes it', async () => {
    const host = await begin();
    await done('vm.disk.attach', attach);
    const extended = await done('vm.disk.extend', { ...detach, size: '+1GiB' });
    expect(targets()).toEqual(['vda thin 1', 'vdb thin 3']);
    expect(host.domain('team-01-web-01').live?.diskBytes['vdb']).toBe(3 * GiB);
    await undo(extended);
    expect(targets()).toEqual(['vda thin 1', 'vdb thin 2']);
  });

  it('takes them through rename, delete and restore, and leaves a detached one in the trash', async () => {
    const host = await begin();
    for (const _time of [1, 2]) await done('vm.disk.attach', attach);
    await done('vm.disk.detach', detach);
    await done('vm.rename', { ...vm, name: 'web-02' });
    await done('vm.delete', { vm: 'web-02' }, '01-lead');
    expect(volumes(host)).toEqual(['trash-d0', 'trash-d1', 'trash-d2']);
    await done('vm.restore', { vm: 'web-02' });
    expect(volumes(host)).toEqual(['d0', 'trash-d1', 'd2']);
    expect(plugged(host, 'team-01-web-02')).toEqual({ kept: ['vda', 'vdc', 'vdz'], live: ['vda', 'vdc', 'vdz'] });
    await done('vm.disk.restore', { vm: 'web-02', disk: 'd1' });
    expect(row('web-02').disks.map(({ target }) => target)).toEqual(['vda', 'vdc', 'vdb']);
  });

  it('is purged with all of them, those in the trash too; and nothing is orphaned before', async () => {
    const host = await begin();
    for (const _time of [1, 2]) await done('vm.disk.attach', attach);
    await done('vm.disk.detach', detach);
    world.clock.advance(120_000);
    await world.ask('vm.show', vm);
    const drift = await world.ask('hostler.drift', {}, 'admin');
    expect(JSON.stringify(drift)).not.toContain('trash-vm');
    await done('vm.delete', vm, '01-lead');
    const plan = await world.ask('vm.purge', vm, '01-lead');
    expect(plan.kind === 'operation' ? plan.row.plan.notes.join('\n') : plan.kind).toMatch(
      /^5 GiB of disk are removed for good\.\nSo are disks that were detached from it: d1\./,
    );
    await done('vm.purge', vm, '01-lead');
    expect([volumes(host), world.rows.detached.of(null)]).toEqual([[], []]);
  });
});
