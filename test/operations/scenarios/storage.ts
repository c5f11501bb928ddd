/** Images and pools. */
import { expect } from 'vitest';
import { writes } from '../../kit/samples.ts';
import { publish, withCloud } from '../../kit/vendor.ts';
import { after, attach, create, detach, expectDone, type Scenarios, seen, vm } from './kit.ts';

export const STORAGE: Scenarios = {
  'storage.pool.extend': {
    'data and metadata': { input: { host: 'kvm-1', by: '1GiB', metadata: '8MiB' }, as: 'admin' },
  },
  // What keeps one guest from it fails nothing.
  'storage.pool.trim': {
    'one guest': { input: { host: 'kvm-1' }, as: 'admin', prepare: seen, lastToFail: 'no step' },
  },
  'storage.pool.reclaim': {
    'a VM and a disk in the trash': {
      input: { host: 'kvm-1', trash: true },
      as: 'admin',
      prepare: async (world) => {
        await after(attach, detach)(world);
        await expectDone(world, 'vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
        await expectDone(world, 'vm.delete', { vm: 'web-02' });
      },
    },
    'a snapshot of before a change': {
      input: { host: 'kvm-1' },
      as: 'admin',
      prepare: async (world) => {
        await after(['vm.disk.extend', { ...vm, disk: 'vda', size: '+1GiB' }])(world);
        world.clock.advance(world.settings.snapshots.beforeChangeMs);
        await expectDone(world, 'snapshot.create', vm);
      },
    },
  },
  'storage.pool.relieve': {
    'two writers': {
      input: { host: 'kvm-1', vms: 2 },
      as: 'admin',
      prepare: async (world) => {
        await create(world);
        await expectDone(world, 'vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
        await seen(world);
        const at = world.clock.now();
        for (const { id } of world.rows.vms.list('team-01')) writes(world, id, 5_000_000, at);
      },
    },
  },
  'image.retire': { 'the one in force': { input: { name: 'tiny' }, as: 'admin' } },
  'image.restore': {
    'an old one': {
      input: { name: 'tiny', version: 1 },
      as: 'admin',
      prepare: async (world) => void (await world.change('image.refresh', { name: 'tiny' }, 'admin')),
    },
  },
  'image.purge': {
    'a retired one': {
      input: { name: 'tiny', version: 1 },
      as: 'admin',
      prepare: async (world) => void (await world.ask('image.retire', { name: 'tiny' }, 'admin')),
    },
  },
  'image.build': {
    'of a VM that is off': {
      input: { name: 'base', from: 'team-01/web-01', clean: false },
      as: 'admin',
      prepare: after(['vm.stop', vm]),
    },
    'cleaned by a machine that is thrown away': {
      input: { name: 'base', from: 'team-01/web-01' },
      as: 'admin',
      prepare: after(['vm.stop', vm]),
    },
  },
  'image.refresh': {
    'downloaded, a second version': {
      input: { name: 'cloud' },
      as: 'admin',
      images: false,
      settings: withCloud(),
      prepare: async (world) => {
        publish(world);
        const first = await world.change('image.refresh', { name: 'cloud' }, 'admin');
        expect(first.error).toBeNull();
        publish(world, { content: 'cloud v2' });
      },
    },
    'poured anew from the file': { input: { name: 'tiny' }, as: 'admin' },
  },
  'image.add': {
    'that was built on another host': {
      input: { name: 'base' },
      as: 'admin',
      hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }],
      prepare: async (world) => {
        await expectDone(world, 'vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' });
        await expectDone(world, 'vm.stop', vm);
        await world.change('image.build', { name: 'base', from: 'team-01/web-01', clean: false }, 'admin');
        const [one, two] = world.hosts.map(({ model }) => model.files);
        // The share that both have.
        for (const [path, node] of Object.entries(one ?? {})) if (two !== undefined) two[path] ??= node;
      },
    },
    'on one host': { input: { name: 'tiny' }, as: 'admin', images: false },
  },
};
