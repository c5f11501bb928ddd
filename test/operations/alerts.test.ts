import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { end } from '../../demo/fleet/model/domains.ts';
import { watched } from '../../demo/fleet/model/watched.ts';
import { plainText } from '../../src/domain/notice.ts';
import { readNotice } from '../../src/domain/notice-schema.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import type { IncidentRow } from '../../src/operations/alert/alert-rows.ts';
import { evaluateAlerts } from '../../src/operations/alert/evaluate.ts';
import { sweepHost } from '../../src/operations/watch/sweep.ts';
import { makeWorld, type World } from '../kit/world.ts';

const MINUTE = 60_000;
let world: World;
/** How far each host's clock is off. */
const wrong = new Map<string, number>();
beforeEach(async () => {
  wrong.clear();
  world = await makeWorld({ hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }] });
  for (const name of ['web-01', 'web-02', 'web-03'])
    await world.change('vm.create', { name, image: 'tiny', flavor: 'small', host: 'kvm-1' });
  await sweeps(2);
  expect(incidents()).toEqual([]);
});
afterEach(async () => {
  expect(world.simulated.unknown()).toEqual([]);
  await world.close();
});

/** As the schedule does, each minute. */
async function sweeps(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    world.clock.advance(MINUTE);
    for (const { model } of world.hosts) {
      model.bootedAt -= MINUTE;
      watched(model).clockOffsetMs = world.clock.now() - Date.now() + (wrong.get(model.name) ?? 0);
      for (const { live } of model.domains)
        if (live !== null) Object.assign(live, { startedAt: live.startedAt - MINUTE });
    }
    const deps = { ...world, driver: makeDriver() };
    await Promise.all(world.hosts.map(({ name }) => sweepHost(deps, name, new AbortController().signal)));
    evaluateAlerts({ ...world, ids: randomIds() });
  }
}

function host(at = 0) {
  const found = world.hosts[at];
  if (found === undefined) throw new Error(`there is no host ${at}`);
  return found;
}
const domain = (name: string) => host().domain(`team-01-${name}`);
const kill = (name: string): void => end(host().model, domain(name), 'crashed', host().clock.now());
const incidents = (): readonly IncidentRow[] => world.rows.incidents.recent(null, 100);
const open = () => incidents().filter(({ resolvedAt }) => resolvedAt === null);
const told = () =>
  incidents().map(({ rule, channel, resolvedAt }) => [rule, channel, resolvedAt === null ? 'open' : 'over']);
const first = (): IncidentRow => {
  const [found] = incidents();
  if (found === undefined) throw new Error('there is no incident');
  return found;
};
const Posted = z.object({
  key: z.string(),
  wanted: z.string(),
  under_operation: z.string().nullable(),
  notice_json: z.string(),
});
/** Messages about alerts, beside the cards: key's kind, where to, what it says. */
function replies(): readonly { readonly kind: string; readonly to: string; readonly text: string }[] {
  return world.db
    .prepare("select key, wanted, under_operation, notice_json from outbox where key like 'alert:%' order by id")
    .all()
    .map((row) => Posted.parse(row))
    .map(({ key, wanted, notice_json }) => {
      const notice = readNotice(JSON.parse(notice_json));
      const lines = notice?.lines?.map((line) => plainText(line, String)) ?? [];
      return { kind: key.split(':')[2] ?? '', to: wanted, text: lines.join(' ') };
    });
}
const cards = (): number =>
  z.number().parse(world.db.prepare("select count(*) from card where operation_id like 'inc_%'").pluck().get());

