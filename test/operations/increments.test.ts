/** Backups of what has changed, on the simulator: what they read, what they are restored of, and what makes the next one a full one. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { BackupSettings } from '../../src/domain/settings.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { findDrift } from '../../src/operations/drift/find.ts';
import { lookAtHost } from '../../src/operations/observe.ts';
import { AGE_KEY } from '../kit/age-key.ts';
import { testSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const TARGET = '/srv/backup/hostler';
const vm = { vm: 'web-01' };

async function begin(
  options: { readonly hosts?: number; readonly every?: number; readonly backups?: Partial<BackupSettings> } = {},
): Promise<SimHost> {
  const { hosts = 1, every = 7 } = options;
  world = await makeWorld({
    hosts: Array.from({ length: hosts }, (_, at) => ({ name: `kvm-${at + 1}` })),
    settings: { backups: { ...testSettings([]).backups, ...options.backups, fullEvery: every } },
  });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' });
  const [host] = world.hosts;
  if (host === undefined) throw new Error('no host');
  host.domain('team-01-web-01').guest.agentMs = 0;
  return host;
}
async function done(name: string, input: Record<string, unknown>, as?: string) {
  const row = await world.change(name, input, as);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
  return row;
}
async function refused(name: string, input: Record<string, unknown>) {
  const answer = await world.ask(name, input);
  if (answer.kind !== 'refused') throw new Error(`${name} was not refused: ${answer.kind}`);
  return answer.error;
}
const stored = () => world.rows.backups.list('team-01');
const backup = (number: number) => stored().find((each) => each.number === number);
const volumeOf = (host: SimHost, name = 'web-01') => {
  const volume = world.rows.vms.byName('team-01', name)?.disks[0]?.volume;
  const found = host.model.volumes.find((each) => each.name === volume);
  if (found === undefined) throw new Error(`no disk of ${name}`);
  return found;
};
const write = (host: SimHost, what: string) => {
  volumeOf(host).content += ` + ${what}`;
};
const snapshots = (host: SimHost) => host.model.volumes.filter(({ name }) => name.startsWith('snap-'));
const pool = (host: SimHost) => {
  const found = host.model.volumes.find(({ kind }) => kind === 'thin-pool');
  if (found === undefined) throw new Error('no pool');
  return found;
};
/** A full one and two upon it, each after a write. */
async function chain(host: SimHost): Promise<void> {
  await done('vm.backup.now', vm);
  write(host, 'a log');
  await done('vm.backup.now', vm);
  write(host, 'a mail');
  await done('vm.backup.now', vm);
}

it('reads only what has changed since the last, and keeps one snapshot for the next', async () => {
  const host = await begin();
  await done('vm.backup.now', vm);
  expect(snapshots(host)).toHaveLength(1);
  write(host, 'a log');
  const row = await done('vm.backup.now', vm);
  const [second, first] = stored();
  expect([second?.parent, first?.parent, first?.base]).toEqual([first?.id, null, null]);
  expect(second?.base?.disks.map(({ volume }) => volume)).toEqual(snapshots(host).map(({ name }) => name));
  const bytes = (of: typeof first) => of?.files.find(({ path }) => path.endsWith('.zst'))?.sizeBytes ?? 0;
  expect(bytes(second)).toBeLessThan(bytes(first) / 10);
  expect(world.service.card(row.id)?.facts).toContainEqual({
    name: 'Changed',
    value: '64 KiB in 1 place since team-01/web-01.1, which it builds on',
  });
  const manifest = second?.files.find(({ path }) => path.endsWith('.json'))?.path ?? '';
  const text = Buffer.from(host.model.files[manifest]?.base64 ?? '', 'base64').toString();
  expect(JSON.parse(text)).toMatchObject({
    buildsOn: [first?.id],
    disks: [{ file: expect.stringMatching(/-vda\.changes\.zst$/) }],
  });
  const list = await world.ask('vm.backup.list', vm);
  const rows = list.kind === 'reading' ? list.notice.table?.rows.map((cells) => cells[4]) : [];
  expect(rows).toEqual(['changes since web-01.1; its snapshot is kept for the next', 'all']);
  // Nothing else is left of either.
  expect(host.snapshot().units).toEqual([]);
  expect(Object.keys(host.model.files).filter((path) => /ranges|sum/.test(path) && !path.startsWith(TARGET))).toEqual(
    [],
  );
  expect(pool(host)).toMatchObject({ tags: [] });
});

