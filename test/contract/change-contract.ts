import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { Driver } from '../../src/operations/driver.ts';
import type { HostCall } from '../../src/operations/ports.ts';
import type { Bench, HostTrouble } from './world.ts';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;

/** What has changed between two points of a thin volume, into a file and back. */
export function changeContract({ world, prefix, marks, ask, until }: Bench): void {
  describe('changes', () => {
    const names = ['guest', 'then', 'now', 'again', 'twin'];
    const volume = (name: string) => ({ vg: world().vg, name: `${prefix}-${name}` });
    const pool = () => ({ vg: world().vg, name: world().pool });
    const path = (name: string) => `${world().directory}/${prefix}-${name}`;
    const unit = `hostler-${prefix}-changes`;
    const plain = { rate: null, encryptTo: null };
    let mend: (() => Promise<void>) | null = null;
    const trouble = async (kind: HostTrouble) => {
      mend = await world().trouble(kind, prefix);
    };
    const mended = async () => {
      await mend?.();
      mend = null;
    };
    const clear = () => ask((driver) => driver.images.stopPouring(unit));
    const carriedOut = async (call: (driver: Driver) => HostCall<void>) => {
      await ask(call);
      const end = await until(
        (driver) => driver.images.pouring(unit),
        (state) => state !== 'running',
      );
      await clear();
      return end;
    };
    const snapshot = (of: string, name: string) =>
      ask((driver) =>
        driver.volumes.clone({
          ...volume(name),
          origin: volume(of).name,
          originBytes: SIZE,
          sizeBytes: SIZE,
          marks,
        }),
      );
    const find = (base: string, now: string) => (driver: Driver) =>
      driver.changes.find({ pool: pool(), base: volume(base), volume: volume(now), into: path('ranges'), unit });
    const found = () => ask((driver) => driver.changes.found(path('ranges')));
    const look = () => ask((driver) => driver.changes.look(pool()));
    const sum = async (call: (driver: Driver) => HostCall<void>) => {
      expect(await carriedOut(call)).toBe('done');
      return ask((driver) => driver.backups.contentSum(path('sum')));
    };
    const content = (name: string) =>
      sum((driver) => driver.backups.sumVolume({ volume: volume(name), into: path('sum'), unit, rate: null }));

    afterEach(mended);
    afterAll(async () => {
      await clear();
      await ask((driver) => driver.changes.release(pool()));
      for (const name of ['ranges', 'd.zst', 'full.zst', 'sum']) await ask((driver) => driver.files.remove(path(name)));
      for (const name of names)
        await ask((driver) => driver.volumes.removeMarked({ ...volume(name), tag: opTag(marks.op) }));
    });

    it('finds what was written between two snapshots, and nothing where nothing was', async () => {
      await ask((driver) =>
        driver.volumes.createThin({ ...volume('guest'), pool: world().pool, sizeBytes: SIZE, marks }),
      );
      await trouble('disk-written');
      await snapshot('guest', 'then');
      await trouble('disk-written');
      await snapshot('guest', 'now');
      await snapshot('now', 'again');
      expect(await look()).toEqual({ installed: true, metadata: 'free' });
      expect(await found()).toBeNull();

      expect(await carriedOut(find('then', 'now'))).toBe('done');
      const changed = await found();
      expect(changed).toMatchObject({ sizeBytes: SIZE, ranges: expect.any(Number) });
      expect(changed?.ranges).toBeGreaterThan(0);
      expect(changed?.bytes).toBeGreaterThan(0);
      expect(changed?.bytes).toBeLessThan(SIZE / 4);

      expect(await carriedOut(find('now', 'again'))).toBe('done');
      expect(await found()).toEqual({ ranges: 0, bytes: 0, sizeBytes: SIZE });
      expect(await look()).toEqual({ installed: true, metadata: 'free' });
      expect((await ask((driver) => driver.volumes.look(pool())))?.tags).toEqual([]);
    });

    it('stores that, and applied to what was it gives what is now', async () => {
      expect(await carriedOut(find('then', 'now'))).toBe('done');
      const stored = { volume: volume('now'), ranges: path('ranges'), path: path('d.zst'), unit, ...plain };
      expect(await carriedOut((driver) => driver.changes.store(stored))).toBe('done');
      await snapshot('then', 'twin');
      expect(await content('twin')).not.toBe(await content('now'));

      const into = path('sum');
      const applied = { path: path('d.zst'), volume: volume('twin'), into, unit, rate: null };
      const written = await sum((driver) => driver.changes.apply(applied));
      expect(written).toMatch(/^[0-9a-f]{64}$/);
      const held = await sum((driver) => driver.backups.sumContent({ path: path('d.zst'), into, unit }));
      expect(written).toBe(held);
      expect(await content('twin')).toBe(await content('now'));
      expect(await carriedOut((driver) => driver.backups.test({ paths: [path('d.zst')], unit }))).toBe('done');
    });

    it('applies no file that is no increment, and is none that is not there', async () => {
      const full = { volume: volume('now'), path: path('full.zst'), unit, ...plain };
      expect(await carriedOut((driver) => driver.backups.store(full))).toBe('done');
      const applied = { path: path('full.zst'), volume: volume('twin'), into: path('sum'), unit, rate: null };
      expect(await carriedOut((driver) => driver.changes.apply(applied))).toBe('failed');
      const nothing = { volume: volume('now'), ranges: path('full.zst'), path: path('d.zst'), unit, ...plain };
      expect(await carriedOut((driver) => driver.changes.store(nothing))).toBe('failed');
      expect(await carriedOut(find('none', 'now'))).toBe('failed');
      expect(await look()).toEqual({ installed: true, metadata: 'free' });
    });

    it('leaves a snapshot of the metadata alone that somebody else holds, and none of its own behind', async () => {
      await trouble('metadata-held');
      expect(await look()).toEqual({ installed: true, metadata: 'held' });
      expect(await carriedOut(find('then', 'now'))).toBe('failed');
      await ask((driver) => driver.changes.release(pool()));
      expect(await look()).toEqual({ installed: true, metadata: 'held' });
      await mended();
      expect(await look()).toEqual({ installed: true, metadata: 'free' });

      await ask(find('then', 'now'));
      await clear();
      await ask((driver) => driver.changes.release(pool()));
      expect(await look()).toEqual({ installed: true, metadata: 'free' });
      expect((await ask((driver) => driver.volumes.look(pool())))?.tags).toEqual([]);
    });
  });
}
