import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { findDrift } from '../../src/operations/drift/find.ts';
import { lookAtHost } from '../../src/operations/observe.ts';
import { drift } from '../../src/scheduler/jobs/drift.ts';
import { foreignDomain } from '../kit/foreign-domain.ts';
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

/** What the list offers, by the label of its button. */
async function offered(): Promise<Map<string, { name: string; input: Record<string, unknown> }>> {
  const listed = await world.ask('hostler.drift', {}, 'admin');
  if (listed.kind !== 'reading') throw new Error(JSON.stringify(listed));
  const buttons = readNotice(listed.notice)?.buttons ?? [];
  return new Map(
    buttons.flatMap(({ label, press }) =>
      press.do === 'run' || press.do === 'open' ? [[label, { name: press.name, input: { ...press.input } }]] : [],
    ),
  );
}
async function follow(label: string, as = '01-dev1', more: Record<string, unknown> = {}): Promise<void> {
  const button = (await offered()).get(label);
  if (button === undefined) throw new Error(`no button ${label} among ${[...(await offered()).keys()].join(', ')}`);
  const done = await world.change(button.name, { ...button.input, ...more }, as);
  expect([label, done.state, done.error]).toEqual([label, 'succeeded', null]);
  await look();
}

describe('its list offers', () => {
  const web = () => {
    const vm = world.rows.vms.byName('team-01', 'web-01');
    if (vm === null) throw new Error('there is web-01');
    return vm;
  };

  it('to adopt a domain without marks, and not one that bears some', async () => {
    foreignDomain(host(), { name: 'legacy' });
    await look();
    expect((await offered()).get('Adopt legacy')).toEqual({
      name: 'vm.adopt',
      input: { domain: 'legacy', host: 'kvm-1' },
    });
    await follow('Adopt legacy', 'admin', { team: 'team-02' });
    expect(world.rows.vms.byName('team-02', 'legacy')).not.toBeNull();
    expect(found()).toEqual([]);
    const copy = host()
      .domain('legacy')
      .xml.replace(/<uuid>.*<\/uuid>/, '')
      .replace('<name>legacy<', '<name>clone<');
    host().sh(['virsh', 'define', '--file', '/dev/stdin'], { stdin: copy });
    await look();
    expect([...(await offered()).keys()]).toEqual(['Ignore clone']);
  });

  it('to put back what was set on the host, or to take it over: vCPUs, memory, autostart', async () => {
    const { uuid } = web();
    // The guest follows its balloon at once.
    host().domain(uuid).guest.balloonMs = 0;
    const changeAll = () => {
      sh('virsh', 'setvcpus', '--domain', uuid, '2', '--live');
      sh('virsh', 'setmem', '--domain', uuid, '196608', '--live');
      sh('virsh', 'autostart', '--domain', uuid);
    };
    changeAll();
    await look();
    await offered();
    expect(found()).toEqual([
      ['changed', 'team-01/web-01', 'it has 2 vCPUs, and 1 on record'],
      ['changed', 'team-01/web-01', 'it has 192 MiB of memory, and 128 MiB on record'],
      ['changed', 'team-01/web-01', 'it starts with its host, and does not on record'],
    ]);
    await follow('Take over 2 vCPU: team-01/web-01');
    await follow('Put back 128 MiB: team-01/web-01');
    await follow('Put back autostart off: team-01/web-01');
    await offered();
    expect(found()).toEqual([]);
    expect(web()).toMatchObject({ vcpus: 2, memoryBytes: 128 * 2 ** 20, autostart: false });
    changeAll();
    await look();
    await offered();
    await follow('Take over 192 MiB: team-01/web-01');
    await follow('Take over autostart on: team-01/web-01');
    await offered();
    expect(found()).toEqual([]);
    expect(web()).toMatchObject({ memoryBytes: 192 * 2 ** 20, autostart: true });
    expect(host().domain(uuid).autostart).toBe(true);
  });

  it('says nothing of a guest that has no balloon, and sees what was set while it is off', async () => {
    const domain = host().domain(web().uuid);
    domain.guest.balloonMs = null;
    sh('virsh', 'destroy', '--domain', web().uuid);
    sh('virsh', 'start', '--domain', web().uuid);
    await look();
    expect(found()).toEqual([]);
    await world.change('vm.stop', { vm: 'web-01' });
    sh('virsh', 'setmem', '--domain', web().uuid, '196608', '--config');
    await look();
    expect(found()).toEqual([['changed', 'team-01/web-01', 'it has 192 MiB of memory, and 128 MiB on record']]);
    await follow('Put back 128 MiB: team-01/web-01');
    expect(found()).toEqual([]);
  });

  it('to take over a disk that grew, to name a domain back, to delete a VM whose domain is gone', async () => {
    const { uuid, domainName } = web();
    sh('lvextend', '-L', '21474836480b', `cloudvg/${disk()}`);
    sh('virsh', 'destroy', '--domain', uuid);
    sh('virsh', 'domrename', '--domain', uuid, '--new-name', 'other');
    await look();
    await follow('Take over 20 GiB: team-01/web-01');
    await follow('Name other back');
    expect(found()).toEqual([]);
    expect(host().domain(uuid).name).toBe(domainName);
    sh('virsh', 'undefine', '--domain', uuid);
    await look();
    await follow('Delete team-01/web-01');
    expect(found()).toEqual([]);
  });

  it('to remove a volume that bears Hostler’s mark and that nobody has, and no other', async () => {
    const tag = 'hostler.vm.vm_01J00000000000000000000000';
    const make = (name: string, ...tags: string[]) =>
      sh('lvcreate', '-y', '-V', '1073741824b', '--thinpool', 'thinpool', '-n', name, ...tags, 'cloudvg');
    make('mine', '--addtag', tag);
    make('theirs');
    await look();
    expect([...(await offered()).keys()]).toEqual(['Remove mine', 'Ignore cloudvg/mine', 'Ignore cloudvg/theirs']);
    const ask = (name: string, as = 'admin') =>
      world.ask('hostler.drift.remove', { what: `volume:kvm-1/cloudvg/${name}` }, as);
    expect(await ask('mine', '01-lead')).toMatchObject({ error: { code: 'forbidden' } });
    expect(await ask('theirs')).toMatchObject({ error: { message: 'cloudvg/theirs bears no mark of Hostler' } });
    expect(await ask(disk())).toMatchObject({ error: { code: 'not_found' } });
    expect(await ask('nothing')).toMatchObject({ error: { code: 'not_found' } });
    foreignDomain(host(), { name: 'legacy', disk: '/dev/cloudvg/mine', on: false });
    expect(await ask('mine')).toMatchObject({ error: { message: 'cloudvg/mine is a disk of domain legacy' } });
    sh('virsh', 'undefine', '--domain', 'legacy');
    await follow('Remove mine', 'admin');
    expect(found().map(([, name]) => name)).toEqual(['cloudvg/theirs']);
    expect(host().model.volumes.map(({ name }) => name)).not.toContain('mine');
  });

  it('not to remove what may be a VM’s lost disk under another name', async () => {
    sh('virsh', 'destroy', '--domain', web().uuid);
    sh('lvrename', 'cloudvg', disk(), 'elsewhere');
    await look();
    const what = 'volume:kvm-1/cloudvg/elsewhere';
    expect(await world.ask('hostler.drift.remove', { what }, 'admin')).toMatchObject({
      error: {
        message: expect.stringMatching(/^cloudvg\/elsewhere bears the mark of team-01\/web-01, whose disk vda/),
      },
    });
  });

  it('to delete an old snapshot, or to protect it', async () => {
    await world.change('snapshot.create', { vm: 'web-01', name: 'one' });
    world.clock.advance(31 * DAY);
    await look();
    expect([...(await offered()).keys()]).toEqual(['Delete one', 'Protect one', 'Ignore team-01/web-01 one']);
    await follow('Protect one');
    expect(found()).toEqual([]);
  });
});
