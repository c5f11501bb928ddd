/** Images in versions, on the simulator: what is brought, what is refused, and what stays while VMs hang on it. */
import { afterEach, expect, it } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { images as job } from '../../src/scheduler/jobs/images.ts';
import { publish, signedBy, VENDOR, VENDORS_KEY, withCloud } from '../kit/vendor.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

async function begin(hosts = 2, change: Parameters<typeof withCloud>[0] = {}): Promise<void> {
  const names = Array.from({ length: hosts }, (_, at) => ({ name: `kvm-${at + 1}` }));
  world = await makeWorld({ hosts: names, images: false, settings: withCloud(change) });
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
async function planned(name: string, input: Record<string, unknown>) {
  const answer = await world.ask(name, input, 'admin', {}, 'terminal');
  if (answer.kind !== 'operation') throw new Error(`${name} made no plan: ${JSON.stringify(answer)}`);
  return answer.row;
}
const cloud = { name: 'cloud' };
const versions = () => world.rows.images.list('cloud').map(({ version, host, state }) => `${version} ${host} ${state}`);
const volumeOf = (host: number, version: number) => {
  const row = world.rows.images.list('cloud').find((each) => each.host === `kvm-${host}` && each.version === version);
  return world.hosts[host - 1]?.model.volumes.find(({ name }) => name === row?.volume);
};
const filesLeft = () =>
  world.hosts.flatMap(({ model }) => Object.keys(model.files).filter((path) => path.includes('.download')));

it('brings a first version onto every host, all at once, and leaves no file', async () => {
  await begin();
  publish(world);
  for (const { model } of world.hosts) model.unitMs = 50;
  const row = await done('image.refresh', cloud);
  expect(versions()).toEqual(['1 kvm-1 ready', '1 kvm-2 ready']);
  expect(volumeOf(1, 1)?.content).toBe('cloud v1');
  expect(volumeOf(2, 1)?.content).toBe('cloud v1');
  expect(filesLeft()).toEqual([]);
  for (const { model } of world.hosts) expect(model.units).toEqual([]);
  const steps = row.plan.steps.map(({ name }) => name);
  expect(steps.indexOf('begin-download@kvm-2')).toBeLessThan(steps.indexOf('download@kvm-1'));
  expect(steps.indexOf('begin-pour-image@kvm-2')).toBeLessThan(steps.indexOf('pour-image@kvm-1'));
});

it('makes new VMs of the new version, and keeps the old one while VMs hang on it', async () => {
  await begin(1);
  publish(world);
  await done('image.refresh', cloud);
  await done('vm.create', { name: 'web-01', image: 'cloud', flavor: 'small' }, '01-dev1');
  const old = volumeOf(1, 1);
  publish(world, { content: 'cloud v2' });
  const plan = await planned('image.refresh', cloud);
  expect(plan.plan.notes.join('\n')).toContain('1 VM hangs on version 1, which is kept for them');
  const row = await done('image.refresh', cloud);
  expect(JSON.stringify(world.service.card(row.id))).toContain('kept: 1 VM hangs on it');
  expect(versions()).toEqual(['2 kvm-1 ready', '1 kvm-1 old']);
  await done('vm.create', { name: 'web-02', image: 'cloud', flavor: 'small' }, '01-dev1');
  const [host] = world.hosts;
  const disk = (name: string) => {
    const vm = world.rows.vms.byName('team-01', name);
    return host?.model.volumes.find((volume) => volume.name === vm?.disks[0]?.volume);
  };
  expect(disk('web-01')?.origin).toBe(old?.uuid);
  expect(disk('web-02')?.origin).toBe(volumeOf(1, 2)?.uuid);
  const list = await world.ask('image.list', {});
  expect(list.kind === 'reading' ? list.json : null).toContainEqual(
    expect.objectContaining({
      name: 'cloud',
      version: 2,
      versions: [
        expect.objectContaining({ version: 2, state: 'ready', vms: 1, hosts: ['kvm-1'] }),
        expect.objectContaining({ version: 1, state: 'old', vms: 1, hosts: ['kvm-1'] }),
      ],
    }),
  );
});

it('refuses a wrong checksum with what was expected and got, and leaves the old version in force', async () => {
  await begin();
  publish(world);
  await done('image.refresh', cloud);
  const before = world.hosts.map((host) => host.snapshot());
  const claims = 'ab'.repeat(64);
  const got = publish(world, { content: 'cloud v2', claims });
  const row = await world.change('image.refresh', cloud, 'admin');
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringContaining(`expected sha512 ${claims}`)]);
  expect(row.error?.message).toContain(`got ${got}`);
  expect(row.error?.message).toContain('compare the checksum in the configuration with the vendor’s page');
  expect(world.hosts.map((host) => host.snapshot())).toEqual(before);
  expect(versions()).toEqual(['1 kvm-1 ready', '1 kvm-2 ready']);
  await done('vm.create', { name: 'web-01', image: 'cloud', flavor: 'small' }, '01-dev1');
});

