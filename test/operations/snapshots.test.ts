/** Snapshots on the simulator: what each refusal says, what is kept, and that no guest stays held, wherever the link is cut. */
import { afterEach, expect, it } from 'vitest';
import type { SimHost } from '../../demo/fleet/host.ts';
import type { Domain } from '../../demo/fleet/model/host-model.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
afterEach(async () => {
  await world.close();
});

async function begin(): Promise<{ readonly host: SimHost; readonly domain: Domain }> {
  world = await makeWorld();
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  const [host] = world.hosts;
  if (host === undefined) throw new Error('no host');
  const domain = host.domain('team-01-web-01');
  domain.guest.agentMs = 0;
  return { host, domain };
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
const vm = { vm: 'web-01' };
const snapshots = () => {
  const id = world.rows.vms.byName('team-01', 'web-01')?.id ?? '';
  return world.rows.snapshots.of(id).map(({ name, consistency }) => `${name} ${consistency}`);
};
/** The disk's content, and what stands for it. */
const content = (host: SimHost) => host.model.volumes.find(({ name }) => /^vm-.*-d0$/.test(name));

it('goes back to a snapshot any number of times, keeps what was, and undoes', async () => {
  const { host, domain } = await begin();
  const write = (what: string) => {
    const disk = content(host);
    if (disk !== undefined) disk.content = what;
  };
  write('one');
  await done('snapshot.create', { ...vm, name: 'one' });
  write('two');
  await done('snapshot.create', { ...vm, name: 'two' });
  write('three');
  const first = await done('snapshot.revert', { ...vm, name: 'one' });
  expect([content(host)?.content, domain.state]).toEqual(['one', 'running']);
  const kept = snapshots().find((name) => name.startsWith('before-revert-'));
  expect(kept).toMatch(/ application$/);
  const card = world.service.card(first.id);
  const undo = card?.buttons?.find(({ label }) => label === 'Undo')?.press;
  if (undo?.do !== 'run') throw new Error('no Undo on the card');
  await done('snapshot.revert', { ...vm, name: 'two' });
  expect(content(host)?.content).toBe('two');
  await done(undo.name, undo.input);
  expect(content(host)?.content).toBe('three');
  await done('snapshot.revert', { ...vm, name: 'one' });
  expect(content(host)?.content).toBe('one');
  expect(snapshots()).toHaveLength(6);
  expect(world.fleet.unknown()).toEqual([]);
});

it('says before a revert what is lost, and what is kept', async () => {
  await begin();
  await done('snapshot.create', { ...vm, name: 'one' });
  const answer = await world.ask('snapshot.revert', { ...vm, name: 'one' });
  if (answer.kind !== 'operation') throw new Error(answer.kind);
  const notes = answer.row.plan.notes.join('\n');
  expect(notes).toContain('ago');
  expect(notes).toContain('kept in snapshot before-revert-');
  expect(notes).toContain('shut down, and started again');
  expect(answer.row.risk).toBe('disruptive');
});

it('refuses a revert under a running VM, and says what to type', async () => {
  await begin();
  await done('snapshot.create', { ...vm, name: 'one' });
  const error = await refused('snapshot.revert', { ...vm, name: 'one', restart: false });
  expect([error.code, error.hint]).toEqual(['wrong_state', expect.stringContaining('/vm shutdown team-01/web-01')]);
  await done('vm.stop', vm);
  await done('snapshot.revert', { ...vm, name: 'one', restart: false });
});

it('refuses to delete a protected one, until that is taken off', async () => {
  await begin();
  await done('snapshot.create', { ...vm, name: 'one', protect: true });
  const error = await refused('snapshot.delete', { ...vm, name: 'one' });
  expect(error.hint).toContain('/snapshot protect team-01/web-01 one off');
  await done('snapshot.protect', { ...vm, name: 'one', set: 'off' });
  await done('snapshot.delete', { ...vm, name: 'one' });
  expect(snapshots()).toEqual([]);
  expect((await refused('snapshot.show', { ...vm, name: 'one' })).code).toBe('not_found');
});

it('does not offer what would not hold all of the VM', async () => {
  const { host, domain } = await begin();
  const image = host.model.volumes.find(({ name }) => name.startsWith('img-'))?.name;
  domain.xml = domain.xml.replace(
    '</devices>',
    `<disk type="block" device="disk"><source dev="/dev/cloudvg/${image}"/><target dev="vdc" bus="virtio"/></disk></devices>`,
  );
  expect((await refused('snapshot.create', vm)).message).toContain('vdc');
  domain.xml = domain.xml.replace(
    /<disk type="block" device="disk"><source dev="\S+\/><target dev="vdc".*?<\/disk>/,
    '<hostdev mode="subsystem" type="pci"/>',
  );
  expect((await refused('snapshot.create', vm)).message).toContain('passed through');
});

it('refuses a snapshot that could fill the pool, and says how much is missing', async () => {
  const { host } = await begin();
  host.fillPool(0.8999);
  world.clock.advance(120_000);
  const error = await refused('snapshot.create', vm);
  expect(error.code).toBe('no_capacity');
  expect(error.message).toMatch(/\d+(\.\d+)? MiB are missing/);
  expect((await refused('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' })).message).toContain('missing');
});

