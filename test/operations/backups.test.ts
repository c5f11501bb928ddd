/** Backups on the simulator: what they hold, what each refusal says, and how a damaged one, a full target and one that is gone are told. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { Domain } from '../../demo/fleet/model/host-model.ts';
import { MiB } from '../../src/domain/size.ts';
import { parseDomain } from '../../src/infra/libvirt/domain-xml.ts';
import { child } from '../../src/infra/libvirt/xml.ts';
import { testSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const TARGET = '/srv/backup/hostler';
const vm = { vm: 'web-01' };
const backup = { backup: 'web-01.1' };

async function begin(hosts = 1): Promise<{ readonly host: SimHost; readonly domain: Domain }> {
  world = await makeWorld({ hosts: Array.from({ length: hosts }, (_, at) => ({ name: `kvm-${at + 1}` })) });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' });
  const [host] = world.hosts;
  if (host === undefined) throw new Error('no host');
  const domain = host.domain('team-01-web-01');
  domain.guest.agentMs = 0;
  return { host, domain };
}
async function done(name: string, input: Record<string, unknown>, as?: string) {
  const row = await world.change(name, input, as);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
  return row;
}
async function refused(name: string, input: Record<string, unknown>, as?: string) {
  const answer = await world.ask(name, input, as);
  if (answer.kind !== 'refused') throw new Error(`${name} was not refused: ${answer.kind}`);
  return answer.error;
}
const stored = () => world.rows.backups.list('team-01');
const disk = (host: SimHost, id = world.rows.vms.byName('team-01', 'web-01')?.id ?? '') =>
  host.model.volumes.find(({ name }) => name === `${id.replaceAll('_', '-').toLowerCase()}-d0`);
const filesOf = (host: SimHost) => Object.keys(host.model.files).filter((path) => path.startsWith(`${TARGET}/`));
const packed = (host: SimHost) => {
  const path = filesOf(host).find((each) => each.endsWith('.zst')) ?? '';
  const node = host.model.files[path];
  if (node === undefined) throw new Error('nothing is stored');
  return { path, node };
};

it('holds all disks at one point, the definition and the checksums, and leaves nothing else', async () => {
  const { host } = await begin();
  const before = host.snapshot();
  const row = await done('vm.backup.now', vm);
  const [made] = stored();
  expect(made).toMatchObject({
    state: 'ready',
    consistency: 'filesystem',
    number: 1,
    host: 'kvm-1',
    madeBy: '01-dev1',
  });
  const base = `${TARGET}/${made?.id.replaceAll('_', '-').toLowerCase()}`;
  expect(filesOf(host).sort()).toEqual([`${base}-vda.zst`, `${base}.json`, `${base}.sha256`]);
  const text = (path: string) => Buffer.from(host.model.files[path]?.base64 ?? '', 'base64').toString();
  const manifest: unknown = JSON.parse(text(`${base}.json`));
  expect(manifest).toMatchObject({
    format: 1,
    vm: 'web-01',
    team: 'team-01',
    network: 'default',
    disks: [{ target: 'vda' }],
  });
  const sums = new Map(made?.files.map(({ path, sha256 }) => [path, sha256]));
  expect(text(`${base}.sha256`)).toBe(
    [`${base}-vda.zst`, `${base}.json`].map((path) => `${sums.get(path)}  ${path}\n`).join(''),
  );
  expect({ ...host.snapshot(), files: [] }).toEqual({ ...before, files: [] });
  expect(world.service.card(row.id)?.buttons?.map(({ label }) => label)).toContain('Verify');
  await done('vm.backup.now', vm);
  expect(stored().map(({ number }) => number)).toEqual([2, 1]);
  const list = await world.ask('vm.backup.list', vm);
  expect(list.kind === 'reading' ? list.json : null).toMatchObject([
    { name: 'team-01/web-01.2' },
    { name: 'team-01/web-01.1' },
  ]);
  expect(JSON.stringify(list)).not.toContain('<domain');
});

it('verifies a whole one, tells a flipped bit and marks it, and takes it back when its file is mended', async () => {
  const { host } = await begin();
  await done('vm.backup.now', vm);
  await done('vm.backup.verify', backup);
  expect(stored()[0]).toMatchObject({ state: 'ready', verifiedAt: expect.any(Number) });
  const before = host.snapshot();
  const { node } = packed(host);
  const whole = node.content;
  node.content = whole.replace('zstd of ', 'zstd of X');
  const told = await world.change('vm.backup.verify', backup);
  expect([told.state, told.error?.message]).toEqual([
    'failed',
    expect.stringMatching(/damaged: .*-vda\.zst is not what was written/),
  ]);
  expect(stored()[0]?.state).toBe('damaged');
  const error = await refused('vm.backup.restore', { ...backup, as: 'web-02' });
  expect([error.code, error.hint]).toEqual([
    'wrong_state',
    expect.stringContaining('/vm backup verify team-01/web-01.1'),
  ]);
  node.content = whole;
  expect(host.snapshot()).toEqual(before);
  await done('vm.backup.verify', backup);
  expect(stored()[0]?.state).toBe('ready');
});

it('tells files that are gone from a target that is', async () => {
  const { host } = await begin();
  await done('vm.backup.now', vm);
  const { path, node } = packed(host);
  delete host.model.files[path];
  const told = await world.change('vm.backup.verify', backup);
  expect(told.error?.message).toMatch(/-vda\.zst is gone/);
  expect(stored()[0]?.state).toBe('damaged');
  host.model.files[path] = node;
  await done('vm.backup.verify', backup);
  const planned = await world.ask('vm.backup.verify', backup, '01-dev1', {}, 'terminal');
  if (planned.kind !== 'operation') throw new Error(planned.kind);
  const share = unmount(host);
  host.trouble.add({ match: /zstd -q -t/, when: 'before', kind: 'fail' });
  await expect(press(planned.row)).rejects.toMatchObject({ code: 'not_found' });
  share();
  expect(stored()[0]?.state).toBe('ready');
});

/** As when the share is not mounted: the directory is not there. Answers how to mount it again. */
function unmount(host: SimHost): () => void {
  const share = Object.entries(host.model.files).filter(([path]) => path === TARGET || path.startsWith(`${TARGET}/`));
  for (const [path] of share) delete host.model.files[path];
  return () => Object.assign(host.model.files, Object.fromEntries(share));
}

