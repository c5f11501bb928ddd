/** VMs that go down, and their restart policies: the sweep's job over a simulated host, with a clock that is moved. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { end } from '../../demo/fleet/model/domains.ts';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { sweep } from '../../src/scheduler/jobs/sweep.ts';
import { makeWorld, type World } from '../kit/world.ts';

const MINUTE = 60_000;
const DOMAIN = 'team-01-web-01';
let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  await minute();
});
afterEach(async () => {
  expect(world.simulated.unknown()).toEqual([]);
  await world.close();
});

function host() {
  const [found] = world.hosts;
  if (found === undefined) throw new Error('a world has a host');
  return found;
}

/** A minute goes by, and its sweep; with what that starts, to its end. */
async function minute(after = MINUTE): Promise<void> {
  world.clock.advance(after);
  // The simulated host has a clock of its own: it goes on by real time.
  host().model.bootedAt -= after;
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const deps = {
    ...world,
    service: world.service,
    driver: makeDriver(),
    ids: randomIds(),
    settings: () => world.settings,
    log,
    signal: new AbortController().signal,
  };
  await sweep.run(deps, { period: '', dueAt: world.clock.now(), team: null, zone: 'UTC' });
  for (const row of world.rows.operations.inState(['queued', 'running'])) await world.service.follow(row.id, 'end');
}
const policy = (restart: string, max?: number) =>
  world.ask('vm.policy', { vm: 'web-01', restart, ...(max === undefined ? {} : { max }) });
const vm = () => {
  const found = world.rows.vms.byName('team-01', 'web-01');
  if (found === null) throw new Error('there is web-01');
  return found;
};
const goDown = (reason = 'crashed') => end(host().model, host().domain(DOMAIN), reason, host().clock.now());
const state = () => host().domain(DOMAIN).state;
const starts = () =>
  world.rows.operations
    .recent({ team: null, vmId: vm().id, limit: 50 })
    .filter(({ kind }) => kind === 'vm.start')
    .reverse();
const alerts = () =>
  world.rows.incidents
    .since(world.clock.now())
    .filter(({ resolvedAt }) => resolvedAt === null)
    .map(({ rule }) => rule);

it('starts nothing by itself where nobody said so', async () => {
  goDown();
  await minute();
  await minute();
  expect(state()).toBe('shut off');
  expect(starts()).toEqual([]);
  expect(alerts()).toEqual(['vm-down']);
});

it('starts one that crashed with the operation that people type, as hostler, and tells its team', async () => {
  await policy('on-failure');
  goDown();
  await minute();
  expect(state()).toBe('running');
  const [row] = starts();
  expect(starts()).toHaveLength(1);
  expect(row).toMatchObject({
    state: 'succeeded',
    person: 'hostler',
    reason: 'it crashed (restart policy on-failure, 1 of 3 this hour)',
    origin: { via: 'schedule', channel: 'team-01' },
  });
  const told = world.db.prepare('select wanted from card where operation_id = ?').pluck().all(row?.id);
  expect(told).toEqual(['team-01']);
  const kinds = world.rows.audit
    .list({ limit: 99, operationId: row?.id ?? '' })
    .map(({ kind, actor }) => [kind, actor.person, actor.via]);
  expect(kinds).toContainEqual(['operation.planned', 'hostler', 'schedule']);
  await minute();
  expect(starts()).toHaveLength(1);
  expect(alerts()).toEqual([]);
  expect(world.rows.watch.of(vm().id).starts).toEqual([]);
});

it('gives up at the limit with one alert, and begins anew when somebody starts it', async () => {
  await policy('on-failure', 2);
  for (const _time of [1, 2, 3, 4]) {
    if (state() === 'running') goDown();
    await minute();
  }
  expect(state()).toBe('shut off');
  expect(starts()).toHaveLength(2);
  expect(alerts()).toContain('vm-restarts');
  const [member] = world.rows.incidents
    .since(world.clock.now())
    .filter(({ rule }) => rule === 'vm-restarts')
    .flatMap(({ id }) => world.rows.incidents.members(id));
  expect(member?.detail).toBe('it crashed, and was started 2 times in an hour: it stays off until somebody starts it');
  expect(world.rows.audit.list({ limit: 9, kind: 'vm.restarts_spent' })).toHaveLength(1);
  // Not even when the hour is over.
  await minute(90 * MINUTE);
  expect(starts()).toHaveLength(2);
  const shown = await world.ask('vm.show', { vm: 'web-01' });
  expect(shown).toMatchObject({ json: { restart: { policy: 'on-failure', limit: 2, givenUp: true } } });

  await world.change('vm.start', { vm: 'web-01' });
  await minute();
  expect(alerts()).not.toContain('vm-restarts');
  goDown();
  await minute();
  expect(state()).toBe('running');
  expect(starts().at(-1)).toMatchObject({ person: 'hostler', reason: expect.stringContaining('1 of 2') });
});

