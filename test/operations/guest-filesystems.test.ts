/** How full guests' filesystems are: asked beside the sweep, shown, measured and alerted on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainText } from '../../src/domain/notice.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { evaluateAlerts } from '../../src/operations/alert/evaluate.ts';
import { rowMetrics } from '../../src/operations/metrics.ts';
import { askFilesystems } from '../../src/operations/watch/filesystems.ts';
import { sweepHost } from '../../src/operations/watch/sweep.ts';
import { asking } from '../kit/asking.ts';
import { makeWorld, type World } from '../kit/world.ts';

const MINUTE = 60_000;
let world: World;
const { reading } = asking(() => world);

beforeEach(async () => {
  world = await makeWorld();
  for (const name of ['web-01', 'web-02']) await world.change('vm.create', { name, image: 'tiny', flavor: 'small' });
  guest('web-01').agentMs = 0;
  guest('web-02').agentMs = null;
  await sweep();
});
afterEach(async () => {
  expect(world.simulated.unknown()).toEqual([]);
  await world.close();
});

function host() {
  const [found] = world.hosts;
  if (found === undefined) throw new Error('the world has no host');
  return found;
}
const guest = (name: string) => host().domain(`team-01-${name}`).guest;
const idOf = (name: string): string => world.rows.vms.byName('team-01', name)?.id ?? '';
const known = (name = 'web-01') => world.rows.filesystems.of(idOf(name));
const deps = () => ({ ...world, driver: makeDriver() });
const sweep = () => sweepHost(deps(), 'kvm-1', new AbortController().signal);
const asks = () => host().log.filter(({ line }) => line.includes('guestinfo'));
/** As the schedule does: the sweep, the agents that are due, and the rules. */
async function minute(after = MINUTE): Promise<number> {
  world.clock.advance(after);
  await sweep();
  const asked = await askFilesystems(deps(), 'kvm-1', new AbortController().signal);
  evaluateAlerts({ ...world, ids: randomIds() });
  return asked;
}
const open = () =>
  world.rows.incidents.recent(null, 100).filter(({ rule, resolvedAt }) => rule === 'vm-disk' && resolvedAt === null);

describe('asking', () => {
  it('asks guests whose agent answers, each once in a quarter of an hour, all of a host in one call', async () => {
    guest('web-02').agentMs = 0;
    await sweep();
    let calls = 0;
    world.through((name, call, options) => {
      if (call.title.startsWith('Ask the agents')) calls += 1;
      return world.simulated.run(name, call, options);
    });
    expect(await minute()).toBe(2);
    expect([calls, known('web-01')?.list[0]?.mountpoint, known('web-02')?.list[0]?.mountpoint]).toEqual([1, '/', '/']);
    expect(await minute()).toBe(0);
    expect(await minute(14 * MINUTE)).toBe(2);
    expect(calls).toBe(2);
  });

  it('leaves alone what has no agent, what is off, and what an operation works on', async () => {
    const [operation] = world.rows.operations.recent({ team: null, vmId: null, limit: 1 });
    world.rows.transaction(() => world.rows.locks.take(operation?.id ?? '', ['vm:team-01/web-01']));
    expect(await minute()).toBe(0);
    expect([asks(), known('web-01'), known('web-02')]).toEqual([[], null, null]);
  });

  it('of an agent that hangs keeps what it said before, and asks it no more once a sweep has heard of it', async () => {
    await minute();
    const before = known();
    guest('web-01').agentHangs = true;
    world.clock.advance(15 * MINUTE);
    expect(await askFilesystems(deps(), 'kvm-1', new AbortController().signal)).toBe(1);
    expect(known()).toEqual(before);
    await minute(15 * MINUTE);
    expect(asks()).toHaveLength(2);
    // libvirt gives such an agent so long, and not for ever.
    expect(asks().every(({ line }) => /guest-agent-timeout --domain \S+ --timeout 8; guestinfo/.test(line))).toBe(true);
  });

  it('knows nothing more of a VM that is purged', async () => {
    await minute();
    const id = idOf('web-01');
    await world.change('vm.delete', { vm: 'web-01', force: true });
    await world.change('vm.purge', { vm: 'team-01/web-01' }, 'admin');
    expect(world.rows.filesystems.of(id)).toBeNull();
  });
});

describe('what is known', () => {
  it('stands in show and disk list, with when it was said', async () => {
    guest('web-01').diskUsed = 0.5;
    await minute();
    const shown = await reading('vm.show', { vm: 'web-01' });
    const fact = shown.notice.facts?.find(({ name }) => name === 'In the guest');
    expect(plainText(fact?.value ?? '', String)).toMatch(/^\/ on vda: 50 % of 983(\.\d+)? MiB; asked \d+$/);
    const list = await reading('vm.disk.list', { vm: 'web-01' });
    expect(list.notice.table?.columns[4]).toBe('In the guest');
    expect(list.notice.table?.rows[0]?.[4]).toBe('/ 50 %');
    const none = await reading('vm.disk.list', { vm: 'web-02' });
    expect(none.notice.table?.rows[0]?.[4]).toBe('–');
  });

  it('is measured while it is fresh', async () => {
    guest('web-01').diskUsed = 0.5;
    await minute();
    const used = () =>
      rowMetrics(world.rows, world.settings, world.clock.now())
        .find(({ name }) => name === 'hostler_vm_filesystem_used_ratio')
        ?.samples.map(({ labels, value }) => [labels, Math.round(value * 100)]);
    expect(used()).toEqual([[{ team: 'team-01', vm: 'web-01', mountpoint: '/' }, 50]]);
    world.clock.advance(46 * MINUTE);
    expect(used()).toEqual([]);
  });
});

describe('the alert', () => {
  it('of a filesystem over 80 % says which, opens the form to extend its disk, and is over when it has room again', async () => {
    guest('web-01').diskUsed = 0.8;
    await minute();
    expect(open()).toEqual([]);
    guest('web-01').diskUsed = 0.83;
    await minute(15 * MINUTE);
    expect(open().map(({ rule, channel, severity }) => [rule, channel, severity])).toEqual([
      ['vm-disk', 'team-01', 'warning'],
    ]);
    const card = world.service.card(open()[0]?.id ?? '');
    expect(card?.title).toBe('Filesystem use in the guest: team-01/web-01');
    expect(card?.lines?.map((line) => plainText(line, String))).toEqual([
      expect.stringMatching(/^team-01\/web-01: \/ on vda: 83 % of 983(\.\d+)? MiB, at most 80 % is good$/),
    ]);
    expect(card?.buttons?.[0]).toEqual({
      label: 'Extend disk',
      press: { do: 'open', name: 'vm.disk.extend', input: { vm: 'team-01/web-01', disk: 'vda' } },
      style: 'primary',
    });
    guest('web-01').diskUsed = 0.7;
    await minute(15 * MINUTE);
    expect(open()).toEqual([]);
  });

  it('is critical beyond 95 %, and says nothing where no agent tells', async () => {
    guest('web-01').diskUsed = 0.97;
    guest('web-02').diskUsed = 0.97;
    await minute();
    expect(open().map(({ severity }) => severity)).toEqual(['critical']);
    expect(world.rows.incidents.members(open()[0]?.id ?? '').map(({ name }) => name)).toEqual(['team-01/web-01']);
  });
});