describe('an incident', () => {
  it('of a VM that crashed is one message in its team’s channel, with a button, and one resolve', async () => {
    kill('web-01');
    await sweeps(2);
    expect(told()).toEqual([['vm-down', 'team-01', 'open']]);
    const card = world.service.card(first().id);
    expect(card).toMatchObject({ tone: 'bad', title: 'VM is down: team-01/web-01' });
    expect(card?.buttons?.map(({ label }) => label)).toEqual(['Start', 'Acknowledge', 'Silence 1 h', 'Show']);
    expect(card?.buttons?.[0]?.press).toEqual({ do: 'run', name: 'vm.start', input: { vm: 'team-01/web-01' } });
    await sweeps(3);
    await world.change('vm.start', { vm: 'web-01' });
    await sweeps(2);
    expect(told()).toEqual([['vm-down', 'team-01', 'over']]);
    expect(world.service.card(first().id)).toMatchObject({
      tone: 'good',
      title: 'VM is down: team-01/web-01, resolved',
    });
    expect(replies().map(({ kind, to }) => [kind, to])).toEqual([['resolved', 'team-01']]);
    expect(cards()).toBe(1);
  });

  it('is none for a VM that its team shut down, or works on', async () => {
    await world.change('vm.shutdown', { vm: 'web-01' });
    await sweeps(4);
    expect(incidents()).toEqual([]);
    kill('web-02');
    world.rows.locks.take(world.rows.operations.recent({ team: null, vmId: null, limit: 1 })[0]?.id ?? '', [
      'vm:team-01/web-02',
    ]);
    await sweeps(4);
    expect(incidents()).toEqual([]);
  });

  it('of a host that is down is one, in the admin channel, that names its VMs; and nothing else', async () => {
    host().trouble.down = true;
    await sweeps(5);
    expect(told()).toEqual([['host-unreachable', 'ops', 'open']]);
    expect(world.service.card(first().id)?.lines?.map((line) => plainText(line, String))).toEqual([
      expect.stringMatching(/kvm-1: .*VMs on it: team-01\/web-01, team-01\/web-02, team-01\/web-03/),
    ]);
    host().trouble.down = false;
    await sweeps(2);
    expect(told()).toEqual([['host-unreachable', 'ops', 'over']]);
    expect(replies().map(({ kind }) => kind)).toEqual(['resolved']);
  });

  it('of libvirt that stopped is one, and says nothing of VMs', async () => {
    host().model.libvirt.running = false;
    await sweeps(5);
    expect(told()).toEqual([['host-libvirt', 'ops', 'open']]);
    host().model.libvirt.running = true;
    await sweeps(2);
    expect(told()).toEqual([['host-libvirt', 'ops', 'over']]);
  });

  it('of a pool that fills is one, that turns critical', async () => {
    host().fillPool(0.85);
    await sweeps(4);
    expect(told()).toEqual([['pool-data', 'ops', 'open']]);
    expect(first()).toMatchObject({ severity: 'warning' });
    host().fillPool(0.78);
    await sweeps(2);
    expect(open()).toHaveLength(1);
    host().fillPool(0.97);
    await sweeps(1);
    expect(first()).toMatchObject({ severity: 'critical' });
    host().fillPool(0.5);
    await sweeps(1);
    expect(told()).toEqual([['pool-data', 'ops', 'over']]);
    expect(replies().map(({ kind }) => kind)).toEqual(['worse', 'resolved']);
  });

  it('of memory, clock, NFS, KVM and kills by the kernel is one for each, on its host', async () => {
    watched(host().model).eatenBytes = 28 * 1024 ** 3;
    await sweeps(12);
    expect(told()).toEqual([['host-memory', 'ops', 'open']]);
    // A kill for want of memory is explained by that.
    watched(host().model).oomKills += 1;
    await sweeps(1);
    expect(told()).toEqual([['host-memory', 'ops', 'open']]);
    const other = host(1).model;
    wrong.set('kvm-2', 3_600_000);
    watched(other).nfs.push({ source: 'nas:/a', target: '/mnt/a', state: 'silent' });
    other.kvm = false;
    await sweeps(7);
    expect(
      open()
        .map(({ rule }) => rule)
        .sort(),
    ).toEqual(['host-clock', 'host-kvm', 'host-memory', 'host-nfs']);
  });

  it('of many VMs at once is one message, and what comes later is another', async () => {
    for (const name of ['web-01', 'web-02']) kill(name);
    await sweeps(3);
    expect(told()).toEqual([['vm-down', 'team-01', 'open']]);
    expect(world.service.card(first().id)?.title).toBe('VM is down: 2 VMs');
    await sweeps(6);
    kill('web-03');
    await sweeps(3);
    expect(told()).toHaveLength(2);
  });

  it('that begins anew within minutes is the same message', async () => {
    kill('web-01');
    await sweeps(3);
    host().sh(['virsh', 'start', '--domain', domain('web-01').uuid]);
    await sweeps(2);
    expect(told()).toEqual([['vm-down', 'team-01', 'over']]);
    kill('web-01');
    await sweeps(3);
    expect(told()).toEqual([['vm-down', 'team-01', 'open']]);
    expect(replies().map(({ kind }) => kind)).toEqual(['resolved', 'reopened']);
  });

  it('that nobody takes is escalated once, to the admin channel and a person; one that is acknowledged is not', async () => {
    kill('web-01');
    await sweeps(20);
    expect(replies().map(({ kind, to }) => [kind, to])).toEqual([
      ['escalated', 'team-01'],
      ['called', 'ops'],
    ]);
    expect(replies()[0]?.text).toMatch(/^admin Nobody has acknowledged it/);
    await sweeps(20);
    expect(replies()).toHaveLength(2);
  });

  it('can be acknowledged at once by whoever it belongs to, and by nobody else', async () => {
    kill('web-01');
    await sweeps(3);
    const { id } = first();
    expect(await world.ask('alert.ack', { alert: id }, '02-dev1')).toMatchObject({
      kind: 'refused',
      error: { code: 'forbidden' },
    });
    expect(await world.ask('alert.ack', { alert: id })).toMatchObject({
      kind: 'operation',
      row: { state: 'succeeded' },
    });
    expect(first()).toMatchObject({ ackedBy: '01-dev1' });
    expect(await world.ask('alert.ack', { alert: id })).toMatchObject({
      kind: 'refused',
      error: { code: 'wrong_state' },
    });
    await sweeps(20);
    expect(replies()).toEqual([]);
    await world.ask('alert.assign', { alert: id, person: '01-dev2' });
    expect(first()).toMatchObject({ assignee: '01-dev2' });
    expect(replies().map(({ kind }) => kind)).toEqual(['assigned']);
    expect(world.rows.audit.list({ limit: 50, kind: 'operation.accepted' }).length).toBeGreaterThan(0);
  });

  it('is silent while it is silenced, and told when that is over and it still holds', async () => {
    await world.ask('alert.silence', { what: 'web-01', for: '10m' }, '01-dev1', { reason: 'new release' });
    kill('web-01');
    await sweeps(8);
    expect(incidents()).toEqual([]);
    await sweeps(4);
    expect(told()).toEqual([['vm-down', 'team-01', 'open']]);
    // Its team's error budget is another matter, and tells later of an outage that lasts.
    const { id } = first();
    await world.ask('alert.silence', { what: id, for: '1h' });
    expect(world.service.card(id)).toMatchObject({ tone: 'plain' });
    await sweeps(20);
    expect(replies()).toEqual([]);
    await world.ask('alert.unsilence', { what: id });
    await sweeps(1);
    expect(replies().map(({ kind }) => kind)).toContain('escalated');
  });

  it('is none on a host in maintenance', async () => {
    expect(await world.ask('host.maintenance', { host: 'kvm-1' }, '01-dev1')).toMatchObject({ kind: 'refused' });
    await world.ask('host.maintenance', { host: 'kvm-1', for: '1h' }, 'admin');
    host().trouble.down = true;
    await sweeps(5);
    host().trouble.down = false;
    kill('web-01');
    await sweeps(5);
    expect(incidents()).toEqual([]);
  });

  it('ends with its VM', async () => {
    kill('web-01');
    await sweeps(3);
    await world.change('vm.delete', { vm: 'web-01' }, '01-lead');
    await sweeps(1);
    expect(told()).toEqual([['vm-down', 'team-01', 'over']]);
  });

  it('is forgotten when it has been over for more than a year', async () => {
    kill('web-01');
    await sweeps(3);
    await world.change('vm.start', { vm: 'web-01' });
    await sweeps(3);
    expect(told()).toEqual([['vm-down', 'team-01', 'over']]);
    world.clock.advance(390 * 24 * 60 * MINUTE);
    await sweeps(1);
    expect(incidents().map(({ id }) => id)).toContain(first().id);
    const old = incidents().at(-1)?.id;
    world.clock.advance(15 * 24 * 60 * MINUTE);
    await sweeps(1);
    expect(incidents().map(({ id }) => id)).not.toContain(old);
  });

  it('is listed, shown and tried', async () => {
    kill('web-01');
    await sweeps(3);
    const list = await world.ask('alert.list', {});
    expect(list).toMatchObject({
      kind: 'reading',
      notice: { title: '1 open alert' },
      json: [{ rule: 'vm-down', state: 'critical' }],
    });
    expect(await world.ask('alert.list', {}, '02-dev1', { team: 'team-02' })).toMatchObject({ json: [] });
    expect(await world.ask('alert.show', { alert: first().id })).toMatchObject({ kind: 'reading' });
    expect(await world.ask('alert.show', { alert: first().id }, '02-dev1')).toMatchObject({ kind: 'refused' });
    expect(await world.ask('alert.rules', {})).toMatchObject({ kind: 'reading' });
    expect(await world.ask('alert.test', { rule: 'vm.down' })).toMatchObject({
      notice: { title: 'vm.down: true of 1 of 3' },
    });
    expect(await world.ask('alert.test', { rule: 'host.cpus > 5' })).toMatchObject({
      kind: 'refused',
      error: { message: expect.stringMatching(/no condition/), hint: expect.stringMatching(/did you mean cpu/) },
    });
  });
});