async function press(row: { readonly id: string; readonly digest: string }) {
  const pressed = await world.service.press({
    press: { do: 'accept', op: row.id, digest: row.digest },
    actor: world.actor('01-dev1'),
  });
  if (pressed.kind === 'refused') throw pressed.error;
  return world.service.follow(row.id, 'end');
}

/** Does something to the host once it has begun a command that matches. */
function when(host: SimHost, match: RegExp, act: () => void): void {
  const armed = { done: false };
  world.through(async (name, call, options) => {
    const result = await world.simulated.run(name, call, options);
    if (!armed.done && host.log.some(({ line }) => match.test(line))) {
      armed.done = true;
      act();
    }
    return result;
  });
}

it('takes back what it stored when the target fills up in the middle, and says that it is full', async () => {
  const { host } = await begin();
  const before = host.snapshot();
  const roomy = host.model.diskBytes;
  when(host, /zstd -q -T0 -c/, () => {
    // What is left is less than the disk takes.
    host.model.diskBytes =
      802_381_824 + Object.values(host.model.files).reduce((sum, it) => sum + it.sizeBytes, 0) + 100;
  });
  host.model.unitMs = 50;
  const row = await world.change('vm.backup.now', vm);
  host.model.diskBytes = roomy;
  expect([row.state, row.error?.message]).toEqual([
    'failed',
    expect.stringMatching(/Storing vda failed: .* on kvm-1 is full/),
  ]);
  expect([host.snapshot(), stored()]).toEqual([before, []]);
  host.model.diskBytes = 1;
  const error = await refused('vm.backup.now', vm);
  expect([error.code, error.message]).toEqual(['no_capacity', expect.stringContaining('is full')]);
});

it('says that the target is gone, in the middle and before', async () => {
  const { host } = await begin();
  host.model.unitMs = 50;
  let mount = () => {};
  when(host, /zstd -q -T0 -c/, () => {
    mount = unmount(host);
  });
  const row = await world.change('vm.backup.now', vm);
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringMatching(/No such file|is gone from kvm-1/)]);
  expect(host.snapshot().units).toEqual([]);
  expect(host.snapshot().volumes.filter((line) => line.includes('snap-'))).toEqual([]);
  const error = await refused('vm.backup.now', vm);
  expect([error.code, error.message]).toEqual(['wrong_state', expect.stringContaining(`no directory ${TARGET}`)]);
  mount();
});

it('says at once that a copy went down with its host, and takes back what there was of it', async () => {
  const { host } = await begin();
  const before = host.snapshot();
  host.model.unitMs = 60_000;
  when(host, /zstd -q -T0 -c/, () => {
    host.model.units = [];
  });
  const asked = world.clock.now();
  const row = await world.change('vm.backup.now', vm);
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringContaining('was the host restarted')]);
  expect([host.snapshot(), stored()]).toEqual([before, []]);
  expect(world.clock.now() - asked).toBeLessThan(120_000);
});