it('restores each of a chain as it was then, anew and in place', async () => {
  const host = await begin();
  const then = volumeOf(host).content;
  await chain(host);
  write(host, 'a song');
  for (const [number, content] of [
    [1, then],
    [2, `${then} + a log`],
    [3, `${then} + a log + a mail`],
  ] as const) {
    await done('vm.backup.restore', { backup: `web-01.${number}`, as: `web-1${number}` });
    expect(volumeOf(host, `web-1${number}`).content).toBe(content);
    await done('vm.delete', { vm: `web-1${number}` });
    await done('vm.purge', { vm: `web-1${number}` }, 'admin');
  }
  await done('vm.backup.restore', { backup: 'web-01.2' });
  expect(volumeOf(host).content).toBe(`${then} + a log`);
  expect(Object.keys(host.model.files).filter((path) => path.endsWith('.sum'))).toEqual([]);
  // What stands there now is compared with what was kept, wherever it came from.
  await done('vm.backup.now', vm);
  await done('vm.backup.restore', { backup: 'web-01.4', as: 'web-14' });
  expect([backup(4)?.parent, volumeOf(host, 'web-14').content]).toEqual([backup(3)?.id, `${then} + a log`]);
});

it('makes a full one where it is asked for, where the chain is long, and where each is to be one', async () => {
  const host = await begin({ every: 3 });
  await chain(host);
  await done('vm.backup.now', vm);
  await done('vm.backup.now', vm);
  await done('vm.backup.now', { ...vm, full: true });
  const numbers = new Map(stored().map(({ id, number }) => [id, number]));
  const parents = stored().map(({ parent }) => (parent === null ? null : numbers.get(parent)));
  expect(parents).toEqual([null, 4, null, 2, 1, null]);
  expect(snapshots(host)).toHaveLength(1);
  Object.assign(world.settings.backups, { fullEvery: 1 });
  await done('vm.backup.now', vm);
  expect([backup(7)?.parent, snapshots(host)]).toEqual([null, []]);
});

it.each([
  ['thin_delta is missing', (host: SimHost) => (host.model.lacks = ['thin_delta']), /no thin_delta .*host check kvm-1/],
  [
    'somebody holds the metadata',
    (host: SimHost) => (pool(host).metadataHeld = true),
    /something other than Hostler holds/,
  ],
  [
    'its snapshot was removed by hand',
    (host: SimHost) => (host.model.volumes = host.model.volumes.filter(({ name }) => !name.startsWith('snap-'))),
    /snapshot that was kept of team-01\/web-01\.1 is gone/,
  ],
  [
    'the files of the last one are gone',
    (host: SimHost) => {
      for (const path of Object.keys(host.model.files)) if (path.endsWith('.sha256')) delete host.model.files[path];
    },
    /files of what it would build on are gone/,
  ],
])('says why it is a full one: %s', async (_, spoil, why) => {
  const host = await begin();
  await done('vm.backup.now', vm);
  spoil(host);
  const row = await done('vm.backup.now', vm);
  expect([backup(2)?.parent, row.plan.notes.join('\n')]).toEqual([null, expect.stringMatching(why)]);
  if (pool(host).metadataHeld === true) return;
  await done('vm.backup.now', vm);
  expect(backup(3)?.parent).toBe(_ === 'thin_delta is missing' ? null : backup(2)?.id);
});

it('does not build on what is damaged, nor restores it', async () => {
  const host = await begin();
  await chain(host);
  const path = backup(2)?.files[0]?.path ?? '';
  const node = host.model.files[path];
  if (node === undefined) throw new Error('nothing is stored');
  const whole = node.content;
  node.content = whole.replace('zstd of ', 'zstd of X');
  const told = await world.change('vm.backup.verify', { backup: 'web-01.3' });
  expect([told.state, told.error?.message]).toEqual([
    'failed',
    expect.stringMatching(
      /damaged: of team-01\/web-01\.2, which it builds on, \S+-vda\.changes\.zst is not what was written/,
    ),
  ]);
  expect(stored().map(({ state }) => state)).toEqual(['ready', 'damaged', 'ready']);
  const error = await refused('vm.backup.restore', { backup: 'web-01.3', as: 'web-02' });
  expect([error.code, error.message, error.hint]).toEqual([
    'wrong_state',
    expect.stringContaining('team-01/web-01.2, which it builds on, is damaged'),
    expect.stringMatching(/such as team-01\/web-01\.1, or mend .*\/vm backup verify team-01\/web-01\.2/),
  ]);
  const row = await done('vm.backup.now', vm);
  expect([backup(4)?.parent, row.plan.notes.join('\n')]).toEqual([null, expect.stringContaining('is damaged')]);
  node.content = whole;
  await done('vm.backup.verify', { backup: 'web-01.3' });
  expect(stored().map(({ state, verifiedAt }) => [state, verifiedAt !== null])).toEqual([
    ['ready', false],
    ['ready', true],
    ['ready', true],
    ['ready', true],
  ]);
});

