import { afterAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { Bench } from './world.ts';

const MIB = 1024 * 1024;

/** Whole volumes into others, of either class, and the proof that they hold the same. */
export function copyContract({ world, prefix, marks, ask, until }: Bench): void {
  describe('copies', () => {
    const volume = (name: string) => ({ vg: world().vg, name: `${prefix}-copy-${name}` });
    const unit = `hostler-${prefix}-copies`;
    const ended = async () => {
      const state = await until(
        (driver) => driver.images.pouring(unit),
        (seen) => seen !== 'running',
      );
      await ask((driver) => driver.images.stopPouring(unit));
      return state;
    };
    const copied = async (from: string, to: string, blank: boolean) => {
      await ask((driver) => driver.copies.copy({ from: volume(from), to: volume(to), blank, unit }));
      return ended();
    };
    const same = async (from: string, to: string) => {
      await ask((driver) => driver.copies.compare({ from: volume(from), to: volume(to), unit }));
      return (await ended()) === 'done';
    };
    afterAll(async () => {
      await ask((driver) => driver.images.stopPouring(unit));
      for (const name of ['thin', 'thick', 'back', 'small'])
        await ask((driver) => driver.volumes.removeMarked({ ...volume(name), tag: opTag(marks.op) }));
    });

    it('copies thin into thick and back, and tells what holds the same from what does not', async () => {
      const { image, pool } = world();
      const sizeBytes = (await ask((driver) => driver.images.inspect(image)))?.virtualBytes ?? 0;
      for (const name of ['thin', 'back'])
        await ask((driver) => driver.volumes.createThin({ ...volume(name), pool, sizeBytes, marks }));
      await ask((driver) => driver.volumes.createThick({ ...volume('thick'), sizeBytes, marks }));
      await ask((driver) => driver.images.pour({ path: image, format: 'qcow2', volume: volume('thin'), unit }));
      expect(await ended()).toBe('done');

      expect(await same('thin', 'back')).toBe(false);
      expect(await copied('thin', 'thick', false)).toBe('done');
      expect(await same('thin', 'thick')).toBe(true);
      expect(await copied('thick', 'back', true)).toBe('done');
      expect(await same('thin', 'back')).toBe(true);
      const [one, other] = [
        await ask((driver) => driver.volumes.look(volume('thin'))),
        await ask((driver) => driver.volumes.look(volume('back'))),
      ];
      // What reads as zeros was not written: the thin copy holds no more than what it was copied from.
      expect(other?.dataPercent).toBeGreaterThan(0);
      expect((other?.dataPercent ?? 100) - (one?.dataPercent ?? 0)).toBeLessThan(5);
    });

    it('fails where the copy would not fit, and where a volume is not there', async () => {
      const { pool } = world();
      await ask((driver) => driver.volumes.createThin({ ...volume('small'), pool, sizeBytes: 4 * MIB, marks }));
      expect(await copied('thin', 'small', true)).toBe('failed');
      expect(await copied('none', 'small', true)).toBe('failed');
      expect(await same('thin', 'none')).toBe(false);
    });
  });
}
