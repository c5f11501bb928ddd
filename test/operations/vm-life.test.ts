import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  await world.close();
});

it('takes a VM through its whole life, and leaves the host as it was', async () => {
  const before = world.hosts[0]?.snapshot();
  const created = await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  expect(created.error).toBeNull();
  expect(created.state).toBe('succeeded');
  const vm = world.rows.vms.byName('team-01', 'web-01');
  expect(vm).toMatchObject({ life: 'live', host: 'kvm-1', createdBy: '01-dev1', flavor: 'small', image: 'tiny' });
  expect(vm?.address).toMatch(/^192\.168\.122\./);

  for (const [name, input, state] of [
    ['vm.restart', { vm: 'web-01' }, 'running'],
    ['vm.suspend', { vm: 'web-01' }, 'suspended'],
    ['vm.resume', { vm: 'web-01' }, 'running'],
    ['vm.shutdown', { vm: 'web-01' }, 'shutoff'],
    ['vm.start', { vm: 'web-01' }, 'running'],
    ['vm.rename', { vm: 'web-01', name: 'web-02' }, 'running'],
    ['vm.autostart', { vm: 'web-02', set: 'on' }, 'running'],
    ['vm.stop', { vm: 'web-02' }, 'shutoff'],
    ['vm.start', { vm: 'web-02' }, 'running'],
  ] as const) {
    const done = await world.change(name, input);
    expect([name, done.state, done.error]).toEqual([name, 'succeeded', null]);
    const listed = await world.ask('vm.list', {});
    expect([name, listed]).toMatchObject([name, { kind: 'reading', json: [{ state, team: 'team-01' }] }]);
  }
  expect((await world.change('vm.delete', { vm: 'web-02' })).state).toBe('succeeded');
  expect(await world.ask('vm.list', {})).toMatchObject({ json: [] });
  expect((await world.change('vm.restore', { vm: 'web-02' })).state).toBe('succeeded');
  expect(await world.ask('vm.show', { vm: 'web-02' })).toMatchObject({
    json: { state: 'running', name: 'team-01/web-02' },
  });
  expect((await world.change('vm.delete', { vm: 'web-02' })).state).toBe('succeeded');
  expect((await world.change('vm.purge', { vm: 'web-02' })).state).toBe('succeeded');

  expect(world.hosts[0]?.snapshot()).toEqual(before);
  expect(world.fleet.unknown()).toEqual([]);
  expect(await world.rows.audit.verify(null)).toMatchObject({ ok: true });
  expect(world.logged).toEqual([]);
});

it('asks a guest again that missed the first press of its power button', async () => {
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const [host] = world.hosts;
  const guest = host?.domain('team-01-web-01').guest;
  if (host === undefined || guest === undefined) throw new Error('the VM is not there');
  guest.ignoresShutdown = true;
  const asked = () => host.log.filter(({ line }) => line.includes(' shutdown ')).length;
  world.through(async (name, call, options) => {
    if (asked() === 1) guest.ignoresShutdown = false;
    return world.simulated.run(name, call, options);
  });
  const done = await world.change('vm.shutdown', { vm: 'web-01' });
  expect([done.state, done.error]).toEqual(['succeeded', null]);
  expect(asked()).toBe(2);
});
