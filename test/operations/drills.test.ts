/** Drills on the simulator: what passes, what fails and why, and that nothing is ever left. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import { shareBackups } from '../../demo/fleet/share.ts';
import { TORN } from '../../demo/fleet/tools/virsh/guest.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { catalog } from '../../src/operations/catalog.ts';
import { overviewOf } from '../../src/operations/catalog-lookup.ts';
import { testSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const vm = { vm: 'web-01' };
const HOUR = 3_600_000;

/** Hosts that see one share, and a VM on the first of them with a backup. */
async function begin(hosts = 2, settings: Partial<Settings> = {}, agent = false): Promise<readonly SimHost[]> {
  world = await makeWorld({ hosts: Array.from({ length: hosts }, (_, at) => ({ name: `kvm-${at + 1}` })), settings });
  if (hosts > 1) shareBackups(world.hosts);
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' });
  const answers = () => {
    for (const domain of world.hosts.flatMap(({ model }) => model.domains)) domain.guest.agentMs = 0;
  };
  if (agent) answers();
  await done('vm.backup.now', vm);
  answers();
  return world.hosts;
}
async function done(name: string, input: Record<string, unknown>) {
  const row = await world.change(name, input);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
  return row;
}
async function refused(name: string, input: Record<string, unknown>) {
  const answer = await world.ask(name, input);
  if (answer.kind !== 'refused') throw new Error(`${name} was not refused: ${answer.kind}`);
  return answer.error;
}
const drills = () => world.rows.drills.list('team-01');
const slate = () => ({
  hosts: world.hosts.map((host) => host.snapshot()),
  vms: world.rows.vms.list(null).map(({ id }) => id),
});
/** What was posted as evidence. */
const posted = () => world.db.prepare("select wanted from outbox where key like 'drill:%'").pluck().all();
const results = () => Object.fromEntries((drills()[0]?.checks ?? []).map(({ name, result }) => [name, result]));
const flip = (host: SimHost | undefined) => {
  for (const [path, node] of Object.entries(host?.model.files ?? {}))
    if (path.endsWith('.zst')) node.content = node.content.replace('zstd of ', 'zstd of X');
};

it('restores the newest backup on another host, proves that it works, posts the evidence and leaves nothing', async () => {
  await begin();
  const before = slate();
  const row = await done('dr.drill', vm);
  expect(drills()).toMatchObject([
    {
      verdict: 'passed',
      reason: null,
      backup: 'team-01/web-01.1',
      fromHost: 'kvm-1',
      host: 'kvm-2',
      askedBy: '01-dev1',
    },
  ]);
  const [drill] = drills();
  expect(drill?.rpoMs).toBeGreaterThanOrEqual(0);
  expect(drill?.rtoMs).toBeGreaterThan(0);
  const tried = Object.entries(results()).filter(([, result]) => result !== 'not tried');
  expect(new Set(tried.map(([, result]) => result))).toEqual(new Set(['passed']));
  expect(Object.keys(results())).toEqual([
    'Backup',
    'Restore',
    'Boot',
    'Ping',
    'Port',
    'Guest agent',
    'Filesystems',
    'Data',
    'Command',
    'Marker file',
    'Filesystem check',
    'RPO',
    'RTO',
    'Taken down',
  ]);
  expect(results()).toMatchObject({ Command: 'not tried', 'Marker file': 'not tried', 'Filesystem check': 'passed' });
  expect(slate()).toEqual(before);
  expect(world.rows.backups.list('team-01')[0]?.verifiedAt).toEqual(expect.any(Number));
  expect(posted()).toEqual(['team-01']);
  expect(world.rows.audit.list({ limit: 1, kind: 'drill.ended' })).toMatchObject([
    { outcome: 'passed', team: 'team-01', subject: 'vm:team-01/web-01', operationId: row.id },
  ]);
});

it('has it alone on a network that leads nowhere', async () => {
  const hosts = await begin();
  const seen: unknown[] = [];
  world.through((host, call, options) => {
    const model = hosts[1]?.model;
    for (const domain of model?.domains ?? []) {
      const nics = domain.facts.nics.map(({ source }) => source);
      seen.push(nics.every((source) => model?.networks.find(({ name }) => name === source)?.isolated === true));
    }
    return world.simulated.run(host, call, options);
  });
  await done('dr.drill', vm);
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set([true]));
});