it('tells when what was written is not what the increment holds, and leaves nothing of the new VM', async () => {
  const host = await begin();
  await chain(host);
  const before = host.snapshot();
  world.through(async (name, call, options) => {
    for (const [path, node] of Object.entries(host.model.files)) {
      const sum = Buffer.from(node.base64 ?? '', 'base64').toString();
      if (path.endsWith('-2-volume.sum') && sum !== '')
        node.base64 = Buffer.from(`${'0'.repeat(64)}${sum.slice(64)}`).toString('base64');
    }
    return world.simulated.run(name, call, options);
  });
  const failed = await world.change('vm.backup.restore', { backup: 'web-01.3', as: 'web-02' });
  expect([failed.state, failed.error?.message]).toEqual([
    'failed',
    expect.stringMatching(/vda does not hold what .*\.changes\.zst has for it: its SHA-256 is another/),
  ]);
  expect([host.snapshot(), world.rows.vms.byName('team-01', 'web-02')]).toEqual([before, null]);
});

it('fails on an increment that is damaged, or is none', async () => {
  const host = await begin();
  await chain(host);
  const node = host.model.files[backup(3)?.files[0]?.path ?? ''];
  if (node === undefined) throw new Error('nothing is stored');
  for (const content of [`X ${node.content}`, 'zstd of image:tiny.qcow2']) {
    const whole = node.content;
    node.content = content;
    const before = host.snapshot();
    const failed = await world.change('vm.backup.restore', { backup: 'web-01.3', as: 'web-02' });
    expect([failed.state, failed.error?.message]).toEqual([
      'failed',
      expect.stringContaining('the file may be damaged'),
    ]);
    expect([host.snapshot(), world.rows.vms.byName('team-01', 'web-02')]).toEqual([before, null]);
    node.content = whole;
  }
});

it('releases the metadata of the pool when it is cancelled while it looks for what has changed', async () => {
  const host = await begin();
  await done('vm.backup.now', vm);
  const before = host.snapshot();
  const planned = await world.ask('vm.backup.now', vm);
  if (planned.kind !== 'operation') throw new Error(planned.kind);
  const { id, digest } = planned.row;
  host.model.unitMs = 60_000;
  const armed = { done: false };
  world.through(async (name, call, options) => {
    const result = await world.simulated.run(name, call, options);
    if (!armed.done && host.log.some(({ line }) => line.includes('thin_delta -m'))) {
      armed.done = true;
      void world.service.press({ press: { do: 'cancel', op: id, digest }, actor: world.actor('01-dev1') });
    }
    return result;
  });
  const pressed = await world.service.press({ press: { do: 'accept', op: id, digest }, actor: world.actor('01-dev1') });
  if (pressed.kind === 'refused') throw pressed.error;
  const ended = await world.service.follow(id, 'end');
  expect([ended.state, host.snapshot(), stored().length]).toEqual(['cancelled', before, 1]);
  expect(pool(host)).toMatchObject({ tags: [], metadataHeld: false });
});

it('removes a chain from its end only, and with the last what is kept of it', async () => {
  const host = await begin();
  await chain(host);
  const error = await refused('vm.backup.delete', { backup: 'web-01.1' });
  expect([error.code, error.message, error.hint]).toEqual([
    'conflict',
    expect.stringContaining('2 backups build on team-01/web-01.1'),
    expect.stringContaining('/vm backup delete team-01/web-01.3'),
  ]);
  for (const number of [3, 2, 1]) await done('vm.backup.delete', { backup: `web-01.${number}` });
  expect([stored(), snapshots(host)]).toEqual([[], []]);
  expect(Object.keys(host.model.files).filter((path) => path.startsWith(`${TARGET}/`))).toEqual([]);
  await done('vm.backup.now', vm);
  expect(stored()[0]?.parent).toBeNull();
});

