import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../src/domain/size.ts';
import type { Answer, RequestOptions } from '../../src/operations/service.ts';
import { ALWAYS, hostSettings } from '../kit/settings.ts';
import { makeWorld, type World } from '../kit/world.ts';

let world: World;
const made: World[] = [];
async function worldWith(options: Parameters<typeof makeWorld>[0] = {}, flavor = 'small'): Promise<World> {
  world = await makeWorld(options);
  made.push(world);
  const created = await world.change('vm.create', { name: 'web-01', image: 'tiny', flavor });
  expect([created.state, created.error]).toEqual(['succeeded', null]);
  return world;
}
afterEach(async () => {
  for (const each of made.splice(0)) await each.close();
});

const domain = () => {
  const found = world.hosts[0]?.domain('team-01-web-01');
  if (found === undefined) throw new Error('the VM is not there');
  return found;
};
const row = () => {
  const { vcpus = 0, memoryBytes = 0, flavor = '' } = world.rows.vms.byName('team-01', 'web-01') ?? {};
  return { vcpus, memory: memoryBytes / MiB, flavor };
};
const resize = (input: Record<string, unknown>, as?: string, options?: RequestOptions) =>
  world.ask('vm.resize', { vm: 'web-01', ...input }, as, options);
const done = async (input: Record<string, unknown>) => {
  const ended = await world.change('vm.resize', { vm: 'web-01', ...input });
  expect([ended.state, ended.error]).toEqual(['succeeded', null]);
  return ended;
};
function refused(answer: Answer): string {
  if (answer.kind !== 'refused') return `not refused: ${JSON.stringify(answer)}`;
  return `${answer.error.code}: ${answer.error.message} ${answer.error.hint ?? ''}`;
}