it('fails on a flipped bit, says why, marks the backup, and leaves nothing', async () => {
  const [, other] = await begin();
  flip(other);
  const before = slate();
  const row = await world.change('dr.drill', vm);
  expect(row.state).toBe('failed');
  expect(drills()).toMatchObject([
    { verdict: 'failed', reason: expect.stringMatching(/damaged: .*-vda\.zst is not what was written/) },
  ]);
  expect(results()).toMatchObject({
    Backup: 'failed',
    Boot: 'not reached',
    RTO: 'not reached',
    'Taken down': 'passed',
  });
  expect(slate()).toEqual(before);
  expect(posted()).toEqual(['team-01']);
  expect(world.rows.backups.list('team-01')[0]?.state).toBe('damaged');
  expect((await refused('dr.drill', vm)).message).toMatch(/is damaged, and none is ready/);
});

it('fails where the guest does not boot, or answers on no port', async () => {
  const [, other] = await begin();
  if (other === undefined) throw new Error('no host');
  const before = slate();
  other.model.guestDefaults.leaseMs = null;
  await world.change('dr.drill', vm);
  expect(drills()[0]).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/did not boot: it asked for no address within/),
  });
  other.model.guestDefaults.leaseMs = 5;
  await world.change('dr.drill', { ...vm, port: 443 });
  expect(drills()[0]).toMatchObject({ verdict: 'failed', reason: expect.stringMatching(/no connection to port 443/) });
  expect(results()).toMatchObject({ Boot: 'passed', Ping: 'passed', Port: 'failed', Data: 'not reached' });
  expect(slate()).toEqual(before);
});

/** The usual settings, with what teams want of a restored guest. */
const wanting = (of: { readonly command?: string; readonly marker?: string }): Partial<Settings> => ({
  teams: testSettings([]).teams.map((team) => ({ ...team, dr: { ...team.dr, ...of } })),
});
const found = () => Object.fromEntries((drills()[0]?.checks ?? []).map((check) => [check.name, check.found]));
const MARKER = '/etc/os-release';

it('runs a command in the guest, and compares a file with what it was when it was backed up', async () => {
  const [, other] = await begin(2, wanting({ command: 'app health', marker: MARKER }), true);
  if (other === undefined) throw new Error('no host');
  expect(world.rows.backups.list('team-01')[0]?.marker).toEqual({
    path: MARKER,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const before = slate();
  Object.assign(other.model.guestDefaults, { commands: { 'app health': { exit: 0, out: '3 of 3 up\n' } } });
  await done('dr.drill', vm);
  expect(results()).toMatchObject({ Command: 'passed', 'Marker file': 'passed', RTO: 'passed' });
  expect(found()).toMatchObject({
    Command: '`app health` ended with 0: 3 of 3 up',
    'Marker file': expect.stringMatching(/^\/etc\/os-release is what it was when it was backed up/),
    'Filesystem check': 'ext4 of vda is sound',
  });
  Object.assign(other.model.guestDefaults, { commands: { 'app health': { exit: 2, out: '1 of 3 up\n' } } });
  await world.change('dr.drill', vm);
  expect(drills()[0]).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/^`app health` did not end with 0 within .*: exit code 2: 1 of 3 up/),
  });
  expect(results()).toMatchObject({
    Command: 'failed',
    'Marker file': 'not reached',
    Data: 'not reached',
    RTO: 'not reached',
  });
  expect(slate()).toEqual(before);
});

it('fails where the file is another, or is not there', async () => {
  const [, other] = await begin(2, wanting({ marker: MARKER }), true);
  const before = slate();
  const backup = world.rows.backups.list('team-01')[0];
  world.rows.backups.update(backup?.id ?? '', { marker: { path: MARKER, sha256: '0'.repeat(64) } });
  await world.change('dr.drill', vm);
  expect(drills()[0]?.reason).toMatch(/^\/etc\/os-release is not what it was: SHA-256 [0-9a-f]{64}, and 0{64} when/);
  if (other !== undefined) Object.assign(other.model.guestDefaults, { files: [] });
  await world.change('dr.drill', vm);
  expect(drills()[0]?.reason).toMatch(/could not be read within .*: there is no such file/);
  expect(results()).toMatchObject({ 'Marker file': 'failed' });
  expect(slate()).toEqual(before);
});