it('gives up what is kept for the next one where the pool is to be relieved, and with its VM', async () => {
  const host = await begin();
  await done('vm.backup.now', vm);
  await done('storage.pool.reclaim', { host: 'kvm-1' }, 'admin');
  expect([snapshots(host), stored()[0]?.base]).toEqual([[], null]);
  await done('vm.backup.now', vm);
  expect(backup(2)?.parent).toBeNull();
  await done('vm.delete', vm);
  await done('vm.purge', vm, 'admin');
  expect([snapshots(host), backup(2)?.base]).toEqual([[], null]);
  await done('vm.backup.restore', { backup: 'web-01.2', as: 'web-01' });
});

it('keeps no snapshot in a pool that is rather full', async () => {
  const host = await begin();
  pool(host).mappedBytes = pool(host).sizeBytes * 0.8;
  world.clock.advance(3_600_000);
  await done('vm.backup.now', vm);
  expect([snapshots(host), stored()[0]?.base]).toEqual([[], null]);
  expect(testSettings([]).backups.fullEvery).toBe(1);
});

it('is encrypted and held to a rate as a full one is', async () => {
  const { recipient } = AGE_KEY;
  const keys = { encryptTo: recipient, readable: [recipient], rateBytes: 50 * 1024 ** 2 };
  const host = await begin({ backups: keys });
  const then = volumeOf(host).content;
  await chain(host);
  expect(backup(3)?.parent).toBe(backup(2)?.id);
  expect(backup(3)?.files[0]?.path).toMatch(/-vda\.changes\.zst\.age$/);
  await done('vm.backup.verify', { backup: 'web-01.3' });
  await done('vm.backup.restore', { backup: 'web-01.3', as: 'web-02' });
  expect(volumeOf(host, 'web-02').content).toBe(`${then} + a log + a mail`);
  Object.assign(world.settings.backups, { encryptTo: null, readable: [] });
  const row = await done('vm.backup.now', vm);
  expect([backup(4)?.parent, row.plan.notes.join('\n')]).toEqual([
    null,
    expect.stringContaining('the last one is encrypted to another key'),
  ]);
  const error = await refused('vm.backup.restore', { backup: 'web-01.3', as: 'web-03' });
  expect(error.message).toContain(`is encrypted to ${recipient}`);
});

it('is drilled with all that it builds on, and a link that is not what was written fails it', async () => {
  const host = await begin();
  await chain(host);
  const before = host.snapshot();
  await done('dr.drill', { ...vm, sameHost: true });
  const checks = () =>
    Object.fromEntries(world.rows.drills.list('team-01')[0]?.checks.map((it) => [it.name, it.result]) ?? []);
  expect(checks()).toMatchObject({ Backup: 'passed', Restore: 'passed', Data: 'passed', 'Taken down': 'passed' });
  expect(host.snapshot()).toEqual(before);
  expect(stored().every(({ verifiedAt }) => verifiedAt !== null)).toBe(true);
  world.through(async (name, call, options) => {
    for (const [path, node] of Object.entries(host.model.files)) {
      const sum = Buffer.from(node.base64 ?? '', 'base64').toString();
      if (path.endsWith('-1-volume.sum') && sum !== '')
        node.base64 = Buffer.from(`${'0'.repeat(64)}${sum.slice(64)}`).toString('base64');
    }
    return world.simulated.run(name, call, options);
  });
  const failed = await world.change('dr.drill', { ...vm, sameHost: true });
  expect([failed.state, checks().Data, host.snapshot()]).toEqual(['failed', 'failed', before]);
});

it('lies on another machine as a full one does', async () => {
  const host = await begin({ backups: { target: 'ssh://backup@nas.example:22/srv/backup/hostler' } });
  const then = volumeOf(host).content;
  await chain(host);
  expect(backup(3)?.parent).toBe(backup(2)?.id);
  await done('vm.backup.verify', { backup: 'web-01.3' });
  await done('vm.backup.restore', { backup: 'web-01.3', as: 'web-02' });
  expect(volumeOf(host, 'web-02').content).toBe(`${then} + a log + a mail`);
  await done('vm.backup.delete', { backup: 'web-01.3' });
});

it('is no drift', async () => {
  await begin();
  await done('vm.backup.now', vm);
  world.clock.advance(60_000);
  await lookAtHost({ ...world, driver: makeDriver() }, 'kvm-1');
  const seen = world.rows.hosts.find('kvm-1')?.observation?.volumes?.map(({ name }) => name);
  expect(seen).toContainEqual(expect.stringMatching(/^snap-/));
  expect(findDrift(world.rows, world.settings, world.clock.now())).toEqual([]);
});
