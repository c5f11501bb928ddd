import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../src/domain/size.ts';
import { subjectsOf } from '../../src/operations/alert/subjects.ts';
import { smallPool } from '../kit/small-pool.ts';

const { vm, world, host, pool, fillTo, sweep, done, refused, told } = smallPool();

/** All that could fill the pool further. */
const GREEDY: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' }],
  ['vm.disk.attach', { ...vm, size: '512MiB' }],
  ['vm.disk.extend', { ...vm, disk: 'vda', size: '+512MiB' }],
  ['snapshot.create', vm],
  ['snapshot.revert', { ...vm, name: 'one' }],
  ['vm.backup.now', vm],
  ['vm.backup.restore', { backup: 'web-01.1' }],
  ['vm.backup.restore', { backup: 'web-01.1', as: 'web-03' }],
];

describe('a pool at the brink', () => {
  it('takes nothing that could fill it, and says how much is missing; extended, it does again', async () => {
    fillTo(88);
    for (const [name, input] of GREEDY) {
      expect([name, await refused(name, input)]).toEqual([
        name,
        expect.stringMatching(
          /^no_capacity: .*[\d.]+ (MiB|GiB) are missing in its thin pool.*`\/storage pool extend`/s,
        ),
      ]);
    }
    expect(await told('image.add', { name: 'full' })).toMatch(/^no_capacity: No room for image full: .* are missing/);
    await done('storage.pool.extend', { host: 'kvm-1', by: '1.5GiB' }, 'admin');
    expect(pool().sizeBytes).toBe(3.5 * GiB);
    world().clock.advance(61_000);
    for (const [name, input] of GREEDY) {
      const asked = await world().ask(name, input);
      expect([name, asked.kind === 'refused' ? asked.error.message : asked.kind]).toEqual([name, 'operation']);
      if (asked.kind === 'operation')
        await world().service.press({
          press: { do: 'cancel', op: asked.row.id, digest: asked.row.digest },
          actor: world().actor('01-dev1'),
        });
    }
  });

  it('counts what others are being given just now', async () => {
    fillTo(40);
    const first = await world().ask('vm.disk.attach', { ...vm, size: '800MiB' });
    expect(first.kind).toBe('operation');
    expect(await refused('vm.create', { name: 'web-02', image: 'tiny', flavor: 'small' })).toMatch(
      /are missing in its thin pool.* may grow to 1 GiB, and 800 MiB go to what is under way there/,
    );
  });
});

describe('extending it', () => {
  const extend = async (input: Readonly<Record<string, unknown>>) => {
    const asked = await world().ask('storage.pool.extend', { host: 'kvm-1', ...input }, 'admin');
    return asked.kind === 'refused' ? `${asked.error.code}: ${asked.error.message}. ${asked.error.hint}` : asked;
  };

  it('is for admins', async () => {
    expect(await refused('storage.pool.extend', { host: 'kvm-1', by: '1GiB' })).toMatch(/Only platform admins/);
    expect(await refused('storage.pool.show', {})).toMatch(/Only platform admins/);
  });

  it('says that there is no way back, and what is free', async () => {
    const asked = await extend({ by: '1GiB', metadata: '8MiB' });
    if (typeof asked === 'string' || asked.kind !== 'operation') throw new Error('no plan');
    const { notes, steps } = asked.row.plan;
    expect(notes[0]).toBe('There is no way back: a thin pool can’t be made smaller again.');
    expect(notes.join(' ')).toMatch(/Data: 2 GiB → 3 GiB.*Metadata: 4 MiB → 12 MiB.* are free in cloudvg now/);
    expect(steps.slice(0, 2).map(({ undo }) => undo)).toEqual(['no-way-back', 'no-way-back']);
  });

  it('is refused with how much is missing where its group has too little', async () => {
    expect(await extend({ by: '3GiB' })).toMatch(
      /^no_capacity: kvm-1 has 2 GiB free in cloudvg: [\d.]+ (MiB|GiB) are missing to extend thinpool. .*vgextend cloudvg DEVICE/,
    );
    await done('storage.pool.extend', { host: 'kvm-1', by: '2GiB' }, 'admin');
    fillTo(95);
    expect(await extend({})).toMatch(/^no_capacity: .* are missing to extend thinpool/);
  });

  it('takes what is good for it where nobody gives a size, or what there is', async () => {
    expect(await extend({})).toMatch(/^wrong_state: thinpool on kvm-1 has room: .*--by 20GiB/);
    fillTo(91);
    await done('storage.pool.extend', { host: 'kvm-1' }, 'admin');
    expect(pool().sizeBytes).toBe(2.6 * GiB + (4 * MiB - ((2.6 * GiB) % (4 * MiB))));
    await done('storage.pool.extend', { host: 'kvm-1', by: '1GiB' }, 'admin');
    fillTo(95);
    const asked = await extend({});
    if (typeof asked === 'string' || asked.kind !== 'operation') throw new Error('no plan');
    expect(asked.row.plan.notes.join(' ')).toContain('That is all there is.');
  });

  it('wants a size for one that does not say how full it is', async () => {
    pool().active = false;
    expect(await extend({})).toMatch(/^wrong_state: thinpool on kvm-1 does not say how full it is. .*--by 20GiB/);
  });

  it('refuses what is no size, and a host that is none', async () => {
    expect(await extend({ by: '0GiB' })).toMatch(/^invalid_input: 0GiB is nothing to extend it by/);
    expect(await extend({ by: '5' })).toMatch(/^invalid_input: "5" is not a size/);
    expect(await extend({ metadata: '16GiB' })).toMatch(/^invalid_input: Metadata of a thin pool can have 15.8 GiB/);
    expect(await extend({ host: 'kvm-2', by: '1GiB' })).toMatch(
      /^not_found: There is no host kvm-2. Did you mean kvm-1/,
    );
  });
});

describe('showing it', () => {
  const shown = async (input: Readonly<Record<string, unknown>>) => {
    const asked = await world().ask('storage.pool.show', input, 'admin');
    if (asked.kind !== 'reading') throw new Error(JSON.stringify(asked));
    return asked;
  };

  it('tells the pace, and when it is full', async () => {
    expect(JSON.stringify((await shown({})).notice)).toContain('not known yet');
    fillTo(70);
    for (let minute = 0; minute < 12; minute += 1) {
      pool().mappedBytes += 8 * MiB;
      await sweep();
      world().clock.advance(60_000);
    }
    const { json, notice } = await shown({ host: 'kvm-1' });
    const [only] = json as readonly { bytesPerHour: number; hoursToFull: number }[];
    expect(only?.bytesPerHour).toBeGreaterThan(400 * MiB);
    expect(only?.bytesPerHour).toBeLessThan(560 * MiB);
    expect(only?.hoursToFull).toBeCloseTo((0.6 * GiB - 96 * MiB) / (480 * MiB), 0);
    expect(JSON.stringify(notice)).toMatch(/MiB an hour, full in about 1 h at this pace/);
    const alerted = subjectsOf(world().rows, world().settings, world().clock.now()).find(({ kind }) => kind === 'pool');
    expect(alerted?.details['data']).toMatch(/^7\d(\.\d)? %, full in about 1 h at this pace$/);
    expect(notice.buttons?.map(({ label }) => label)).toContain('Extend pool');
  });

  it('says so where a host does not answer', async () => {
    host().trouble.add({ match: /lvs/, when: 'before', kind: 'fail', times: 9 });
    const { json, notice } = await shown({});
    expect(json).toMatchObject([{ host: 'kvm-1', sizeBytes: null, trouble: expect.any(String) }]);
    expect(notice.tone).toBe('bad');
  });
});
