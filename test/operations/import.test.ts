/** VMs that a host has and the database doesn't know: the real engine over a host that another database made its VMs on. */
import { afterEach, expect, it } from 'vitest';
import { simulatedFleet } from '../../demo/fleet/exec.ts';
import type { SimHost } from '../../demo/fleet/host.ts';
import { BotError } from '../../src/domain/error.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { lookAtHost } from '../../src/operations/observe.ts';
import { makeWorld, type World } from '../kit/world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function worldOn(host?: SimHost): Promise<World> {
  const world = await makeWorld(
    host === undefined ? {} : { hosts: [{ name: host.name, model: host.model }], images: false },
  );
  worlds.push(world);
  return world;
}

/** Two VMs that one database made, on a host that another finds. */
async function found(): Promise<{ before: World; after: World; host: SimHost }> {
  const before = await worldOn();
  for (const name of ['web-01', 'db-01']) await before.change('vm.create', { name, image: 'tiny', flavor: 'small' });
  const [first] = before.hosts;
  if (first === undefined) throw new Error('a world has a host');
  const after = await worldOn(first);
  const [host] = after.hosts;
  if (host === undefined) throw new Error('a world has a host');
  return { before, after, host };
}

const sweep = (world: World): Promise<void> => lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
const names = (world: World): string[] => world.rows.vms.list(null).map(({ team, name }) => `${team}/${name}`);
const reasons = (world: World): string[] => world.rows.drift.onHost('kvm-1').map(({ reason }) => reason);
const asked = (host: SimHost): number => host.log.filter(({ line }) => line.includes(' dumpxml ')).length;
/** Puts other marks into the domain's metadata, as whoever may speak to libvirt can. */
function mark(
  host: SimHost,
  domain: string,
  entry: 'domain' | 'names',
  attributes: Readonly<Record<string, string>>,
): void {
  const text = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${value}"`)
    .join('');
  const [key, element] = entry === 'domain' ? ['hostler', 'vm'] : ['hostler-names', 'names'];
  const uri = `https://hostler.dev/xmlns/${entry}/1`;
  const argv = [
    'virsh',
    'metadata',
    '--domain',
    domain,
    '--config',
    '--uri',
    uri,
    '--key',
    key,
    '--set',
    `<${element}${text}/>`,
  ];
  expect(host.sh(argv.filter((word) => word !== undefined))).toMatchObject({ exit: 0 });
}

it('imports VMs as they are, each with an audit row, and does not ask again', async () => {
  const { before, after, host } = await found();
  await sweep(after);
  expect(names(after)).toEqual(['team-01/db-01', 'team-01/web-01']);
  const old = before.rows.vms.byName('team-01', 'web-01');
  const vm = after.rows.vms.byName('team-01', 'web-01');
  const { id, uuid, domainName, mac, vcpus, memoryBytes, disks, seed, network, flavor } = old ?? {};
  expect(vm).toMatchObject({ id, uuid, domainName, mac, vcpus, memoryBytes, disks, seed, network, flavor });
  expect(vm).toMatchObject({ host: 'kvm-1', life: 'live', createdBy: '(imported)', seen: { state: 'running' } });
  expect(
    after.rows.audit
      .list({ limit: 9, kind: 'vm.imported' })
      .map(({ subject }) => subject)
      .sort(),
  ).toEqual(['vm:team-01/db-01', 'vm:team-01/web-01']);
  expect(await after.rows.audit.verify(null)).toMatchObject({ ok: true });
  const calls = asked(host);
  await sweep(after);
  expect(asked(host)).toBe(calls);
  expect(reasons(after)).toEqual([]);
});

it('counts what it imported against the quota, which it may exceed', async () => {
  const { after } = await found();
  await sweep(after);
  const [team] = after.settings.teams;
  if (team === undefined) throw new Error('the settings have a team');
  Object.assign(team.quota, { vms: 1 });
  const refused = await after.ask('vm.create', { name: 'web-02', pxe: true, osinfo: 'linux2022', flavor: 'small' });
  expect(refused).toMatchObject({ kind: 'refused', error: { code: 'quota_exceeded' } });
});

