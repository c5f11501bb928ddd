import { createHash, randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../src/domain/image.ts';
import { opTag } from '../../src/domain/marks.ts';
import type { Bench } from './world.ts';

/** What an image's way onto a host needs, and what VMs can be installed from. */
export function downloadContract({ world, prefix, marks, ask, refusal, until }: Bench): void {
  describe('downloads', () => {
    const path = (name: string) => `${world().directory}/${prefix}-${name}`;
    // Where nothing listens: that is told at once, and not after a while as an unknown name is.
    const nowhere = 'http://127.0.0.1:1/x.qcow2';
    const volume = () => ({ vg: world().vg, name: `${prefix}-zero` });
    const unit = `hostler-${prefix}-get`;
    afterAll(async () => {
      await ask((driver) => driver.images.stopPouring(unit));
      for (const name of ['noise', 'sum', 'got', 'a.iso']) await ask((driver) => driver.files.remove(path(name)));
      await ask((driver) => driver.volumes.removeMarked({ ...volume(), tag: opTag(marks.op) }));
    });

    it.each(ALGORITHMS)('works out the %s of a file', async (algorithm) => {
      const bytes = randomBytes(5000);
      const content = { base64: bytes.toString('base64'), label: 'noise' };
      await ask((driver) => driver.files.write(path('noise'), content));
      await ask((driver) => driver.images.digest({ path: path('noise'), algorithm, into: path('sum'), unit }));
      const end = await until(
        (driver) => driver.images.pouring(unit),
        (state) => state !== 'running',
      );
      expect(end).toBe('done');
      const got = await ask((driver) => driver.images.digestIn(path('sum')));
      expect(got).toBe(createHash(algorithm).update(bytes).digest('hex'));
      expect(await ask((driver) => driver.images.digestIn(path('none')))).toBeNull();
      await ask((driver) => driver.images.stopPouring(unit));
    });

    it('says why a download failed, and leaves no file', async () => {
      expect(await refusal((driver) => driver.images.fetchText(nowhere))).toMatch(/^host_fault: .*Failed to connect/);
      await ask((driver) => driver.images.fetch({ url: nowhere, path: path('got'), unit }));
      const end = await until(
        (driver) => driver.images.fetching(unit),
        ({ state }) => state !== 'running',
      );
      expect(end).toEqual({ state: 'failed', why: 'its server does not take connections' });
      expect(await ask((driver) => driver.files.look(path('got')))).toBeNull();
      await ask((driver) => driver.images.stopPouring(unit));
      expect(await ask((driver) => driver.images.fetching(unit))).toEqual({ state: 'none', why: null });
    });

    it('spares the zeros of an image, where the pool gives zeros itself', async () => {
      const { image, pool, vg } = world();
      expect(await ask((driver) => driver.volumes.zeroes({ vg, name: pool }))).toBe(true);
      expect(await ask((driver) => driver.volumes.zeroes({ vg, name: `${prefix}-none` }))).toBe(false);
      const sizeBytes = (await ask((driver) => driver.images.inspect(image)))?.virtualBytes ?? 0;
      await ask((driver) => driver.volumes.createThin({ ...volume(), pool, sizeBytes, marks }));
      await ask((driver) => driver.images.pour({ path: image, format: 'qcow2', volume: volume(), unit, zeroed: true }));
      const end = await until(
        (driver) => driver.images.pouring(unit),
        (state) => state !== 'running',
      );
      expect(end).toBe('done');
      const seen = await ask((driver) => driver.volumes.look(volume()));
      expect(seen?.dataPercent).toBeGreaterThan(0);
      expect(seen?.dataPercent).toBeLessThan(100);
      await ask((driver) => driver.images.stopPouring(unit));
    });

    it('lists what VMs can be installed from', async () => {
      await ask((driver) => driver.files.write(path('a.iso'), { base64: 'aGk=', label: 'an ISO' }));
      const isos = await ask((driver) => driver.images.isos(world().directory));
      expect(isos).toContainEqual({ file: `${prefix}-a.iso`, sizeBytes: 2 });
      expect(isos.every(({ file }) => file.endsWith('.iso'))).toBe(true);
      expect(await ask((driver) => driver.images.isos('/drv-no-such'))).toEqual([]);
      const variants = await ask((driver) => driver.images.variants());
      expect(variants.length).toBeGreaterThan(50);
      expect(variants).toContainEqual(expect.objectContaining({ id: 'debian11', family: 'linux' }));
      expect(variants.map(({ id }) => id)).toContain(world().osinfo);
    });
  });
}