it('stops and takes back a backup that is cancelled while it copies', async () => {
  const { host } = await begin();
  const before = host.snapshot();
  host.model.unitMs = 60_000;
  const planned = await world.ask('vm.backup.now', vm);
  if (planned.kind !== 'operation') throw new Error(planned.kind);
  const { row } = planned;
  when(host, /zstd -q -T0 -c/, () => {
    void world.service.press({
      press: { do: 'cancel', op: row.id, digest: row.digest },
      actor: world.actor('01-dev1'),
    });
  });
  const ended = await press(row);
  expect(ended.state).toBe('cancelled');
  expect([host.snapshot(), stored()]).toEqual([before, []]);
});

it('makes a new VM of one: another id, address and disk, the same content and definition', async () => {
  const { host } = await begin();
  const content = disk(host);
  if (content === undefined) throw new Error('no disk');
  content.content = 'then';
  await done('vm.autostart', { ...vm, set: 'on' });
  await done('vm.backup.now', vm);
  content.content = 'now';
  await done('vm.backup.restore', { ...backup, as: 'web-02' });
  const [first, second] = ['web-01', 'web-02'].map((name) => world.rows.vms.byName('team-01', name));
  if (first == null || second == null) throw new Error('no VM');
  expect(second).toMatchObject({ life: 'live', image: 'tiny', flavor: first.flavor, vcpus: first.vcpus });
  for (const key of ['id', 'uuid', 'mac', 'seed', 'domainName'] as const) expect(second[key]).not.toBe(first[key]);
  expect([disk(host, first.id)?.content, disk(host, second.id)?.content]).toEqual(['now', 'then']);
  const os = (name: string) => child(parseDomain(host.domain(name).xml), 'os');
  expect(os('team-01-web-02')).toEqual(os('team-01-web-01'));
  expect(host.domain('team-01-web-02').xml).not.toContain(first.mac);
  expect(host.domain('team-01-web-02').facts.nics.map(({ mac }) => mac)).toEqual([second.mac]);
  expect(host.domain('team-01-web-02')).toMatchObject({ state: 'running', autostart: true });
});

it('brings a VM back whose host is gone, on another that has the share', async () => {
  await begin(2);
  await done('vm.backup.now', vm);
  const [one, two] = world.hosts;
  if (one === undefined || two === undefined) throw new Error('no hosts');
  const missing = await refused('vm.backup.restore', { ...backup, as: 'web-02', host: 'kvm-2' });
  expect([missing.code, missing.message]).toEqual([
    'not_found',
    expect.stringContaining('Host kvm-2 does not have the files'),
  ]);
  for (const path of filesOf(one)) Object.assign(two.model.files, { [path]: one.model.files[path] });
  one.trouble.down = true;
  for (const path of filesOf(one)) delete two.model.files[path];
  const silent = await refused('vm.backup.restore', { ...backup, as: 'web-02' });
  expect(silent.code).toBe('host_unreachable');
  for (const path of filesOf(one)) Object.assign(two.model.files, { [path]: one.model.files[path] });
  const row = await done('vm.backup.restore', { ...backup, as: 'web-02' });
  expect(row.host).toBe('kvm-2');
  expect(two.domain('team-01-web-02').state).toBe('running');
});

it('refuses a name that is taken and what is over quota, and says so', async () => {
  await begin();
  await done('vm.backup.now', vm);
  expect((await refused('vm.backup.restore', { ...backup, as: 'web-01' })).code).toBe('already_exists');
  const [team] = world.settings.teams;
  if (team === undefined) throw new Error('no team');
  Object.assign(team, { quota: { ...team.quota, vms: 1 } });
  expect((await refused('vm.backup.restore', { ...backup, as: 'web-02' })).code).toBe('quota_exceeded');
  expect((await refused('vm.backup.restore', { backup: 'web-01.7', as: 'web-02' })).hint).toContain('web-01.1');
  expect((await refused('vm.backup.restore', { backup: 'team-01/web-01.1', as: 'x' }, '02-dev1')).code).toBe(
    'forbidden',
  );
  expect((await refused('vm.backup.verify', { backup: 'web-01' })).code).toBe('invalid_input');
});

it('puts disks back in place, keeps the present state, and undoes', async () => {
  const { host, domain } = await begin();
  const write = (what: string) => Object.assign(disk(host) ?? {}, { content: what });
  write('then');
  await done('vm.backup.now', vm);
  write('now');
  const row = await done('vm.backup.restore', backup);
  expect([disk(host)?.content, domain.state]).toEqual(['then', 'running']);
  expect(row.risk).toBe('disruptive');
  const undo = world.service.card(row.id)?.buttons?.find(({ label }) => label === 'Undo')?.press;
  if (undo?.do !== 'run') throw new Error('no Undo on the card');
  await done(undo.name, undo.input);
  expect([disk(host)?.content, domain.state]).toEqual(['now', 'running']);
  const held = await refused('vm.backup.restore', { ...backup, restart: false });
  expect(held.hint).toContain('/vm shutdown team-01/web-01');
  await done('vm.stop', vm);
  await done('vm.backup.restore', backup);
  expect([disk(host)?.content, domain.state]).toEqual(['then', 'shut off']);
});

