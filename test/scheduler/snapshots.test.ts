import { afterEach, expect, it } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { snapshots } from '../../src/scheduler/jobs/snapshots.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(() => world.close());

const DAY = 86_400_000;

/** One tick of the job, and its operations to their ends. */
async function tick(): Promise<void> {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const deps = {
    ...world,
    service: world.service,
    driver: makeDriver(),
    ids: randomIds(),
    settings: () => world.settings,
    log,
  };
  const due = { period: '', dueAt: world.clock.now(), team: null, zone: 'UTC' };
  await snapshots.run({ ...deps, signal: new AbortController().signal }, due);
  for (const row of world.rows.operations.inState(['queued', 'running'])) await world.service.follow(row.id, 'end');
}
const vm = () => world.rows.vms.byName('team-01', 'web-01')?.id ?? '';
const names = () => world.rows.snapshots.of(vm()).map(({ name }) => name);

it('takes one a day, keeps as many as were asked for, and touches nobody else’s', async () => {
  world = await makeWorld();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  await world.change('snapshot.create', { vm: 'web-01', name: 'mine' });
  await world.change('snapshot.schedule', { vm: 'web-01', keep: '2 daily' });
  await tick();
  await tick();
  expect(names()).toHaveLength(2);
  const [first = ''] = names();
  expect(first).toMatch(/^auto-\d{4}-\d\d-\d\d-\d\d-\d\d$/);
  await world.change('snapshot.protect', { vm: 'web-01', name: first });
  for (let day = 0; day < 4; day += 1) {
    world.clock.advance(DAY);
    await tick();
    await tick();
  }
  // Two days, the protected one, and the person's own.
  expect(names()).toHaveLength(4);
  expect(names()).toEqual(expect.arrayContaining(['mine', first]));
  const [volumes] = world.hosts.map((host) => host.snapshot().volumes.filter((line) => line.includes('/snap-')));
  expect(volumes).toHaveLength(4);

  await world.change('snapshot.schedule', { vm: 'web-01', keep: 'off' });
  world.clock.advance(DAY);
  await tick();
  expect(names()).toHaveLength(4);
});

it('makes up for the day that was missed while the host was down', async () => {
  world = await makeWorld();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  await world.change('snapshot.schedule', { vm: 'web-01', keep: '2 daily' });
  for (const { trouble } of world.hosts) trouble.down = true;
  await tick();
  expect(names()).toEqual([]);
  for (const { trouble } of world.hosts) trouble.down = false;
  world.clock.advance(3_600_000);
  await tick();
  expect(names()).toHaveLength(1);
});

it('drops what operations kept when its time is over, but nothing that is protected, and nothing of a person', async () => {
  world = await makeWorld();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  await world.change('snapshot.create', { vm: 'web-01', name: 'mine' });
  await world.change('vm.disk.extend', { vm: 'web-01', disk: 'vda', size: '+1GiB' });
  await world.change('snapshot.revert', { vm: 'web-01', name: 'mine' });
  const kept = names().filter((name) => name !== 'mine');
  expect(kept.map((name) => name.slice(0, -7)).sort()).toEqual(['before-extend', 'before-revert']);
  const extend = kept.find((name) => name.startsWith('before-extend')) ?? '';
  await world.change('snapshot.protect', { vm: 'web-01', name: extend });
  world.clock.advance(7 * DAY - 3_600_000);
  await tick();
  expect(names()).toHaveLength(3);
  world.clock.advance(3_600_000);
  await tick();
  expect(names().sort()).toEqual([extend, 'mine'].sort());
  await world.change('snapshot.protect', { vm: 'web-01', name: extend, set: 'off' });
  world.clock.advance(3_600_000);
  await tick();
  expect(names()).toEqual(['mine']);
  const [volumes] = world.hosts.map((host) => host.snapshot().volumes.filter((line) => line.includes('/snap-')));
  expect(volumes).toHaveLength(1);
});
