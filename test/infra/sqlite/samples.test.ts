import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isPeak, SAMPLE_METRICS, type Sample, type Values } from '../../../src/domain/samples.ts';
import { type TestDatabase, testDatabase } from './kit.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A midnight. */
const START = 1_800_000_000_000 - (1_800_000_000_000 % DAY);

let base: TestDatabase;
beforeEach(() => {
  base = testDatabase();
});
afterEach(() => base.end());

function vm(change: Partial<Values<'vm'>> = {}, object = 'vm_1'): Sample<'vm'> {
  const nothing = {
    up: 1,
    cpu: null,
    cpu_wait: null,
    memory: null,
    disk_bytes: null,
    disk_read: null,
    disk_write: null,
    net_rx: null,
    net_tx: null,
  };
  return { kind: 'vm', object, values: { ...nothing, ...change } };
}

const POOL: Values<'pool'> = { data: 1, metadata: 1, size_bytes: 1, disk_read: 1, disk_write: 1 };

/** A sample each minute of `[from, to)`, tidied as the schedule does. */
function run(from: number, to: number, sample: (at: number) => Sample): void {
  base.rows.transaction(() => {
    for (let at = from; at < to; at += MINUTE) {
      base.rows.samples.add(at, [sample(at)]);
      base.rows.samples.tidy(at + 1);
    }
    base.rows.samples.tidy(to);
  });
}

const count = (where: string): number =>
  z.number().parse(base.db.prepare(`select count(*) from ${where}`).pluck().get());

describe('samples', () => {
  it('have the columns that are declared', () => {
    for (const kind of ['host', 'vm', 'pool'] as const) {
      const wanted = Object.entries(SAMPLE_METRICS[kind]).flatMap(([name, metric]) =>
        isPeak(metric) ? [name, `${name}_peak`] : [name],
      );
      const columns = z.array(z.object({ name: z.string() })).parse(base.db.pragma(`table_info(${kind}_sample)`));
      expect(columns.map(({ name }) => name)).toEqual(['minutes', 'object', 'at', ...wanted]);
    }
  });

  it('give the newest of each object since an instant', () => {
    const { samples } = base.rows;
    samples.add(START, [vm({ cpu: 1 }, 'vm_1'), vm({ cpu: 2 }, 'vm_2')]);
    samples.add(START + MINUTE, [vm({ cpu: 3 }, 'vm_1')]);
    samples.add(START + 2 * MINUTE, [vm({ cpu: 4 }, 'vm_1'), { kind: 'pool', object: 'vm_3', values: POOL }]);
    const latest = samples.latestSince('vm', START + MINUTE);
    expect([...latest.keys()]).toEqual(['vm_1']);
    // The same as one by one, but for the peaks, which are of rollups alone.
    const { at, values } = samples.latest('vm', 'vm_1') ?? { at: 0, values: {} };
    const own = Object.entries(values).filter(([name]) => !name.endsWith('_peak'));
    expect(latest.get('vm_1')).toEqual({ at, values: Object.fromEntries(own) });
    expect(latest.get('vm_1')?.values['cpu']).toBe(4);
    expect(samples.latestSince('vm', START).size).toBe(2);
  });

  it('stand at their minute; a second one in it wins where it knows something', () => {
    const { samples } = base.rows;
    samples.add(START + 1000, [vm({ cpu: 10, memory: 50 })]);
    samples.add(START + 30_000, [vm({ cpu: 20 })]);
    expect(samples.latest('vm', 'vm_1')).toMatchObject({ at: START, values: { cpu: 20, memory: 50 } });
    expect(samples.latest('vm', 'vm_2')).toBeNull();
    expect(samples.series('vm', 'vm_1', 1, START, START + DAY)).toHaveLength(1);
  });

  it('roll up: the mean with its peak, the largest, and only what is known', () => {
    run(START, START + 60 * MINUTE, (at) => {
      const minute = (at - START) / MINUTE;
      return vm({ cpu: minute % 10 === 0 ? null : minute, disk_bytes: minute, up: minute < 30 ? 1 : 0 });
    });
    const { samples } = base.rows;
    const tens = samples.series('vm', 'vm_1', 10, START, START + DAY);
    expect(tens).toHaveLength(6);
    expect(tens[0]).toMatchObject({ at: START, values: { cpu: 5, cpu_peak: 9, disk_bytes: 9, up: 1 } });
    const hours = samples.series('vm', 'vm_1', 60, START, START + DAY);
    expect(hours).toHaveLength(1);
    expect(hours[0]?.values).toMatchObject({ cpu: 30, cpu_peak: 59, disk_bytes: 59, up: 0.5, memory: null });
  });

  it('are bounded: two days of minutes, thirty of ten minutes, and an object without samples is forgotten', () => {
    run(START, START + 3 * DAY, () => vm({ cpu: 1 }));
    expect(count('vm_sample where minutes = 1')).toBeLessThanOrEqual(2 * 24 * 60 + 11);
    expect(count('vm_sample where minutes = 10')).toBe(3 * 24 * 6);
    base.rows.samples.tidy(START + 40 * DAY);
    expect([count('vm_sample where minutes = 1'), count('vm_sample where minutes = 10')]).toEqual([0, 0]);
    expect(count('vm_sample where minutes = 60')).toBe(3 * 24);
    base.rows.samples.tidy(START + 800 * DAY);
    expect([count('vm_sample'), count('sample_object')]).toEqual([0, 0]);
  });

  it('bear a day without any, and a clock that ran ahead', () => {
    run(START, START + 20 * MINUTE, () => vm({ cpu: 1 }));
    run(START + DAY, START + DAY + 20 * MINUTE, () => vm({ cpu: 2 }));
    expect(base.rows.samples.series('vm', 'vm_1', 10, START, START + 2 * DAY).map(({ values }) => values.cpu)).toEqual([
      1, 1, 2, 2,
    ]);
    base.rows.samples.add(START + 300 * DAY, [vm({ cpu: 99 })]);
    run(START + DAY + 20 * MINUTE, START + DAY + 40 * MINUTE, () => vm({ cpu: 3 }));
    expect(count('vm_sample where cpu = 99')).toBe(0);
    expect(
      base.rows.samples.series('vm', 'vm_1', 10, START + DAY, START + 2 * DAY).map(({ values }) => values.cpu),
    ).toEqual([2, 2, 3, 3]);
  });
});

describe('what is remembered', () => {
  it('comes back as it was written', () => {
    const { counters, watch } = base.rows;
    const some = {
      uptimeSeconds: 1,
      cpu: null,
      swapIn: 0,
      swapOut: 0,
      oomKills: null,
      disks: {},
      pools: {},
      guests: {},
    };
    expect(counters.of('kvm-1')).toBeNull();
    counters.save('kvm-1', 5, some);
    expect(counters.of('kvm-1')).toEqual({ at: 5, counters: some });
    expect(watch.of('vm_1')).toMatchObject({ wanted: null, starts: [], restartLimit: null });
    watch.update('vm_1', { wanted: 'running', wantedAt: 7, starts: [1, 2] });
    watch.update('vm_1', { askedAt: 9 });
    expect(watch.of('vm_1')).toMatchObject({ wanted: 'running', wantedAt: 7, askedAt: 9, starts: [1, 2] });
    watch.forget('vm_1');
    expect(watch.of('vm_1').wanted).toBeNull();
  });
});