describe('a VM that runs', () => {
  beforeEach(async () => void (await worldWith()));

  it('is made with room to grow, which counts for nobody until it is used', () => {
    expect(domain().facts).toMatchObject({ vcpus: 1, maxVcpus: 2, currentKiB: 128 * 1024, memoryKiB: 256 * 1024 });
    expect(row()).toEqual({ vcpus: 1, memory: 128, flavor: 'small' });
  });

  it('grows while it runs, and its row with it', async () => {
    const boot = domain().live?.bootId;
    const ended = await done({ vcpus: 2, memory: '256MiB' });
    expect(ended.plan).toMatchObject({ risk: 'safe', title: 'Resize team-01/web-01 to 2 vCPU and 256 MiB' });
    expect(ended.plan.steps.map(({ name }) => name)).toEqual(['set-memory', 'plug-vcpus']);
    expect(domain().live).toMatchObject({ bootId: boot, facts: { vcpus: 2, currentKiB: 256 * 1024 } });
    expect(domain().facts).toMatchObject({ vcpus: 2, currentKiB: 256 * 1024 });
    expect(row()).toEqual({ vcpus: 2, memory: 256, flavor: 'custom' });
    expect(world.hosts[0]?.log.some(({ line }) => line.includes('--guest'))).toBe(true);
  });

  it('changes only what is asked for', async () => {
    expect((await done({ memory: '96MiB' })).plan.steps.map(({ name }) => name)).toEqual(['set-memory']);
    expect((await done({ vcpus: 2 })).plan.steps.map(({ name }) => name)).toEqual(['plug-vcpus']);
    expect(row()).toEqual({ vcpus: 2, memory: 96, flavor: 'custom' });
  });

  it('needs a restart beyond its maxima, and for fewer vCPUs; says what to type, and then does it', async () => {
    const more = refused(await resize({ vcpus: 3, memory: '1GiB' }));
    expect(more).toMatch(/^wrong_state: .*needs a restart.*2 vCPU at most; .*256 MiB of memory at most/);
    expect(more).toContain('/vm resize team-01/web-01 --vcpus 3 --memory 1024MiB --restart');
    const boot = domain().live?.bootId;
    const ended = await done({ vcpus: 3, memory: '1GiB', restart: true });
    expect(ended.plan.risk).toBe('disruptive');
    expect(domain().live?.bootId).not.toBe(boot);
    expect(domain().facts).toMatchObject({ vcpus: 3, maxVcpus: 6, currentKiB: 1024 ** 2, memoryKiB: 2 * 1024 ** 2 });
    expect(refused(await resize({ vcpus: 2 }))).toMatch(/^wrong_state: .*does not give vCPUs back/);
    await done({ vcpus: 2, restart: true });
    expect(row()).toEqual({ vcpus: 2, memory: 1024, flavor: 'custom' });
  });

  it('is rolled back where its guest does not follow the balloon', async () => {
    domain().guest.balloonMs = null;
    const ended = await world.change('vm.resize', { vm: 'web-01', memory: '192MiB' });
    expect([ended.state, ended.error?.message]).toEqual(['failed', expect.stringContaining('did not follow')]);
    expect(domain().facts).toMatchObject({ currentKiB: 128 * 1024 });
    expect(row()).toEqual({ vcpus: 1, memory: 128, flavor: 'small' });
  });

  it('takes no other size while it is suspended', async () => {
    await world.change('vm.suspend', { vm: 'web-01' });
    expect(refused(await resize({ memory: '192MiB' }))).toMatch(/^wrong_state: .*suspended.*\/vm resume/);
  });

  it('leaves its disk alone, and says so', async () => {
    const asked = await resize({ flavor: 'large', restart: true }, undefined, { dryRun: true });
    expect(JSON.stringify(asked)).toContain('Its disk stays at 1 GiB');
    await done({ flavor: 'large', restart: true });
    const back = await resize({ flavor: 'small', restart: true }, undefined, { dryRun: true });
    expect(JSON.stringify(back)).not.toContain('disk stays');
    expect(row().flavor).toBe('large');
  });

  it('keeps its pins valid', async () => {
    await world.change('vm.stop', { vm: 'web-01' });
    const pin = (xml: string) => {
      Object.assign(domain(), { xml });
    };
    const plain = domain().xml;
    pin(plain.replace("<vcpu placement='static'", "<vcpu placement='static' cpuset='3'"));
    expect(refused(await resize({ vcpus: 2 }))).toMatch(/^wrong_state: .*may run on 1 of its host’s CPUs \(3\)/);
    pin(plain.replace('<os>', "<cputune>\n    <vcpupin vcpu='0' cpuset='0'/>\n  </cputune>\n  <os>"));
    expect(refused(await resize({ vcpus: 2 }))).toMatch(/^wrong_state: .*pinned one by one.*vCPU 1 would have no pin/);
    expect((await resize({ memory: '192MiB' })).kind).toBe('operation');
    pin(plain.replace('<cpu ', "<cpu><topology sockets='1' cores='2' threads='1'/></cpu>\n  <cpu "));
    expect(refused(await resize({ vcpus: 3 }))).toMatch(/^wrong_state: .*CPU layout of its own/);
  });
});

describe('a VM that is off', () => {
  it('is simply given another definition', async () => {
    await worldWith();
    await world.change('vm.stop', { vm: 'web-01' });
    const ended = await done({ flavor: 'large' });
    expect([ended.plan.risk, ended.plan.steps.map(({ name }) => name)]).toEqual(['safe', ['set-size']]);
    expect(domain()).toMatchObject({ state: 'shut off', facts: { vcpus: 4, maxVcpus: 8, currentKiB: 4 * 1024 ** 2 } });
    expect(row()).toEqual({ vcpus: 4, memory: 4096, flavor: 'large' });
  });
});