it('leaves alone one that its team shut down, and, on failure only, one that shut itself down', async () => {
  await policy('always');
  await world.change('vm.shutdown', { vm: 'web-01' });
  await minute();
  await minute();
  expect([state(), starts()]).toEqual(['shut off', []]);
  await world.change('vm.start', { vm: 'web-01' });
  await policy('on-failure');
  goDown('shutdown');
  await minute();
  expect(state()).toBe('shut off');
  await policy('always');
  await minute();
  expect(state()).toBe('running');
  expect(starts().at(-1)?.reason).toContain('it was shut down from inside');
});

it('waits while work on the host is announced, and starts it afterwards', async () => {
  await policy('always');
  await world.ask('host.maintenance', { host: 'kvm-1', for: '1h' }, 'admin');
  goDown();
  await minute();
  expect([state(), starts()]).toEqual(['shut off', []]);
  await world.ask('alert.unsilence', { what: 'kvm-1' }, 'admin');
  await minute();
  expect(state()).toBe('running');
});

it('takes a boot of the host for no crash', async () => {
  const boot = () => {
    goDown('unknown');
    host().model.bootedAt = host().clock.now();
  };
  await policy('on-failure');
  boot();
  await minute();
  await minute();
  expect([state(), starts()]).toEqual(['shut off', []]);
  await policy('always', 1);
  await minute();
  expect(state()).toBe('running');
  expect(starts()).toMatchObject([{ reason: 'its host has booted (restart policy always)' }]);
  expect(world.rows.watch.of(vm().id).restarts).toEqual([]);
  goDown();
  await minute();
  expect(state()).toBe('running');
  expect(starts()).toHaveLength(2);
});

it('counts a start that failed, and none that was refused', async () => {
  await policy('on-failure', 2);
  goDown();
  host().trouble.add({ match: / virsh .* start /, when: 'before', kind: 'fail', times: 99 });
  for (const _time of [1, 2, 3]) await minute();
  expect(starts().map((row) => row.state)).toEqual(['failed', 'failed']);
  expect(alerts()).toContain('vm-restarts');
  await policy('on-failure', 2);
  world.through(async (at, call, options) => {
    const result = await world.simulated.run(at, call, options);
    if (call.title.startsWith('Look at domain')) host().trouble.down = false;
    if (call.title === 'Sweep the host') host().trouble.down = true;
    return result;
  });
  await minute();
  expect(starts()).toHaveLength(2);
  expect(world.rows.watch.of(vm().id).restarts).toEqual([]);
});

it('is set by the team, seen in its VM, and taken back', async () => {
  expect(await policy('never')).toMatchObject({ error: { code: 'wrong_state' } });
  expect(await world.ask('vm.policy', { vm: 'web-01', restart: 'always' }, '02-dev1')).toMatchObject({
    error: { code: 'forbidden' },
  });
  expect(await world.ask('vm.policy', { vm: 'web-01', restart: 'sometimes' })).toMatchObject({
    error: { code: 'invalid_input' },
  });
  const set = await policy('always', 5);
  expect(set).toMatchObject({ row: { state: 'succeeded', kind: 'vm.policy' } });
  const shown = await world.ask('vm.show', { vm: 'web-01' });
  if (shown.kind !== 'reading') throw new Error('no reading');
  expect(readNotice(shown.notice)?.facts).toContainEqual({
    name: 'Started again by itself',
    value: 'always, at most 5 times an hour',
  });
  await policy('never');
  expect(world.rows.watch.of(vm().id)).toMatchObject({ restartPolicy: null, restartLimit: null });
});