it('says that it is the newest already, and brings it to a host that lacks it', async () => {
  await begin();
  publish(world);
  const [, second] = world.hosts;
  if (second !== undefined) second.trouble.down = true;
  const plan = await planned('image.refresh', cloud);
  expect(plan.plan.notes.join('\n')).toMatch(/kvm-2 does not answer .* makes no VMs of cloud until the next refresh/);
  await done('image.refresh', cloud);
  expect(versions()).toEqual(['1 kvm-1 ready']);
  if (second !== undefined) second.trouble.down = false;
  await done('image.refresh', cloud);
  expect(versions()).toEqual(['1 kvm-1 ready', '1 kvm-2 ready']);
  const error = await refused('image.refresh', cloud);
  expect([error.code, error.message]).toEqual(['already_exists', expect.stringContaining('version 1, on every host')]);
});

it('says what is wrong with a source before anything is done', async () => {
  await begin(1);
  expect((await refused('image.refresh', cloud)).message).toMatch(/can’t read the vendor’s checksums: .*not resolve/);
  publish(world);
  const [host] = world.hosts;
  const sums = host?.model.web?.[`${VENDOR}/SHA512SUMS`];
  if (sums !== undefined) sums.base64 = Buffer.from(`${'0'.repeat(128)}  other.qcow2\n`).toString('base64');
  expect((await refused('image.refresh', cloud)).message).toContain('has no SHA-256 or SHA-512 of cloud.qcow2');
  const error = await refused('image.add', cloud);
  expect(error.hint).toContain('/image refresh cloud');
});

it.each([
  [{ format: 'raw' }, /is raw: set `source.format: raw`/],
  [{ virtualBytes: 3 * 2 ** 30 }, /set `source.size: 3072MiB`/],
])('takes back a download that is not what was said: %o', async (published, told) => {
  await begin(1);
  publish(world, published);
  const [before] = world.hosts.map((host) => host.snapshot());
  const row = await world.change('image.refresh', cloud, 'admin');
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringMatching(told)]);
  expect(world.hosts[0]?.snapshot()).toEqual(before);
});

it('takes only checksums that the vendor signed, and says by which key', async () => {
  await begin(1, signedBy(VENDORS_KEY));
  publish(world, { signed: 'good' });
  const plan = await planned('image.refresh', cloud);
  expect(plan.plan.notes.join('\n')).toContain(`signed by ${VENDORS_KEY}`);
  await done('image.refresh', cloud);
  expect(versions()).toEqual(['1 kvm-1 ready']);
});

it.each([
  [
    'not signed',
    undefined,
    VENDORS_KEY,
    /can’t trust the vendor’s checksums: Reading \S+SHA512SUMS\.sign: its server says that there is no such file/,
  ],
  ['signed, and changed', 'of another', VENDORS_KEY, /is wrong: the checksums are not what was signed/],
  ['signed with a key that is over', 'expired', VENDORS_KEY, /The key that made the signature \S+ has expired/],
  ['signed with another key', 'good', 'A'.repeat(40), /was made by key \w+, which vendor\.gpg does not hold/],
] as const)('adds nothing where its checksums are %s', async (_what, signed, key, why) => {
  await begin(1, signedBy(key));
  publish(world, signed === undefined ? {} : { signed });
  const before = world.hosts[0]?.snapshot();
  expect((await refused('image.refresh', cloud)).message).toMatch(why);
  expect([world.hosts[0]?.snapshot(), versions()]).toEqual([before, []]);
});

it('says why a download failed', async () => {
  await begin(1);
  publish(world);
  const plan = await planned('image.refresh', cloud);
  const [host] = world.hosts;
  if (host?.model.web !== undefined) delete host.model.web[`${VENDOR}/cloud.qcow2`];
  const pressed = await world.service.press({
    press: { do: 'accept', op: plan.id, digest: plan.digest },
    actor: world.actor('admin'),
  });
  if (pressed.kind === 'refused') throw pressed.error;
  const row = await world.service.follow(plan.id, 'end');
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringContaining('there is no such file')]);
  expect([filesLeft(), versions()]).toEqual([[], []]);
});

it('needs no more room in the pool than the image has content', async () => {
  await begin(1);
  publish(world);
  await done('image.refresh', cloud);
  const volume = volumeOf(1, 1);
  expect(volume?.mappedBytes).toBeLessThan((volume?.sizeBytes ?? 0) / 10);
});

/** One tick of the job that removes what is over, and its operations to their ends. */
async function tick(): Promise<void> {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const deps = { ...world, service: world.service, driver: makeDriver(), ids: randomIds(), log };
  const due = { period: '', dueAt: world.clock.now(), team: null, zone: 'UTC' };
  await job.run({ ...deps, settings: () => world.settings, signal: new AbortController().signal }, due);
  for (const row of world.rows.operations.inState(['queued', 'running'])) await world.service.follow(row.id, 'end');
}
const vm = { name: 'web-01', image: 'cloud', flavor: 'small' };
const goldens = () => world.hosts[0]?.model.volumes.filter(({ name }) => name.startsWith('img-')).length;