describe('bad input', () => {
  beforeEach(async () => void (await worldWith()));

  it.each([
    ['nothing asked', {}, undefined, 'ask'],
    ['a flavor and a number', { flavor: 'large', vcpus: 2 }, undefined, /^invalid_input: .*not both/],
    ['no vCPUs', { vcpus: 0 }, undefined, /^invalid_input: vCPUs is "?0"?; at least 1/],
    ['no memory', { memory: '0MiB' }, undefined, /^invalid_input: 0 B of memory is too little/],
    ['too little memory', { memory: '32MiB' }, undefined, /^invalid_input: .*its guest needs 64 MiB.*64MiB/],
    ['memory without a unit', { memory: '512' }, undefined, /^invalid_input: .*is not a size/],
    ['more CPUs than the host has', { vcpus: 9, restart: true }, undefined, /^no_capacity: .*it has 8 CPUs/],
    ['more memory than the host has', { memory: '40GiB', restart: true }, undefined, /^no_capacity: .*31 GiB/],
    ['the size it has', { flavor: 'small' }, undefined, /^wrong_state: .*has 1 vCPU and 128 MiB already/],
    ['a flavor that there is not', { flavor: 'larg' }, undefined, /^not_found: .*no flavor larg.*Did you mean large/],
    ['past the quota', { memory: '21GiB', restart: true }, undefined, /^quota_exceeded: .*1 GiB too much/],
    ['another team’s VM', { vm: 'team-01/web-01', vcpus: 2 }, '02-dev1', /^forbidden: /],
  ])('%s', async (_told, input, as, expected) => {
    const answer = await resize(input, as);
    if (typeof expected === 'string') expect(answer.kind).toBe(expected);
    else expect(refused(answer)).toMatch(expected);
    expect(row()).toEqual({ vcpus: 1, memory: 128, flavor: 'small' });
  });

  it('a VM that another operation holds', async () => {
    const planned = await resize({ memory: '192MiB' });
    const restart = await world.ask('vm.restart', { vm: 'web-01' });
    if (planned.kind !== 'operation' || restart.kind !== 'operation') throw new Error('no plan');
    world.rows.locks.take(restart.row.id, restart.row.locks);
    const { id, digest } = planned.row;
    const pressed = await world.service.press({
      press: { do: 'accept', op: id, digest },
      actor: world.actor('01-dev1'),
    });
    expect(refused(pressed)).toMatch(/^conflict: .*web-01 is busy/);
  });
});

describe('what it holds', () => {
  it('asks its own host for room, whatever else there is', async () => {
    const memoryBytes = 3 * GiB;
    await worldWith({
      hosts: [
        { name: 'kvm-1', memoryBytes },
        { name: 'kvm-2', memoryBytes },
      ],
    });
    const other = { name: 'web-02', image: 'tiny', flavor: 'small' };
    expect(world.rows.vms.byName('team-01', 'web-01')?.host).toBe('kvm-1');
    await world.change('vm.create', { ...other, host: 'kvm-1' });
    expect(refused(await resize({ memory: '2GiB', restart: true }))).toMatch(
      /^no_capacity: Host kvm-1 has 1.8 GiB of memory left, 1.9 GiB are asked/,
    );
    expect((await resize({ memory: '1920MiB', restart: true })).kind).toBe('operation');
  });

  it('holds what it adds while it waits, and gives nothing back before its end', async () => {
    await worldWith({}, 'large');
    const shrink = await resize({ memory: '1GiB' });
    expect(shrink.kind).toBe('operation');
    expect(world.rows.held({})).toEqual({ vms: 0, vcpus: 0, memoryBytes: 0, diskBytes: 0 });
    await resize({ memory: '5GiB' });
    expect(world.rows.held({})).toMatchObject({ memoryBytes: GiB });
  });

  it('counts the larger of both sizes while it runs', async () => {
    await worldWith();
    const held: unknown[] = [];
    world.through(async (name, call, options) => {
      if (options?.lane === 'change') held.push(row());
      return world.simulated.run(name, call, options);
    });
    await done({ vcpus: 2, memory: '96MiB' });
    expect(held).toEqual(Array(2).fill({ vcpus: 2, memory: 128, flavor: 'small' }));
    expect(row()).toEqual({ vcpus: 2, memory: 96, flavor: 'custom' });
  });

  it('is approved by what it adds', async () => {
    const approvals = [{ when: { ...ALWAYS, minMemoryBytes: GiB }, from: 'lead', count: 1, validMs: 60_000 } as const];
    await worldWith({ settings: { approvals } });
    await done({ memory: '192MiB' });
    const asked = await resize({ memory: '2GiB', restart: true });
    if (asked.kind !== 'operation') throw new Error('no plan');
    const { id, digest } = asked.row;
    await world.service.press({ press: { do: 'accept', op: id, digest }, actor: world.actor('01-dev1') });
    expect(world.rows.operations.byId(id)?.state).toBe('awaiting_approval');
  });

  it('goes on a host that is cordoned: it is no new VM', async () => {
    await worldWith();
    Object.assign(world.settings, { hosts: [hostSettings('kvm-1', { state: 'cordoned' })] });
    await done({ memory: '192MiB' });
  });
});