it('can do with an imported VM all that it does with its own', async () => {
  const { after } = await found();
  await sweep(after);
  for (const [name, input] of [
    ['vm.restart', { vm: 'web-01' }],
    ['vm.delete', { vm: 'web-01' }],
    ['vm.restore', { vm: 'web-01' }],
    ['vm.delete', { vm: 'web-01' }],
    ['vm.purge', { vm: 'web-01' }],
  ] as const) {
    const done = await after.change(name, input, '01-lead');
    expect([name, done.state, done.error]).toEqual([name, 'succeeded', null]);
  }
  expect(after.hosts[0]?.snapshot().volumes.join()).not.toContain('trash-');
});

it('brings a whole list at the first question', async () => {
  const { after } = await found();
  expect(await after.ask('vm.list', {})).toMatchObject({
    json: [{ name: 'team-01/db-01' }, { name: 'team-01/web-01' }],
  });
});

/** The world's hosts answer no more than so many bytes to a call, as a link that stops reading does. */
function answersAtMost(world: World, most: (biggest: number) => number): void {
  const { run } = simulatedFleet(world.hosts);
  let biggest = 0;
  world.through(async (host, call, options) => {
    const result = await run(host, call, options);
    const size = result.ran.reduce((sum, { stdout }) => sum + stdout.length, 0);
    if (!result.ran.some(({ line }) => line.includes(' dumpxml '))) return result;
    biggest = Math.max(biggest, size);
    const error = new BotError('host_fault', `${host} answered more than a call may`);
    return size > most(biggest) ? { outcome: 'failed', error, ran: result.ran } : result;
  });
}

it('asks for fewer at a time where they are more than a call may answer', async () => {
  const { after } = await found();
  answersAtMost(after, (biggest) => biggest - 1000);
  await sweep(after);
  expect(names(after)).toEqual(['team-01/db-01', 'team-01/web-01']);
  expect(reasons(after)).toEqual([]);
});

it('says of a definition that alone is too long that it can’t be read, and does not ask again at once', async () => {
  const { after, host } = await found();
  answersAtMost(after, () => 1000);
  await sweep(after);
  expect(names(after)).toEqual([]);
  const why = 'its definition can’t be read: kvm-1 answered more than a call may';
  expect(reasons(after)).toEqual([why, why]);
  const calls = asked(host);
  await sweep(after);
  expect(asked(host)).toBe(calls);
});

it.each<readonly [string, (host: SimHost) => void, string]>([
  [
    'no marks',
    (host) =>
      host.sh([
        'virsh',
        'metadata',
        '--domain',
        'team-01-web-01',
        '--config',
        '--uri',
        'https://hostler.dev/xmlns/domain/1',
        '--remove',
      ]),
    'it bears no marks of Hostler',
  ],
  [
    'an id that is none',
    (host) => mark(host, 'team-01-web-01', 'domain', { id: "vm_' or 1=1", op: 'op_x' }),
    'its marks are malformed',
  ],
  [
    'an operation that is none',
    (host) => mark(host, 'team-01-web-01', 'domain', { id: 'vm_01J00000000000000000000000', op: '../../x' }),
    'its marks are malformed',
  ],
  [
    'a team that the config lacks',
    (host) => mark(host, 'team-01-web-01', 'names', { team: 'team-99', name: 'web-01' }),
    'the config has no team team-99',
  ],
  [
    'a name that no VM can have',
    (host) => mark(host, 'team-01-web-01', 'names', { team: 'team-01', name: '&lt;b&gt;' }),
    'its names are malformed',
  ],
  [
    'another team’s name',
    (host) => mark(host, 'team-01-web-01', 'names', { team: 'team-02', name: 'web-01' }),
    'its marks say team-02/web-01, its name does not',
  ],
])('leaves a domain alone that bears %s', async (_, spoil, reason) => {
  const { after, host } = await found();
  spoil(host);
  await sweep(after);
  expect(names(after)).toEqual(['team-01/db-01']);
  expect(reasons(after)).toEqual([reason]);
  const calls = asked(host);
  await sweep(after);
  expect(asked(host)).toBe(calls);
});

