/** What risky operations keep before they act, and the way back that their cards offer. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import { GiB, MiB } from '../../src/domain/size.ts';
import { asking } from '../kit/asking.ts';
import { ALWAYS } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

const { done, planned, undoOf, beginWithVm } = asking(() => world);
async function begin(options: Parameters<typeof makeWorld>[0] = {}): Promise<SimHost> {
  world = await makeWorld(options);
  return beginWithVm();
}
const vm = { vm: 'web-01' };
const row = () => {
  const found = world.rows.vms.byName('team-01', 'web-01');
  if (found === null) throw new Error('the VM is gone');
  return found;
};
const snapshots = () => world.rows.snapshots.of(row().id);
const disk = (host: SimHost) => host.model.volumes.find(({ name }) => name === row().disks[0]?.volume);
const extend = { ...vm, disk: 'vda', size: '+1GiB' };

/** The command that takes it, and what it is called with. */
const TAKEN = /lvcreate -y -kn -s .* vm-\S+-d0 snap-\S+-d0/;

it('keeps the disks before one is extended, in the plan, the journal and the audit', async () => {
  const host = await begin();
  const plan = await planned('vm.disk.extend', extend);
  const [first, second] = plan.plan.steps;
  expect([first?.title, second?.title]).toEqual([
    'Take a snapshot of team-01/web-01: its disk, filesystems frozen',
    'See that the guest of team-01/web-01 goes on',
  ]);
  expect(first?.commands.join('\n')).toMatch(TAKEN);
  expect(plan.plan.notes.join('\n')).toMatch(/kept as snapshot before-extend-\w{6} for 7 d: filesystem-consistent/);
  expect(plan.plan.notes.join('\n')).toMatch(/vda is 1 GiB again/);
  const ended = await done('vm.disk.extend', extend);
  expect(snapshots()).toMatchObject([{ origin: 'operation', state: 'ready', consistency: 'filesystem' }]);
  expect(snapshots()[0]?.name).toBe(`before-extend-${ended.id.slice(-6).toLowerCase()}`);
  expect(host.domain('team-01-web-01').live?.frozen).toBe(false);
  const audited = world.rows.audit.list({ limit: 200, operationId: ended.id }).map(({ data }) => JSON.stringify(data));
  expect(audited.some((data) => TAKEN.test(data))).toBe(true);
});

it('undoes an extension by a revert: old size and old content, and what came after it is kept', async () => {
  const host = await begin();
  const write = (what: string) => Object.assign(disk(host) ?? {}, { content: what });
  const before = row().disks[0]?.sizeBytes ?? 0;
  write('before');
  const extended = await done('vm.disk.extend', extend);
  write('after');
  expect([row().disks[0]?.sizeBytes, disk(host)?.sizeBytes]).toEqual([before + GiB, before + GiB]);
  const undo = undoOf(extended);
  expect(undo.name).toBe('snapshot.revert');
  const reverted = await done(undo.name, undo.input);
  expect([row().disks[0]?.sizeBytes, disk(host)?.sizeBytes, disk(host)?.content]).toEqual([before, before, 'before']);
  // And that is undone as well, its size counted anew.
  const again = undoOf(reverted);
  const plan = await planned(again.name, again.input);
  expect(plan.adds.diskBytes).toBe(GiB);
  await done(again.name, again.input);
  expect([row().disks[0]?.sizeBytes, disk(host)?.content]).toEqual([before + GiB, 'after']);
});

it('takes the same way as a command: a plan, and whose approval the rules want', async () => {
  await begin({
    settings: {
      approvals: [{ when: { ...ALWAYS, kinds: ['snapshot.revert'] }, from: 'lead', count: 1, validMs: 3_600_000 }],
    },
  });
  const undo = undoOf(await done('vm.disk.extend', extend));
  const plan = await planned(undo.name, undo.input);
  expect([plan.state, plan.risk]).toEqual(['planned', 'disruptive']);
  await world.service.press({
    press: { do: 'accept', op: plan.id, digest: plan.digest },
    actor: world.actor('01-dev1'),
  });
  expect(world.rows.operations.byId(plan.id)?.state).toBe('awaiting_approval');
});