it('is crash-consistent where the agent hangs, and says so', async () => {
  const { domain } = await begin();
  const planned = await world.ask('snapshot.create', vm);
  if (planned.kind !== 'operation') throw new Error(planned.kind);
  expect(planned.row.plan.notes[0]).toContain('filesystem-consistent');
  domain.guest.agentHangs = true;
  await world.service.press({
    press: { do: 'accept', op: planned.row.id, digest: planned.row.digest },
    actor: world.actor('01-dev1'),
  });
  const ended = await world.service.follow(planned.row.id, 'end');
  expect([ended.state, snapshots()]).toEqual(['succeeded', ['snap-1 crash']]);
});

it('lets the guest go on, wherever in the script the link is cut', async () => {
  for (const [match, kind] of [
    [/guest-agent-timeout/, 'cut'],
    [/systemd-run/, 'cut'],
    [/domfsfreeze/, 'cut'],
    [/lvcreate -y -kn/, 'cut'],
    [/lvcreate -y -kn/, 'fail'],
    [/domfsthaw/, 'cut'],
    [/domfsthaw/, 'fail'],
  ] as const) {
    for (const when of ['before', 'midway', 'after'] as const) {
      const { host, domain } = await begin();
      host.trouble.add({ match, kind, when });
      const row = await world.change('snapshot.create', vm);
      const told = `${match.source} ${kind} ${when}`;
      expect([told, domain.live?.frozen, host.snapshot().units]).toEqual([told, false, []]);
      expect([told, snapshots().length]).toEqual([told, row.state === 'succeeded' ? 1 : 0]);
      await world.close();
    }
  }
  await begin();
});

it('lets the guest go on by the host’s own watchdog, when bot and link are gone for good', async () => {
  const { host, domain } = await begin();
  host.trouble.add({ match: /lvcreate -y -kn/, kind: 'cut', when: 'midway' });
  const driver = makeDriver();
  const disk = content(host)?.name ?? '';
  const cut = await world.fleet.run(
    'kvm-1',
    driver.snapshots.take({
      vg: 'cloudvg',
      snapshot: 'snap_x',
      marks: { op: 'op_x', vm: 'vm_x' },
      uuid: domain.uuid,
      hold: 'freeze',
      parent: null,
      disks: [{ of: disk, volume: 'snap-x-d0' }],
    }),
    { lane: 'change' },
  );
  expect([cut.outcome, domain.live?.frozen]).toEqual(['unknown', true]);
  for (const unit of host.model.units) Object.assign(unit, { endsAt: host.clock.now() });
  host.settle();
  expect([domain.live?.frozen, host.snapshot().units]).toEqual([false, []]);
});

it('keeps snapshots in the trash, brings them back with the VM, and purges them with it', async () => {
  const { host } = await begin();
  await done('snapshot.create', { ...vm, name: 'one' });
  await done('vm.delete', vm);
  await done('vm.restore', vm);
  expect(snapshots()).toEqual(['one filesystem']);
  await done('snapshot.revert', { ...vm, name: 'one' });
  await done('vm.delete', vm);
  await world.change('vm.purge', vm, 'admin');
  expect(host.snapshot().volumes.filter((line) => /snap-|vm-/.test(line))).toEqual([]);
});

it('takes no more than the configuration allows', async () => {
  world = await makeWorld({ settings: { snapshots: { perVm: 1, beforeChangeMs: 7 * 86_400_000 } } });
  await done('vm.create', { name: 'web-01', image: 'tiny', flavor: 'small' });
  await done('snapshot.create', vm);
  expect((await refused('snapshot.create', vm)).code).toBe('quota_exceeded');
});
