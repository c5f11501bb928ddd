import { afterEach, describe, expect, it } from 'vitest';
import { SAMPLE_METRICS } from '../../src/domain/samples.ts';
import { recordCapacity } from '../../src/operations/capacity/record.ts';
import { makeWorld, type World } from '../kit/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let world: World;
afterEach(() => world.close());

const two = () => makeWorld({ hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }], images: false });

/** The JSON of a reading, and its words. */
async function read(name: string, input: Record<string, unknown> = {}, as = '01-dev1') {
  const answer = await world.ask(name, input, as);
  if (answer.kind !== 'reading') throw new Error(JSON.stringify(answer));
  const { lines = [], table } = answer.notice;
  return { title: answer.notice.title, json: answer.json, text: JSON.stringify([lines, table]) };
}

/** Days on which each time one more of the fleet's memory was promised. */
function history(days: number, share: (day: number) => number): void {
  const today = Math.floor(world.clock.now() / DAY);
  const part = (limit: number, allocated: number) => ({ size: limit, limit, allocated, held: 0, used: allocated / 2 });
  world.rows.capacity.save(
    Array.from({ length: days }, (_, n) => ({
      scope: 'fleet',
      day: today - days + 1 + n,
      measures: { vcpus: part(64, 8), memory: part(100, 100 * share(n)), disk: part(1000, 100) },
    })),
  );
}

describe('/capacity show', () => {
  it('shows hosts, head-room and the teams that one may see, and says that nothing is known of the future', async () => {
    world = await two();
    const { json, text, title } = await read('capacity.show');
    expect(title).toBe('Capacity of 2 hosts');
    expect(json).toMatchObject({
      hosts: [{ name: 'kvm-1' }, { name: 'kvm-2' }],
      headRoom: { memory: { without: 'kvm-1' } },
      teams: [{ name: 'team-01', vcpus: { limit: 20, allocated: 0, free: 20 } }],
      outlook: [],
    });
    expect(text).toContain('No day is on record yet');
    expect((await read('capacity.show', {}, 'admin')).json).toMatchObject({
      teams: [{ name: 'team-01' }, { name: 'team-02' }],
    });
  });

  it('looks ahead where there are days enough, with dates', async () => {
    world = await two();
    history(10, () => 0.5);
    expect((await read('capacity.show')).text).toContain('too little is known to look ahead: 10 of 14 days');
    history(60, (day) => 0.2 + day / 120);
    const { text, json } = await read('capacity.show');
    expect(text).toMatch(
      /Memory promised: .{0,20}grows by .{1,12} in 30 days; 80 % about \d{4}-\d\d-\d\d \(\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\)/,
    );
    expect(text).toMatch(/vCPUs promised: .{0,20}steady; 80 % not within 120 days; 100 % not within 120 days/);
    const [, memory] = Object(json).outlook;
    expect(memory).toMatchObject({ resource: 'memory', at80: { likely: 13 }, at100: { likely: 37 } });
  });

  it('keeps what there is each day, once for the day', async () => {
    world = await two();
    await read('capacity.show');
    for (const day of [20_000, 20_001, 20_001]) await recordCapacity(world.rows, world.settings, world.clock, day);
    expect(world.rows.capacity.series('fleet', 0, 99_999).map(({ day }) => day)).toEqual([20_000, 20_001]);
    expect(world.rows.capacity.series('host/kvm-2', 20_001, 20_001)).toMatchObject([
      { measures: { vcpus: { allocated: 0 } } },
    ]);
    expect(world.rows.capacity.series('team/team-02', 20_001, 20_001)).toMatchObject([
      { measures: { vcpus: { limit: 20 } } },
    ]);
    await recordCapacity(world.rows, world.settings, world.clock, 20_900);
    expect(world.rows.capacity.series('fleet', 0, 99_999).map(({ day }) => day)).toEqual([20_900]);
  });
});

describe('/capacity plan', () => {
  it('places what is asked by the real placement, and says when it stops', async () => {
    world = await two();
    const few = await read('capacity.plan', { add: '2xsmall' });
    expect(few.json).toMatchObject({ fit: 2, stopped: null, hosts: [{ vms: 1 }, { vms: 1 }] });
    const many = await read('capacity.plan', { add: ['100xlarge', '1xsmall'] });
    expect(many.json).toMatchObject({ stopped: { code: 'no_capacity' } });
    expect(many.title).toMatch(/^100 × large and 1 × small: \d+ of 101 fit$/);
    expect(many.text).toContain('of memory left');
  });

  it.each([
    ['10 mediums', 'Give for example 10xmedium'],
    ['3xhuge', 'There is no flavor huge'],
    ['0xsmall', '0 VMs can’t be planned at once'],
    ['999xsmall', '999 VMs can’t be planned at once'],
  ])('refuses %s', async (add, told) => {
    world = await two();
    const answer = await world.ask('capacity.plan', { add });
    expect(answer.kind).toBe('refused');
    expect(JSON.stringify(answer)).toContain(told);
  });

  it('looks ahead with what is added', async () => {
    world = await two();
    history(60, (day) => 0.2 + day / 120);
    const { text } = await read('capacity.plan', { add: '1xsmall' });
    expect(text).toMatch(/Memory promised with them: .{0,90}80 % is reached/);
  });
});

describe('/capacity idle', () => {
  it('finds what is off, unused and too large, by what was measured', async () => {
    world = await makeWorld();
    for (const [name, flavor] of [
      ['busy', 'small'],
      ['off', 'small'],
      ['asleep', 'small'],
      ['large', 'large'],
      ['new', 'small'],
    ])
      await world.change('vm.create', { name, image: 'tiny', flavor });
    const until = Math.floor(world.clock.now() / HOUR) * HOUR;
    const none = Object.fromEntries(Object.keys(SAMPLE_METRICS.vm).map((column) => [column, null]));
    const insert = world.db.prepare(
      'insert into vm_sample (minutes, object, at, up, cpu, memory, net_rx, net_tx) values (60, ?, ?, ?, ?, ?, ?, 0)',
    );
    const numbers = {
      busy: [1, 60, 70, 1e6],
      off: [0, null, null, null],
      asleep: [1, 0.3, 20, 10],
      large: [1, 5, 2, 1e6],
    };
    for (const [name, values] of Object.entries(numbers)) {
      const vm = world.rows.vms.byName('team-01', name);
      if (vm === null) throw new Error(name);
      world.rows.samples.add(until, [{ kind: 'vm', object: vm.id, values: { ...none, up: 1 } as never }]);
      const id = world.db.prepare("select id from sample_object where kind = 'vm' and name = ?").pluck().get(vm.id);
      for (let hour = 1; hour <= 200; hour += 1) insert.run(id, until - hour * HOUR, ...values);
    }
    const { json, title, text } = await read('capacity.idle');
    expect(json).toMatchObject([
      { name: 'team-01/asleep', finding: 'unused' },
      { name: 'team-01/large', finding: 'oversized', flavor: 'small', hours: 200 },
      { name: 'team-01/off', finding: 'off' },
    ]);
    expect(title).toMatch(/^3 of 5 VMs are idle or too large: 4\.1 GiB of memory could be had back/);
    expect(text).toContain('Of 1 VMs too little is measured yet');
  });
});
