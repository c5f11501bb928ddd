import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { Bench } from './world.ts';

export function fileContract({ world, prefix, ask, refusal }: Bench): void {
  describe('files', () => {
    const path = (name: string) => `${world().directory}/${prefix} it's ${name}`;

    it('writes, looks, renames and removes', async () => {
      const bytes = randomBytes(5000);
      const content = { base64: bytes.toString('base64'), label: 'noise' };
      expect(await ask((driver) => driver.files.look(path('a')))).toBeNull();
      for (const _time of [1, 2]) await ask((driver) => driver.files.write(path('a'), content));
      expect(await ask((driver) => driver.files.look(path('a')))).toEqual({ sizeBytes: 5000 });
      expect(await ask((driver) => driver.files.look(`${path('a')}.part`))).toBeNull();
      await ask((driver) => driver.files.rename(path('a'), path('b')));
      expect(await ask((driver) => driver.files.look(path('a')))).toBeNull();
      for (const _time of [1, 2]) await ask((driver) => driver.files.remove(path('b')));
      expect(await ask((driver) => driver.files.look(path('b')))).toBeNull();
    });

    it('says why it could not', async () => {
      const content = { base64: '', label: 'nothing' };
      const write = await refusal((driver) => driver.files.write('/drv-no-such/x', content));
      expect(write).toMatch(/^host_fault: .*No such file or directory/);
      const rename = await refusal((driver) => driver.files.rename(path('none'), path('b')));
      expect(rename).toMatch(/^host_fault: .*No such file or directory/);
    });
  });
}

export function imageContract({ world, prefix, marks, ask, refusal, until }: Bench): void {
  describe('images', () => {
    const volume = () => ({ vg: world().vg, name: `${prefix}-img` });
    const unit = `hostler-${prefix}`;
    afterAll(async () => {
      await ask((driver) => driver.images.stopPouring(unit));
      await ask((driver) => driver.volumes.removeMarked({ ...volume(), tag: opTag(marks.op) }));
    });

    it('inspects an image', async () => {
      const seen = await ask((driver) => driver.images.inspect(world().image));
      expect(seen?.format).toBe('qcow2');
      expect(seen?.virtualBytes).toBeGreaterThan(1024 * 1024);
      expect(await ask((driver) => driver.images.inspect(`${world().image}.none`))).toBeNull();
      expect(await refusal((driver) => driver.images.inspect(world().directory))).toMatch(/^host_fault: /);
    });

    it('pours an image into a volume, as a unit whose end can be seen', async () => {
      const { image, pool } = world();
      const seen = await ask((driver) => driver.images.inspect(image));
      const sizeBytes = seen?.virtualBytes ?? 0;
      await ask((driver) => driver.volumes.createThin({ ...volume(), pool, sizeBytes, marks }));
      expect(await ask((driver) => driver.images.pouring(unit))).toBe('none');
      await ask((driver) => driver.images.pour({ path: image, format: 'qcow2', volume: volume(), unit }));
      const end = await until(
        (driver) => driver.images.pouring(unit),
        (state) => state !== 'running',
      );
      expect(end).toBe('done');
      const poured = await ask((driver) => driver.volumes.look(volume()));
      expect(poured?.dataPercent).toBeGreaterThan(0);
      const again = await refusal((driver) =>
        driver.images.pour({ path: image, format: 'qcow2', volume: volume(), unit }),
      );
      expect(again).toMatch(/^host_fault: .*already/);
      for (const _time of [1, 2]) await ask((driver) => driver.images.stopPouring(unit));
      expect(await ask((driver) => driver.images.pouring(unit))).toBe('none');
    });

    it('stops a pouring, root’s part of it too', async () => {
      const { image } = world();
      await ask((driver) => driver.images.pour({ path: image, format: 'qcow2', volume: volume(), unit }));
      await ask((driver) => driver.images.stopPouring(unit));
      expect(await ask((driver) => driver.images.pouring(unit))).toBe('none');
      expect(await ask((driver) => driver.volumes.look(volume()))).toMatchObject({ open: false });
    });

    it('shows a pouring that failed until it is cleared away', async () => {
      const path = `${world().image}.none`;
      await ask((driver) => driver.images.pour({ path, format: 'qcow2', volume: volume(), unit }));
      const end = await until(
        (driver) => driver.images.pouring(unit),
        (state) => state !== 'running',
      );
      expect(end).toBe('failed');
      await ask((driver) => driver.images.stopPouring(unit));
      expect(await ask((driver) => driver.images.pouring(unit))).toBe('none');
    });
  });
}
