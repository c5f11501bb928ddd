import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { findDrift } from '../../src/operations/drift/find.ts';
import { lookAtHost } from '../../src/operations/observe.ts';
import { drift } from '../../src/scheduler/jobs/drift.ts';
import { makeWorld, type World } from '../kit/world.ts';

const DAY = 86_400_000;

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  await look();
});
afterEach(async () => {
  expect(world.simulated.unknown()).toEqual([]);
  await world.close();
});

async function look(): Promise<void> {
  world.clock.advance(60_000);
  await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
}
function host() {
  const [found] = world.hosts;
  if (found === undefined) throw new Error('a world has a host');
  return found;
}
function sh(...argv: string[]): void {
  expect(host().sh(argv)).toMatchObject({ exit: 0 });
}
const found = () =>
  findDrift(world.rows, world.settings, world.clock.now()).map(({ kind, name, what }) => [kind, name, what]);
const disk = () => world.rows.vms.byName('team-01', 'web-01')?.disks[0]?.volume ?? '';

describe('drift', () => {
  it('is none where hosts have what is on record: VMs, the trash, images, snapshots', async () => {
    await world.change('snapshot.create', { vm: 'web-01', name: 'one' });
    await world.change('vm.create', { name: 'gone', image: 'tiny', flavor: 'small' });
    await world.change('vm.delete', { vm: 'gone' });
    expect(found()).toEqual([]);
    await look();
    expect(found()).toEqual([]);
  });

  it('is a volume that nobody has, in Hostler’s pool or with its marks', async () => {
    sh('lvcreate', '-y', '-V', '1073741824b', '--thinpool', 'thinpool', '-n', 'old-disk', 'cloudvg');
    await look();
    expect(found()).toEqual([['volume', 'cloudvg/old-disk', 'a volume of 1 GiB that no VM, image or snapshot has']]);
  });

  it('is what was changed on the host: a disk that grew, a name, a domain that is gone', async () => {
    sh('lvextend', '-L', '21474836480b', `cloudvg/${disk()}`);
    await look();
    expect(found()).toEqual([
      ['changed', 'team-01/web-01', expect.stringMatching(/^its disk vda has 20 GiB, and .* on record$/)],
    ]);
    const vm = world.rows.vms.byName('team-01', 'web-01');
    sh('virsh', 'destroy', '--domain', vm?.uuid ?? '');
    sh('virsh', 'undefine', '--domain', vm?.uuid ?? '');
    await look();
    expect(found().map(([, , what]) => what)).toContain('its domain is gone from the host');
    host().trouble.down = true;
    world.clock.advance(60_000);
    await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1').catch(() => undefined);
    expect(found()).toEqual([]);
  });

  it('is a domain that is no VM, a VM that nobody made, and a snapshot that is old and not protected', async () => {
    await world.change('snapshot.create', { vm: 'web-01', name: 'one' });
    await look();
    const vm = world.rows.vms.byName('team-01', 'web-01');
    world.rows.vms.update(vm?.id ?? '', { createdBy: '(imported)' });
    world.rows.drift.save({
      host: 'kvm-1',
      uuid: 'u',
      domainName: 'legacy',
      reason: 'it bears no marks of Hostler',
      lookedAt: 0,
    });
    world.clock.advance(31 * DAY);
    await look();
    // The sweep saw that no such domain is there.
    world.rows.drift.save({
      host: 'kvm-1',
      uuid: 'u',
      domainName: 'legacy',
      reason: 'it bears no marks of Hostler',
      lookedAt: 0,
    });
    expect(found()).toEqual([
      ['domain', 'legacy', 'a domain that is no VM of Hostler’s: it bears no marks of Hostler'],
      ['owner', 'team-01/web-01', 'it was imported, so nobody made it'],
      ['snapshot', 'team-01/web-01 one', expect.stringContaining('31 days old')],
    ]);
    await world.change('snapshot.protect', { vm: 'web-01', name: 'one' });
    expect(found().map(([kind]) => kind)).toEqual(['domain', 'owner']);
  });

  it('is told of once, not when it is ignored, and again when that is taken back', async () => {
    const signal = new AbortController().signal;
    const run = async (period: string): Promise<string> =>
      drift.run(
        {
          ...world,
          settings: () => world.settings,
          driver: makeDriver(),
          ids: randomIds(),
          log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
          signal,
        },
        { period, dueAt: world.clock.now(), team: null, zone: 'UTC' },
      );
    expect(await run('1')).toBe('nothing new');
    for (const name of ['one', 'two'])
      sh('lvcreate', '-y', '-V', '1073741824b', '--thinpool', 'thinpool', '-n', name, 'cloudvg');
    await look();
    const key = 'volume:kvm-1/cloudvg/one';
    expect(await world.ask('hostler.drift.ignore', { what: key })).toMatchObject({ error: { code: 'forbidden' } });
    await world.ask('hostler.drift.ignore', { what: key }, 'admin');
    expect(await run('2')).toBe('1 new, posted to ops');
    expect(await run('3')).toBe('nothing new');
    const [posted] = world.db.prepare("select notice_json from outbox where key = 'drift:2'").pluck().all();
    expect(readNotice(JSON.parse(String(posted)))).toMatchObject({
      title: 'New on the hosts: 1 thing to look at',
      buttons: [{ label: 'Show all' }, { press: { input: { what: 'volume:kvm-1/cloudvg/two' } } }],
    });
    expect(await world.ask('hostler.drift', {}, 'admin')).toMatchObject({ json: [{ name: 'cloudvg/two' }] });
    expect(await world.ask('hostler.drift', { ignored: true }, 'admin')).toMatchObject({
      json: [{ key, ignoredBy: 'admin' }],
    });
    expect(await world.ask('hostler.drift', {})).toMatchObject({ error: { code: 'forbidden' } });
    await world.ask('hostler.drift.ignore', { what: key, undo: true }, 'admin');
    expect(await run('4')).toBe('1 new, posted to ops');
    expect(await world.ask('hostler.drift.ignore', { what: 'volume:kvm-1/cloudvg/on' }, 'admin')).toMatchObject({
      error: { code: 'not_found', hint: expect.stringContaining(key) },
    });
    sh('lvremove', '-y', '-S', 'lv_name=two', 'cloudvg');
    await look();
    await run('5');
    expect(world.rows.drift.known().map((each) => each.key)).toEqual([key]);
  });
});