it('steals nothing: neither id, nor names, MAC or disk of another VM', async () => {
  const { after, host } = await found();
  await sweep(after);
  const victim = after.rows.vms.byName('team-01', 'web-01');
  const xml = host.domain('team-01-web-01').xml;
  const other = 'vm_01J00000000000000000000000';
  const copies: readonly (readonly [string, string, (text: string) => string])[] = [
    ['id', 'team-01-x', (text) => text],
    ['mac', 'team-01-y', (text) => text.replaceAll(victim?.id ?? '', other)],
    [
      'disk',
      'team-01-z',
      (text) =>
        text.replaceAll(`id="${victim?.id}"`, `id="${other}"`).replaceAll(victim?.mac ?? '', '52:54:00:99:99:99'),
    ],
  ];
  for (const [, name, change] of copies) {
    const text = change(xml)
      .replace(/<uuid>.*<\/uuid>/, '')
      .replace('<name>team-01-web-01<', `<name>${name}<`)
      .replace('name="web-01"', `name="${name.slice(8)}"`);
    expect(host.sh(['virsh', 'define', '--file', '/dev/stdin'], { stdin: text })).toMatchObject({ exit: 0 });
  }
  await sweep(after);
  expect(names(after)).toEqual(['team-01/db-01', 'team-01/web-01']);
  expect(reasons(after)).toEqual([
    'its id is that of team-01/web-01',
    expect.stringMatching(/^operation op_.* made it|its MAC .* is that of team-01\/web-01/),
    expect.stringMatching(/its disk cloudvg\/vm-.*-d0 is that of team-01\/web-01/),
  ]);
  expect(after.rows.vms.byName('team-01', 'web-01')).toEqual(
    expect.objectContaining({ id: victim?.id, uuid: victim?.uuid }),
  );
});

it('never takes a disk for the VM’s own whose tag says nothing of it', async () => {
  const { after, host } = await found();
  const volume = host.model.volumes.find((each) => each.tags.some((tag) => tag.startsWith('hostler.vm.vm_')));
  if (volume !== undefined) volume.tags = ['somebody.else'];
  await sweep(after);
  const kinds = after.rows.vms.list(null).flatMap(({ disks }) => disks.map(({ kind }) => kind));
  expect(kinds.sort()).toEqual(['existing', 'thin']);
});

it('looks again after an hour, and forgets drift that is gone', async () => {
  const { after, host } = await found();
  mark(host, 'team-01-web-01', 'names', { team: 'team-99', name: 'web-01' });
  await sweep(after);
  mark(host, 'team-01-web-01', 'names', { team: 'team-01', name: 'web-01' });
  after.clock.advance(59 * 60_000);
  await sweep(after);
  expect(names(after)).toEqual(['team-01/db-01']);
  after.clock.advance(2 * 60_000);
  await sweep(after);
  expect(names(after)).toEqual(['team-01/db-01', 'team-01/web-01']);
  expect(reasons(after)).toEqual([]);
});

it('does not take for a VM what a rolled-back create of its own left for a moment', async () => {
  const world = await worldOn();
  await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const vm = world.rows.vms.byName('team-01', 'web-01');
  world.db.prepare('delete from vm where id = ?').run(vm?.id);
  await sweep(world);
  expect(names(world)).toEqual([]);
  expect(reasons(world)).toEqual([expect.stringMatching(/^operation op_.* made it, and took it back$/)]);
});