it('shows a file that no backup noted, and compares it with nothing', async () => {
  await begin();
  expect(world.rows.backups.list('team-01')[0]?.marker).toBeNull();
  // Named after the backup was made.
  for (const team of world.settings.teams) Object.assign(team.dr, { marker: MARKER });
  await done('dr.drill', vm);
  expect(found()['Marker file']).toMatch(/is there, SHA-256 [0-9a-f]{64}; .*compared with nothing/);
});

it('fails where a filesystem is damaged, though the backup is what was written', async () => {
  const [own] = await begin(1);
  for (const volume of own?.model.volumes ?? []) if (volume.name.startsWith('vm-')) volume.content = `${TORN} root`;
  await done('vm.backup.now', vm);
  const before = slate();
  await world.change('dr.drill', { ...vm, sameHost: true });
  expect(drills()[0]).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(
      /^A filesystem of vda is damaged: ext4 on vdm1, exit code 4: UNEXPECTED INCONSISTENCY/,
    ),
  });
  expect(results()).toMatchObject({ Backup: 'passed', Boot: 'passed', 'Filesystem check': 'failed' });
  expect(slate()).toEqual(before);
});

it('fails where its agent may not run the command, and says so', async () => {
  const [, other] = await begin(2, wanting({ command: 'true' }));
  if (other !== undefined) other.model.guestDefaults.execBlocked = true;
  await world.change('dr.drill', vm);
  expect(drills()[0]).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/agent may not run commands/),
  });
});

it('fails where the backup is too old', async () => {
  await begin();
  world.clock.advance(25 * HOUR);
  await done('dr.drill', { ...vm, port: 0 });
  expect(drills()).toMatchObject([
    { verdict: 'failed', reason: expect.stringMatching(/^RPO 1 d 1 h, and at most 1 d/) },
  ]);
  expect(results()).toMatchObject({ Data: 'passed', RPO: 'failed', RTO: 'passed', Port: 'not tried' });
});

it('tells disks that are not what the backup holds', async () => {
  const [, other] = await begin();
  world.through((host, call, options) => {
    const copy = other?.model.volumes.find(({ name }) => name.endsWith('-copy'));
    if (copy !== undefined) copy.content = 'something else';
    return world.simulated.run(host, call, options);
  });
  await world.change('dr.drill', vm);
  expect(drills()).toMatchObject([
    { verdict: 'failed', reason: expect.stringMatching(/vda as it was restored is not what the backup holds/) },
  ]);
});

it('fails where the guest does not mount what the VM has', async () => {
  const [, other] = await begin();
  world.through((host, call, options) => {
    for (const domain of other?.model.domains ?? [])
      if (domain.live !== null) domain.live = { ...domain.live, filesystems: {} };
    return world.simulated.run(host, call, options);
  });
  await world.change('dr.drill', vm);
  expect(drills()[0]).toMatchObject({
    verdict: 'failed',
    reason: expect.stringMatching(/did not mount all of \/ within/),
  });
});

it('asks again for what something holds a moment longer', async () => {
  const [, other] = await begin();
  const before = slate();
  other?.trouble.add({ match: /lvremove .*-copy/, when: 'before', kind: 'fail', times: 2 });
  await done('dr.drill', vm);
  expect(drills()).toMatchObject([{ verdict: 'passed' }]);
  expect(slate()).toEqual(before);
});

it('is broken off by trouble that says nothing of the backup', async () => {
  const [, other] = await begin();
  const before = slate();
  other?.trouble.add({ match: /net-create/, when: 'before', kind: 'fail', times: 3 });
  await world.change('dr.drill', vm);
  expect(drills()).toMatchObject([{ verdict: 'broken-off', reason: expect.stringContaining('injected failure') }]);
  expect(slate()).toEqual(before);
  expect(posted()).toEqual(['team-01']);
});

it('wants another host that has the backup, or to be told that there is none', async () => {
  await begin(1);
  const alone = await refused('dr.drill', vm);
  expect([alone.code, alone.hint]).toEqual(['wrong_state', expect.stringContaining('--same-host')]);
  await done('dr.drill', { ...vm, sameHost: true });
  expect(drills()).toMatchObject([{ verdict: 'passed', host: 'kvm-1' }]);
});