it('keeps the disks before a resize shuts a VM down, and undoes by the old size, data untouched', async () => {
  const host = await begin();
  const resized = await done('vm.resize', { ...vm, flavor: 'large', restart: true });
  expect(resized.plan.steps.map(({ name }) => name.replace(/:.*/, ''))).toEqual([
    'take-snapshot',
    'let-guest-go-on',
    expect.stringMatching(/off/),
    'set-size',
    expect.stringMatching(/running/),
    'confirm-size',
  ]);
  expect(snapshots().map(({ name }) => name.slice(0, -7))).toEqual(['before-resize']);
  Object.assign(disk(host) ?? {}, { content: 'written since' });
  const undo = undoOf(resized);
  expect(undo).toMatchObject({ name: 'vm.resize', input: { vm: 'team-01/web-01', flavor: 'small', restart: true } });
  await done(undo.name, undo.input);
  expect([row().vcpus, row().memoryBytes, row().flavor]).toEqual([1, 128 * MiB, 'small']);
  expect(disk(host)?.content).toBe('written since');
});

it('takes none before a resize that risks nothing, and undoes it too', async () => {
  await begin();
  const resized = await done('vm.resize', { ...vm, memory: '192MiB' });
  const undo = undoOf(resized);
  await done(undo.name, undo.input);
  expect([row().memoryBytes, row().flavor, snapshots()]).toEqual([128 * MiB, 'small', []]);
});

it('undoes a rename by another', async () => {
  await begin();
  const undo = undoOf(await done('vm.rename', { ...vm, name: 'web-02' }));
  await done(undo.name, undo.input);
  expect(row().domainName).toBe('team-01-web-01');
});

it('says why there is no snapshot where none can be taken, and offers no Undo that would not work', async () => {
  const host = await begin({ settings: { snapshots: { perVm: 1, beforeChangeMs: 86_400_000 } } });
  await done('snapshot.create', vm);
  const full = await planned('vm.disk.extend', extend);
  expect(full.plan.notes.join('\n')).toContain(
    'No snapshot is taken first, so there will be nothing to revert its disks to: team-01/web-01 has 1 snapshots',
  );
  expect(full.plan.steps.map(({ name }) => name.replace(/:.*/, ''))).toEqual(['extend-volume', 'resize-disk']);
  const extended = await done('vm.disk.extend', extend);
  expect(() => undoOf(extended)).toThrow('no Undo');
  const domain = host.domain('team-01-web-01');
  domain.xml = domain.xml.replace('</devices>', '<hostdev mode="subsystem" type="pci"/></devices>');
  expect((await planned('vm.disk.extend', extend)).plan.notes.join('\n')).toContain('passed through');
});

it('takes none where the pool could run full by both, and still extends where there is room for that', async () => {
  const host = await begin();
  host.fillPool(0.7);
  world.clock.advance(120_000);
  const pool = host.model.volumes.find(({ name }) => name === 'pool0' || name === 'thinpool');
  const room = Math.floor((0.9 - 0.7) * (pool?.sizeBytes ?? 0)) - 4 * MiB;
  const plan = await planned('vm.disk.extend', { ...vm, disk: 'vda', size: `+${Math.floor(room / MiB)}MiB` });
  expect(plan.plan.notes.join('\n')).toMatch(/There is no room for one: kvm-1 is out of space: .* are missing/);
});

it('leaves no snapshot behind when the change is rolled back', async () => {
  const host = await begin();
  host.trouble.add({ match: /lvextend/, kind: 'fail', when: 'before', times: 2 });
  const ended = await world.change('vm.disk.extend', extend);
  expect([ended.state, snapshots()]).toEqual(['failed', []]);
  expect(host.snapshot().volumes.filter((line) => line.includes('/snap-'))).toEqual([]);
});

it('keeps the snapshot when the change is stuck behind it', async () => {
  const host = await begin();
  host.trouble.add({ match: /blockresize/, kind: 'fail', when: 'before', times: 50 });
  const ended = await world.change('vm.disk.extend', extend);
  expect([ended.state, snapshots().map(({ state }) => state)]).toEqual(['stuck', ['ready']]);
  await world.service.press({
    press: { do: 'leave', op: ended.id, digest: ended.digest },
    actor: world.actor('admin'),
  });
  await done('snapshot.revert', { ...vm, name: snapshots()[0]?.name ?? '' });
});
