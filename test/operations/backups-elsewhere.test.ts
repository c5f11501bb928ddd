/** Backups on another machine that the hosts reach over SSH: all that those of a directory are, and what is said where it does not answer. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { RemoteModel } from '../../demo/fleet/model/host-model.ts';
import type { BackupSettings } from '../../src/domain/settings.ts';
import { AGE_KEY } from '../kit/age-key.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const TARGET = 'ssh://backup@nas.example:22/srv/backup/hostler';
const vm = { vm: 'web-01' };
const backup = { backup: 'web-01.1' };
const PLAIN: BackupSettings = { target: TARGET, fullEvery: 1, rateBytes: null, encryptTo: null, readable: [] };
const ENCRYPTED = { ...PLAIN, encryptTo: AGE_KEY.recipient, readable: [AGE_KEY.recipient] };
const GONE = 'ssh: connect to host nas.example port 22: No route to host';

async function begin(backups = PLAIN, hosts = 1): Promise<SimHost> {
  world = await makeWorld({
    hosts: Array.from({ length: hosts }, (_, at) => ({ name: `kvm-${at + 1}` })),
    settings: { backups },
  });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small', host: 'kvm-1' });
  return host();
}
function host(at = 0): SimHost {
  const found = world.hosts[at];
  if (found === undefined) throw new Error('no host');
  return found;
}
async function done(name: string, input: Record<string, unknown>) {
  const row = await world.change(name, input);
  expect([name, row.state, row.error]).toEqual([name, 'succeeded', null]);
}
async function refused(name: string, input: Record<string, unknown>) {
  const answer = await world.ask(name, input);
  if (answer.kind !== 'refused') throw new Error(`${name} was not refused: ${answer.kind}`);
  return answer.error;
}
const stored = () => world.rows.backups.list('team-01');
const contentOf = (of: SimHost, name: string) => {
  const id = world.rows.vms.byName('team-01', name)?.id.replaceAll('_', '-').toLowerCase();
  return of.model.volumes.find((each) => each.name === `${id}-d0`)?.content;
};
function machine(): RemoteModel {
  const { remote } = host().model;
  if (remote === undefined) throw new Error('nobody asked for the machine');
  return remote;
}
const files = () => Object.keys(machine().files).filter((path) => path.startsWith('/srv/backup/hostler/'));
/** Does something once a unit has begun to store. */
function whenStoring(act: () => void): void {
  let armed = true;
  world.through(async (name, call, options) => {
    const result = await world.simulated.run(name, call, options);
    if (armed && host().log.some(({ line }) => line.includes('umask 077; LC_ALL=C cat'))) {
      armed = false;
      act();
    }
    return result;
  });
}

it.each([
  ['as they are', PLAIN, 'zst'],
  ['encrypted', ENCRYPTED, 'zst.age'],
])('stores disks there %s, verifies, brings back and deletes them', async (_, backups, ending) => {
  const one = await begin(backups);
  const before = one.snapshot();
  await done('vm.backup.now', vm);
  expect(files().map((path) => path.slice(path.indexOf('.')))).toEqual([`.${ending}`, '.json', '.sha256']);
  expect(stored()).toMatchObject([{ state: 'ready', directory: TARGET }]);
  expect(stored()[0]?.files.every(({ path, sizeBytes }) => path.startsWith(`${TARGET}/`) && sizeBytes > 0)).toBe(true);
  expect(Object.keys(one.model.files).filter((path) => path.includes('bak-'))).toEqual([]);
  await done('vm.backup.verify', backup);
  await done('vm.backup.restore', { ...backup, as: 'web-02' });
  expect(contentOf(one, 'web-02')).toBe(contentOf(one, 'web-01'));
  await done('vm.backup.delete', backup);
  expect(files()).toEqual([]);
  expect(one.snapshot().units).toEqual(before.units);
});

it('brings one back on another host that reaches the machine', async () => {
  await begin(PLAIN, 2);
  await done('vm.backup.now', vm);
  host(1).model.remote = machine();
  await done('vm.backup.restore', { ...backup, as: 'web-02', host: 'kvm-2' });
  expect(contentOf(host(1), 'web-02')).toBe(contentOf(host(0), 'web-01'));
});

it('says before anything is begun that the machine does not answer, is full or has no such directory', async () => {
  await begin();
  await done('vm.backup.now', vm);
  const remote = machine();
  remote.trouble = GONE;
  const silent = await refused('vm.backup.now', vm);
  expect([silent.code, silent.message]).toEqual(['host_unreachable', `Host kvm-1 can’t reach ${TARGET}: ${GONE}`]);
  expect((await refused('vm.backup.restore', { ...backup, as: 'web-02' })).message).toContain(GONE);
  delete remote.trouble;
  const roomy = remote.diskBytes;
  remote.diskBytes = 1;
  expect(await refused('vm.backup.now', vm)).toMatchObject({ code: 'no_capacity' });
  remote.diskBytes = roomy;
  for (const path of files()) delete remote.files[path];
  delete remote.files['/srv/backup/hostler'];
  expect((await refused('vm.backup.now', vm)).message).toContain(`has no directory ${TARGET}`);
});

it('tells a machine that is gone in the middle, and takes back what it can', async () => {
  const one = await begin();
  await world.ask('vm.backup.now', vm, '01-dev1', { dryRun: true });
  const before = one.snapshot();
  one.model.unitMs = 50;
  whenStoring(() => {
    machine().trouble = GONE;
  });
  const row = await world.change('vm.backup.now', vm);
  expect([row.state, row.error?.message]).toEqual([
    'failed',
    expect.stringContaining(`kvm-1 can’t reach ${TARGET}: ${GONE}`),
  ]);
  expect([one.snapshot().volumes, one.snapshot().units, stored()]).toEqual([before.volumes, before.units, []]);
});

it('tells a machine that fills up in the middle, and leaves nothing there', async () => {
  const one = await begin();
  one.model.unitMs = 50;
  whenStoring(() => {
    machine().diskBytes = 802_381_824 + 100_000;
  });
  const row = await world.change('vm.backup.now', vm);
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringMatching(/hostler on kvm-1 is full/)]);
  expect([files(), stored()]).toEqual([[], []]);
});

it('takes no backup for damaged whose machine was lost while it was read', async () => {
  const one = await begin();
  await done('vm.backup.now', vm);
  one.model.unitMs = 50;
  let armed = true;
  world.through(async (name, call, options) => {
    const result = await world.simulated.run(name, call, options);
    if (armed && one.log.some(({ line }) => /-sums .*sha256sum/.test(line) && !line.includes('umask'))) {
      armed = false;
      machine().trouble = GONE;
    }
    return result;
  });
  const row = await world.change('vm.backup.verify', backup);
  expect([row.state, row.error?.message]).toEqual(['failed', expect.stringMatching(/lost ssh:|can’t reach/)]);
  expect(stored()[0]?.state).toBe('ready');
});
