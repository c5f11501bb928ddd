/** VMs, their disks and their snapshots. */
import { expect, vi } from 'vitest';
import { INCREMENTS } from '../../kit/increments.ts';
import { after, agentAfter, attach, create, detach, foreign, into, type Scenarios, vm } from './kit.ts';

export const VMS: Scenarios = {
  'vm.create': {
    'from an image, on a larger disk': { input: { name: 'web-01', image: 'tiny', flavor: 'small', autostart: true } },
    'from an ISO, thick': {
      input: { name: 'web-01', iso: 'debian.iso', flavor: 'small', thick: true },
      prepare: async (world) =>
        void world.hosts[0]?.sh(['dd', 'of=/var/lib/hostler/images/debian.iso', 'status=none', 'conv=fsync'], {
          root: true,
          stdin: 'an ISO',
        }),
    },
    'over the network': { input: { name: 'web-01', pxe: true, flavor: 'small' } },
  },
  'vm.start': { off: { input: vm, prepare: after(['vm.stop', vm]) } },
  'vm.shutdown': { running: { input: vm, prepare: create } },
  'vm.stop': { running: { input: vm, prepare: create } },
  'vm.restart': { running: { input: vm, prepare: create }, forced: { input: { ...vm, force: true }, prepare: create } },
  'vm.suspend': { running: { input: vm, prepare: create } },
  'vm.resume': { suspended: { input: vm, prepare: after(['vm.suspend', vm]) } },
  'vm.rename': {
    running: { input: { ...vm, name: 'web-02' }, prepare: create },
    off: { input: { ...vm, name: 'web-02' }, prepare: after(['vm.stop', vm]) },
  },
  'vm.resize': {
    'running, more of both': { input: { ...vm, vcpus: 2, memory: '192MiB' }, prepare: create },
    'running, less memory': { input: { ...vm, memory: '96MiB' }, prepare: create },
    off: { input: { ...vm, flavor: 'large' }, prepare: after(['vm.stop', vm]) },
    'with a restart': { input: { ...vm, flavor: 'large', restart: true }, prepare: create },
  },
  'vm.policy': { on: { input: { ...vm, restart: 'always', max: 5 }, prepare: create } },
  'vm.autostart': { 'off to on': { input: { ...vm, set: 'on' }, prepare: create } },
  'vm.adopt': {
    running: { input: { domain: 'legacy', ...into }, as: 'admin', prepare: (world) => foreign(world, true) },
    'off, under another name': {
      input: { domain: 'legacy', ...into, name: 'web-07' },
      as: 'admin',
      prepare: (world) => foreign(world, false),
    },
  },
  'vm.release': {
    'that was adopted': {
      input: { vm: 'team-01/legacy' },
      as: 'admin',
      prepare: async (world) => {
        await foreign(world, true);
        const row = await world.change('vm.adopt', { domain: 'legacy', ...into }, 'admin');
        expect(row.state).toBe('succeeded');
      },
    },
  },
  'vm.delete': {
    running: { input: vm, prepare: create },
    off: { input: vm, prepare: after(['vm.stop', vm]) },
    'with two disks': { input: vm, prepare: after(attach) },
  },
  'vm.restore': {
    'under its name': { input: vm, prepare: after(['vm.delete', vm]) },
    'under another': { input: { ...vm, name: 'web-09', start: false }, prepare: after(['vm.delete', vm]) },
  },
  'vm.purge': {
    trashed: { input: vm, prepare: after(['vm.delete', vm]) },
    'with snapshots': { input: vm, prepare: after(['snapshot.create', vm], ['vm.delete', vm]) },
    'with what is kept of its backups': {
      input: vm,
      prepare: after(['vm.backup.now', vm], ['vm.delete', vm]),
      settings: INCREMENTS,
    },
  },
  'vm.disk.extend': {
    running: { input: { ...vm, disk: 'vda', size: '+1GiB' }, prepare: create },
    off: { input: { ...vm, disk: 'vda', size: '3GiB' }, prepare: after(['vm.stop', vm]) },
    thick: {
      input: { ...vm, disk: 'vdb', size: '+1GiB' },
      prepare: after(['vm.disk.attach', { ...vm, size: '1GiB', thick: true }]),
    },
  },
  'vm.disk.attach': {
    running: { input: { ...vm, size: '2GiB' }, prepare: create },
    'off, thick': { input: { ...vm, size: '2GiB', thick: true }, prepare: after(['vm.stop', vm]) },
  },
  'vm.disk.detach': {
    running: { input: detach[1], prepare: after(attach) },
    off: { input: detach[1], prepare: after(attach, ['vm.stop', vm]) },
  },
  'vm.disk.restore': {
    running: { input: { ...vm, disk: 'd1' }, prepare: after(attach, detach) },
    off: { input: { ...vm, disk: 'd1' }, prepare: after(attach, detach, ['vm.stop', vm]) },
  },
  'vm.disk.replug': {
    'that its guest let go of': {
      input: detach[1],
      prepare: async (world) => {
        await after(attach)(world);
        const [host] = world.hosts;
        host?.sh(['virsh', 'detach-disk', 'team-01-web-01', 'vdb', '--live']);
        await vi.waitUntil(() => host?.domain('team-01-web-01').live?.facts.disks.length === 2, { interval: 2 });
      },
    },
  },
  'vm.disk.move': {
    'off, thin to thick': {
      input: { ...vm, disk: 'vda', class: 'thick' },
      prepare: after(['vm.stop', vm]),
    },
    'running, thin to thick': { input: { ...vm, disk: 'vda', class: 'thick' }, prepare: create },
    'running, thick to thin, proved': {
      input: { ...vm, disk: 'vdb', class: 'thin', verify: true },
      prepare: after(['vm.disk.attach', { ...attach[1], thick: true }]),
    },
    'off, thick to thin': {
      input: { ...vm, disk: 'vdb', class: 'thin' },
      prepare: after(['vm.disk.attach', { ...attach[1], thick: true }], ['vm.stop', vm]),
    },
  },
  'vm.disk.grow': {
    'after an extension': {
      input: { ...vm, disk: 'vda' },
      prepare: after(['vm.disk.extend', { ...vm, disk: 'vda', size: '+1GiB' }]),
    },
  },
  'vm.disk.purge': { detached: { input: { ...vm, disk: 'd1' }, prepare: after(attach, detach) } },
  'snapshot.create': {
    'running, frozen': {
      input: { ...vm, name: 'one' },
      prepare: after(['snapshot.create', { ...vm, name: 'zero' }]),
      lastToFail: 'take-snapshot',
    },
    'running, without agent': {
      input: vm,
      prepare: async (world) => {
        await create(world);
        agentAfter(world, null);
      },
    },
    'two disks, frozen and suspended': { input: vm, prepare: after(attach), lastToFail: 'take-snapshot' },
    off: { input: { ...vm, protect: true }, prepare: after(['vm.stop', vm]) },
  },
  'snapshot.revert': {
    running: { input: { ...vm, name: 'snap-1' }, prepare: after(['snapshot.create', vm]) },
    off: { input: { ...vm, name: 'snap-1' }, prepare: after(['snapshot.create', vm], ['vm.stop', vm]) },
    'two disks': { input: { ...vm, name: 'snap-1' }, prepare: after(attach, ['snapshot.create', vm]) },
  },
  'snapshot.delete': {
    'the first of two': {
      input: { ...vm, name: 'snap-1' },
      prepare: after(['snapshot.create', vm], ['snapshot.create', vm]),
    },
  },
  'snapshot.protect': { on: { input: { ...vm, name: 'snap-1' }, prepare: after(['snapshot.create', vm]) } },
  'snapshot.schedule': {
    first: { input: { ...vm, keep: '3 daily, 2 weekly' }, prepare: create },
    ended: { input: { ...vm, keep: 'off' }, prepare: after(['snapshot.schedule', { ...vm, keep: '24 hourly' }]) },
  },
};
