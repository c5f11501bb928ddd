/** Images that are built of VMs, on the simulator. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { imageCopies } from '../../src/scheduler/jobs/image-copies.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const build = { name: 'base', from: 'team-01/web-01', clean: false };
const cleaned = { name: 'base', from: 'team-01/web-01' };

async function begin(
  settings: Partial<Settings> = {},
  more: readonly string[] = [],
): Promise<readonly [SimHost, SimHost]> {
  world = await makeWorld({ hosts: ['kvm-1', 'kvm-2', ...more].map((name) => ({ name })), settings });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' }, '01-dev1');
  await done('vm.stop', { vm: 'web-01' }, '01-dev1');
  const [one, two] = world.hosts;
  if (one === undefined || two === undefined) throw new Error('no hosts');
  const disk = one.model.volumes.find(({ name }) => name.startsWith('vm-'));
  if (disk !== undefined) disk.content = 'what web-01 wrote';
  return [one, two];
}
async function done(name: string, input: Record<string, unknown>, as = 'admin') {
  const row = await world.change(name, input, as);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
  return row;
}
async function refused(name: string, input: Record<string, unknown>, as = 'admin') {
  const answer = await world.ask(name, input, as);
  if (answer.kind !== 'refused') throw new Error(`${name} was not refused: ${answer.kind}`);
  return answer.error;
}
const versions = () => world.rows.images.list('base').map(({ version, host, state }) => `${version} ${host} ${state}`);
const golden = (host: SimHost) =>
  host.model.volumes.find(({ name }) =>
    world.rows.images.list('base').some((row) => row.host === host.name && row.volume === name),
  );
const stored = (host: SimHost) => Object.keys(host.model.files).filter((path) => /img-.*\.zst/.test(path));
/** As if both had the same share. */
const share = (from: SimHost, to: SimHost) => {
  for (const path of stored(from)) {
    const node = from.model.files[path];
    if (node !== undefined) to.model.files[path] = node;
  }
};

it('makes a golden volume that stays when its VM goes, and VMs of it', async () => {
  const [one] = await begin();
  const plan = await world.ask('image.build', build, 'admin', {}, 'terminal');
  expect(plan.kind === 'operation' && plan.row.plan.notes.join('\n')).toMatch(/Nothing in it is cleaned: .*machine-id/);
  const row = await done('image.build', build);
  expect(versions()).toEqual(['1 kvm-1 ready']);
  expect(JSON.stringify(world.service.card(row.id))).toContain('no: each VM made of it has what this one had');
  await done('vm.delete', { vm: 'web-01' }, '01-lead');
  await done('vm.purge', { vm: 'web-01' }, '01-lead');
  expect(golden(one)).toMatchObject({ content: 'what web-01 wrote', origin: null });
  const made = await done('vm.create', { name: 'web-02', image: 'base', flavor: 'small' }, '01-dev1');
  expect(made.plan.notes.join()).toContain('base was built of team-01/web-01, and Hostler cleaned nothing');
  expect(world.rows.vms.byName('team-01', 'web-02')).toMatchObject({ host: 'kvm-1', image: 'base', login: 'root' });
  const list = await world.ask('image.list', {});
  expect(list.kind === 'reading' ? list.json : []).toContainEqual(
    expect.objectContaining({ name: 'base', builtOf: 'team-01/web-01', hosts: ['kvm-1'], missing: ['kvm-2'] }),
  );
});

it('comes onto other hosts that have the share, and only there VMs are made of it', async () => {
  const [one, two] = await begin();
  await done('image.build', build);
  const nowhere = await refused(
    'vm.create',
    { name: 'web-02', image: 'base', flavor: 'small', host: 'kvm-2' },
    '01-dev1',
  );
  expect(nowhere.message).toContain('kvm-2 has no image base');
  expect((await refused('image.add', { name: 'base' })).hint).toContain('is that directory shared');
  share(one, two);
  await done('image.add', { name: 'base' });
  expect(versions()).toEqual(['1 kvm-1 ready', '1 kvm-2 ready']);
  expect(golden(two)?.content).toBe('what web-01 wrote');
  await done('vm.create', { name: 'web-02', image: 'base', flavor: 'small', host: 'kvm-2' }, '01-dev1');
  expect((await refused('image.refresh', { name: 'base' })).message).toContain('was built of team-01/web-01');
});

it('says what is damaged, and leaves nothing of it', async () => {
  const [one, two] = await begin();
  await done('image.build', build);
  share(one, two);
  const [path = ''] = stored(two);
  const node = two.model.files[path];
  if (node !== undefined) two.model.files[path] = { ...node, content: 'half of zstd of what' };
  const before = two.snapshot();
  const row = await world.change('image.add', { name: 'base' }, 'admin');
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringContaining('the file may be damaged, or')]);
  expect([two.snapshot(), versions()]).toEqual([before, ['1 kvm-1 ready']]);
});

const NOWHERE = { target: null, fullEvery: 1, rateBytes: null, encryptTo: null, readable: [] };

it('stays on its host where there is no share', async () => {
  const [one] = await begin({ backups: NOWHERE });
  await done('image.build', build);
  expect([versions(), stored(one)]).toEqual([['1 kvm-1 ready'], []]);
  const error = await refused('image.add', { name: 'base' });
  expect(error.message).toBe('Image base was built on kvm-1 and is stored nowhere else');
});