it('makes no VMs of a retired image, says what to type, and takes it back', async () => {
  await begin(1);
  publish(world);
  await done('image.refresh', cloud);
  await done('image.retire', cloud);
  expect(versions()).toEqual(['1 kvm-1 retired']);
  const error = await refused('vm.create', vm, '01-dev1');
  expect([error.code, error.hint]).toEqual(['no_capacity', expect.stringContaining('/image restore cloud')]);
  expect((await refused('image.retire', cloud)).message).toContain('nothing to retire');
  await done('image.restore', cloud);
  await done('vm.create', vm, '01-dev1');
  expect((await refused('image.restore', cloud)).message).toContain('neither retired nor old');
});

it('does not add anew what was retired', async () => {
  world = await makeWorld();
  await done('image.retire', { name: 'tiny' });
  const error = await refused('image.add', { name: 'tiny' });
  expect([error.message, error.hint]).toEqual([
    'Image tiny is retired',
    '`/image restore tiny --version 1` takes that back.',
  ]);
});

it('takes a refresh back: VMs are made of the version before', async () => {
  await begin(1);
  publish(world);
  await done('image.refresh', cloud);
  publish(world, { content: 'cloud v2' });
  const row = await done('image.refresh', cloud);
  const undo = world.service.card(row.id)?.buttons?.find(({ label }) => label === 'Undo');
  expect(undo?.press).toEqual({ do: 'run', name: 'image.restore', input: { name: 'cloud', version: 1 } });
  await done('image.restore', { name: 'cloud', version: 1 });
  expect(versions()).toEqual(['2 kvm-1 old', '1 kvm-1 ready']);
});

it('keeps an old version while a VM hangs on it, also one in the trash; then it goes by itself', async () => {
  await begin(1);
  publish(world);
  await done('image.refresh', cloud);
  await done('vm.create', vm, '01-dev1');
  publish(world, { content: 'cloud v2' });
  await done('image.refresh', cloud);
  const over = world.settings.trashMs + 1;
  world.clock.advance(over);
  await tick();
  expect([versions(), goldens()]).toEqual([['2 kvm-1 ready', '1 kvm-1 old'], 2]);
  const error = await refused('image.purge', { name: 'cloud', version: 1 });
  expect([error.code, error.message]).toEqual(['wrong_state', 'A VM hangs on version 1 of cloud']);
  await done('vm.delete', { vm: 'web-01' }, '01-lead');
  await tick();
  expect(goldens()).toBe(2);
  await done('vm.purge', { vm: 'web-01' }, '01-lead');
  world.clock.advance(3_600_000);
  await tick();
  expect([versions(), goldens()]).toEqual([['2 kvm-1 ready'], 1]);
});

it('keeps an old version for the retention, though nobody hangs on it', async () => {
  await begin(1);
  publish(world);
  await done('image.refresh', cloud);
  publish(world, { content: 'cloud v2' });
  await done('image.refresh', cloud);
  await tick();
  expect(goldens()).toBe(2);
  expect((await refused('image.purge', { name: 'cloud', version: 2 })).hint).toBe('`/image retire cloud` first.');
  expect((await refused('image.purge', { name: 'cloud', version: 7 })).hint).toBe('It has 2, 1: see `/image list`.');
  expect((await refused('image.retire', { name: 'clout' })).hint).toBe('Did you mean cloud?');
  await done('image.purge', { name: 'cloud', version: 1 });
  expect([versions(), goldens()]).toEqual([['2 kvm-1 ready'], 1]);
});

it('lists ISO files beside the images', async () => {
  world = await makeWorld({ hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }], images: false });
  for (const host of world.hosts)
    host.sh(['dd', 'of=/var/lib/hostler/images/debian.iso', 'status=none', 'conv=fsync'], {
      root: true,
      stdin: 'an ISO',
    });
  const list = await world.ask('image.list', {});
  if (list.kind !== 'reading') throw new Error(list.kind);
  expect(list.json).toContainEqual({ kind: 'iso', name: 'debian.iso', sizeBytes: 6, hosts: ['kvm-1', 'kvm-2'] });
  expect(list.notice.title).toBe('2 images, 1 ISO file');
  expect(list.notice.table?.rows.at(-1)).toContain('all 2');
});

it('lists the operating systems, and says which one was meant', async () => {
  world = await makeWorld({ images: false });
  const list = await world.ask('image.variants', { match: 'Debian 11' });
  expect(list.kind === 'reading' ? list.json : null).toEqual([expect.objectContaining({ id: 'debian11' })]);
  const all = await world.ask('image.variants', {});
  expect(all.kind === 'reading' ? all.notice.lines : null).toEqual([expect.stringMatching(/^\d+ more: add a word/)]);
  const iso = { name: 'web-01', pxe: true, flavor: 'small' };
  const error = await refused('vm.create', { ...iso, osinfo: 'debain11' }, '01-dev1');
  expect([error.code, error.field, error.hint]).toEqual([
    'not_found',
    'osinfo',
    expect.stringMatching(/^Did you mean debian11 or /),
  ]);
  const odd = await refused('vm.create', { ...iso, osinfo: 'zzzzzzzz' }, '01-dev1');
  expect(odd.hint).toContain('/image variants');
});