it('says who does not see the share, and which VM it needs', async () => {
  world = await makeWorld({ hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }] });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' });
  expect((await refused('dr.drill', vm)).message).toMatch(/has no backup/);
  await done('vm.backup.now', vm);
  const unseen = await refused('dr.drill', vm);
  expect([unseen.message, unseen.hint]).toEqual([
    expect.stringMatching(/^No host but kvm-1/),
    expect.stringContaining('Mount the share'),
  ]);
  expect((await refused('dr.drill', { ...vm, sameHost: true })).message).toMatch(/one host only/);
  expect((await refused('dr.drill', {})).hint).toMatch(/--random/);
});

it('chooses a VM that has a backup', async () => {
  await begin();
  await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
  await done('dr.drill', { random: true });
  expect(drills()).toMatchObject([{ vmName: 'web-01', verdict: 'passed' }]);
});

it('survives the loss of the VM’s own host', async () => {
  const [own] = await begin();
  if (own !== undefined) own.trouble.down = true;
  await done('dr.drill', vm);
  expect(drills()).toMatchObject([{ verdict: 'passed', host: 'kvm-2' }]);
  expect(results()).toMatchObject({ 'Guest agent': 'not tried' });
});

async function read(name: string, input: Record<string, unknown> = {}, as?: string) {
  const answer = await world.ask(name, input, as);
  if (answer.kind !== 'reading') throw new Error(`${name}: ${JSON.stringify(answer)}`);
  return answer;
}

it('plans: what each VM has, where it could go, and what is missing to that', async () => {
  // `/dr` alone shows it.
  expect(overviewOf(catalog, 'dr')?.name).toBe('dr.plan');
  const [, other] = await begin();
  await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small', host: 'kvm-1' });
  expect((await read('dr.plan')).json).toMatchObject([
    { name: 'team-01/web-01', hosts: ['kvm-2'], missing: ['no schedule makes backups', 'never drilled'] },
    { name: 'team-01/web-02', hosts: [], backup: null, missing: expect.arrayContaining(['no backup that is ready']) },
  ]);
  await done('vm.backup.schedule', { ...vm, keep: '7 daily' });
  await done('dr.drill', vm);
  expect((await read('dr.plan')).json).toMatchObject([
    { missing: [], lastDrill: { verdict: 'passed' } },
    { name: 'team-01/web-02' },
  ]);
  world.clock.advance(25 * HOUR);
  if (other !== undefined) other.trouble.down = true;
  expect((await read('dr.plan')).json).toMatchObject([
    { missing: ['the backup is older than 1 d', 'no other host is known to see it (kvm-2 did not say)'] },
    { name: 'team-01/web-02' },
  ]);
});

it('keeps the evidence, for the team alone', async () => {
  await begin();
  expect((await refused('dr.report', {})).message).toBe('Team team-01 has not drilled yet');
  await done('dr.drill', vm);
  await world.change('dr.drill', { ...vm, port: 443 });
  const list = (await read('dr.history', vm)).json;
  expect(list).toMatchObject([
    { vm: 'team-01/web-01', verdict: 'failed' },
    { vm: 'team-01/web-01', verdict: 'passed' },
  ]);
  const [, first] = drills();
  const { notice, json } = await read('dr.report', { drill: first?.id });
  expect(json).toMatchObject({ verdict: 'passed', backup: 'team-01/web-01.1' });
  expect(notice.title).toBe('DR drill of team-01/web-01 passed');
  expect(notice.code?.text).toMatch(/\+00:\d\d +\d+ s {2}Work out the SHA-256 of each file\n/);
  expect((await read('dr.report')).notice.title).toBe('DR drill of team-01/web-01 failed');
  const others = await world.ask('dr.report', { drill: first?.id }, '02-dev1', { team: 'team-02' });
  expect(others.kind === 'refused' && others.error.code).toBe('not_found');
});

it('takes more VMs of the team behind the first, and none of another', async () => {
  await begin();
  await done('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' });
  expect((await refused('dr.drill', { ...vm, also: 'web-02' })).message).toMatch(/web-02 has no backup/);
  await done('vm.backup.now', { vm: 'web-02' });
  await done('dr.drill', { ...vm, also: ['web-02', 'web-01'] });
  expect(world.rows.drills.wanted()).toMatchObject([{ vmId: world.rows.vms.byName('team-01', 'web-02')?.id }]);
  await world.change('vm.create', { name: 'db-01', image: 'tiny', flavor: 'small' }, '02-dev1', { team: 'team-02' });
  expect((await refused('dr.drill', { ...vm, also: ['team-02/db-01'] })).message).toMatch(/of another team/);
});