it('outlives its VM, and says what can be made of it then', async () => {
  await begin();
  await done('vm.backup.now', vm);
  await done('vm.delete', vm);
  expect((await refused('vm.backup.restore', backup)).hint).toMatch(/--as web-01`; or .*\/vm restore team-01\/web-01/);
  await done('vm.purge', vm, 'admin');
  expect((await refused('vm.backup.restore', backup)).hint).toContain('--as web-01');
  await done('vm.backup.restore', { ...backup, as: 'web-01' });
});

it('fails on a damaged file while it unpacks it, and leaves nothing of the new VM', async () => {
  const { host } = await begin();
  await done('vm.backup.now', vm);
  packed(host).node.content += ' with a flipped bit';
  packed(host).node.content = packed(host).node.content.replace('zstd of', 'X zstd of');
  const before = host.snapshot();
  const row = await world.change('vm.backup.restore', { ...backup, as: 'web-02' });
  expect([row.state, row.error?.message]).toEqual([
    'failed',
    expect.stringMatching(/Unpacking vda failed: the file may be damaged/),
  ]);
  expect([host.snapshot(), world.rows.vms.byName('team-01', 'web-02')]).toEqual([before, null]);
});

it('is deleted by whoever asked for it, with all its files, and goes also where these are gone', async () => {
  const { host } = await begin();
  const before = host.snapshot();
  await done('vm.backup.now', vm);
  expect((await refused('vm.backup.delete', backup, '01-dev2')).code).toBe('forbidden');
  const row = await done('vm.backup.delete', backup);
  expect([row.risk, host.snapshot(), stored()]).toEqual(['destructive', before, []]);
  await done('vm.backup.now', vm);
  for (const path of filesOf(host)) delete host.model.files[path];
  expect((await refused('vm.backup.verify', backup)).code).toBe('not_found');
  const mount = unmount(host);
  expect((await refused('vm.backup.delete', backup)).message).toContain(`no directory ${TARGET}`);
  mount();
  await done('vm.backup.delete', backup, '01-lead');
  expect(stored()).toEqual([]);
});

it('needs a target in the configuration', async () => {
  world = await makeWorld({
    settings: { backups: { target: null, fullEvery: 1, rateBytes: null, encryptTo: null, readable: [] } },
  });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const error = await refused('vm.backup.now', vm);
  expect([error.code, error.hint]).toEqual(['wrong_state', expect.stringContaining('backups.target')]);
  expect(testSettings([]).backups.target).toBe(TARGET);
});

it('reads and writes a disk no faster than it may, and says how long that takes', async () => {
  world = await makeWorld({
    settings: { backups: { target: TARGET, fullEvery: 1, rateBytes: 50 * MiB, encryptTo: null, readable: [] } },
  });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const [host] = world.hosts;
  const planned = await world.ask('vm.backup.now', vm);
  if (planned.kind !== 'operation') throw new Error(planned.kind);
  expect(planned.row.plan.notes).toContainEqual(
    expect.stringMatching(/read at 50 MiB a second at most.* about 1 min\.$/),
  );
  await press(planned.row);
  expect(stored()).toMatchObject([{ state: 'ready' }]);
  await done('vm.backup.restore', { ...backup, as: 'web-02' });
  const lines = host?.log.map(({ line }) => line).filter((line) => line.includes('python3')) ?? [];
  const root = /sudo -n timeout -k 5 7200 bash -c .*?; exec /.source;
  const stages = lines.map((line) => [...line.matchAll(new RegExp(`(?:pipefail; | \\| )(?:${root})?(\\w+)`, 'g'))]);
  expect(stages.map((each) => each.map(([, program]) => program))).toEqual([
    ['cat', 'python3', 'zstd'],
    ['zstd', 'python3', 'dd'],
  ]);
  const bytes = (id: string | undefined) => disk(host as SimHost, id)?.content;
  expect(bytes(world.rows.vms.byName('team-01', 'web-02')?.id)).toBe(
    bytes(world.rows.vms.byName('team-01', 'web-01')?.id),
  );
});

it('refuses a rate at which a disk does not come to its end', async () => {
  world = await makeWorld({
    settings: { backups: { target: TARGET, fullEvery: 1, rateBytes: 1024, encryptTo: null, readable: [] } },
  });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const error = await refused('vm.backup.now', vm);
  expect([error.code, error.message, error.hint]).toEqual([
    'wrong_state',
    expect.stringMatching(/^At 1 KiB a second, .* longer than 2 h 1 min$/),
    expect.stringContaining('backups.rate'),
  ]);
});