it('takes out of it what one machine alone should have, on a machine without a network, and leaves the VM as it was', async () => {
  const [one] = await begin({ backups: NOWHERE });
  const seen: unknown[] = [];
  world.through((host, call, options) => {
    for (const domain of one.model.domains.filter(({ name }) => name.includes('-clean-')))
      seen.push([domain.facts.nics.length, domain.facts.disks.map(({ target }) => target)]);
    return world.simulated.run(host, call, options);
  });
  const before = one.snapshot();
  const row = await done('image.build', cleaned);
  expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(new Set(['[0,["vda"]]']));
  expect(golden(one)).toMatchObject({ content: 'what web-01 wrote, cleaned' });
  const volumes = (volume: string) => !volume.includes('/img-');
  expect(one.snapshot()).toEqual({ ...before, volumes: one.snapshot().volumes });
  expect(one.snapshot().volumes.filter(volumes)).toEqual(before.volumes.filter(volumes));
  expect(JSON.stringify(world.service.card(row.id))).toMatch(
    /machine-id, ssh host keys, .*temporary files: nothing is left/,
  );
  const made = await done('vm.create', { name: 'web-02', image: 'base', flavor: 'small' }, '01-dev1');
  expect(made.plan.notes.join()).not.toContain('cleaned nothing');
});

it.each([
  [
    { keeps: { 'ssh host keys': '/etc/ssh/ssh_host_rsa_key' } },
    /something is left: ssh host keys \(\/etc\/ssh\/ssh_host_rsa_key\)/,
  ],
  [{ execBlocked: true }, /the guest’s agent may not run commands/],
  [{ agentMs: null }, /guest agent that was to clean the disk did not answer within/],
])('makes no image where it can’t be cleaned, and says why: %o', async (guest, why) => {
  const [one] = await begin();
  const before = one.snapshot();
  Object.assign(one.model.guestDefaults, guest);
  const row = await world.change('image.build', cleaned, 'admin');
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringMatching(why)]);
  expect([one.snapshot(), versions()]).toEqual([before, []]);
});

/** A minute of the schedule, and what it begins to its end. */
async function tick(): Promise<void> {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const deps = { ...world, service: world.service, driver: makeDriver(), ids: randomIds(), log };
  const due = { period: '', dueAt: world.clock.now(), team: null, zone: 'UTC' };
  await imageCopies.run({ ...deps, settings: () => world.settings, signal: new AbortController().signal }, due);
  for (const row of world.rows.operations.inState(['queued', 'running'])) await world.service.follow(row.id, 'end');
}

it('comes onto all other hosts by itself, and says where it could not', async () => {
  const [one, two] = await begin({}, ['kvm-3', 'kvm-4']);
  const [, , three, four] = world.hosts;
  if (three === undefined || four === undefined) throw new Error('no hosts');
  const row = await done('image.build', build);
  expect(JSON.stringify(world.service.card(row.id))).toContain('kvm-2, kvm-3, kvm-4: each by itself');
  share(one, two);
  share(one, three);
  // The third has a file that is damaged, the fourth none.
  const [path = ''] = stored(three);
  const node = three.model.files[path];
  if (node !== undefined) three.model.files[path] = { ...node, content: 'half of zstd of what' };
  const before = [three, four].map((host) => host.snapshot());
  await tick();
  expect(versions()).toEqual(['1 kvm-1 ready', '1 kvm-2 ready']);
  expect(golden(two)?.content).toBe('what web-01 wrote');
  expect([three, four].map((host) => host.snapshot())).toEqual(before);
  const ends = world.rows.operations
    .recent({ team: null, vmId: null, limit: 10 })
    .filter(({ kind, origin }) => kind === 'image.add' && origin.via === 'schedule');
  expect(ends.map(({ host, state }) => `${host} ${state}`).sort()).toEqual(['kvm-2 succeeded', 'kvm-3 failed']);
  const posted = world.db.prepare("select wanted from outbox where key like 'image-copies:%'").pluck().all();
  expect(posted).toEqual([row.origin.channel]);
  expect(world.rows.images.wanted()).toEqual([]);
  await tick();
  expect(versions()).toEqual(['1 kvm-1 ready', '1 kvm-2 ready']);
});

it('refuses a running VM, and a name of the configuration', async () => {
  await begin();
  expect((await refused('image.build', { ...build, name: 'tiny' })).message).toContain('of the configuration');
  expect((await refused('image.build', build, '01-lead')).code).toBe('forbidden');
  await done('vm.disk.attach', { vm: 'web-01', size: '1GiB' }, '01-dev1');
  expect((await refused('image.build', build)).message).toContain('has 2 disks, and an image is one');
  await done('vm.disk.detach', { vm: 'web-01', disk: 'vdb' }, '01-dev1');
  await done('vm.start', { vm: 'web-01' }, '01-dev1');
  const running = await refused('image.build', build);
  expect([running.message, running.hint]).toEqual([
    'team-01/web-01 is running: an image is made of a VM that is shut off',
    expect.stringContaining('/vm shutdown team-01/web-01'),
  ]);
});

it('asks for OS and login where the VM was made of no image', async () => {
  const [one] = await begin();
  await done('vm.create', { name: 'net', pxe: true, flavor: 'small', host: 'kvm-1' }, '01-dev1');
  await done('vm.stop', { vm: 'net' }, '01-dev1');
  const from = { ...build, from: 'team-01/net' };
  expect((await refused('image.build', from)).hint).toContain('--osinfo debian12 --login debian');
  await done('image.build', { ...from, osinfo: 'debian12', login: 'debian' });
  expect(world.rows.images.find('base', one.name)).toMatchObject({ osinfo: 'debian12', login: 'debian' });
});

it('is built again as the next version, and purged with what was stored', async () => {
  const [one] = await begin();
  await done('image.build', build);
  await done('image.build', build);
  expect([versions(), stored(one).length]).toEqual([['2 kvm-1 ready', '1 kvm-1 old'], 2]);
  await done('image.purge', { name: 'base', version: 1 });
  expect([versions(), stored(one).length]).toEqual([['2 kvm-1 ready'], 1]);
});
