import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from './world.ts';

export function poolContract({ world, prefix, ask, refusal }: Bench): void {
  describe('thin pools', () => {
    const pool = () => ({ vg: world().vg, name: world().pool });
    const seen = async () => {
      const found = await ask((driver) => driver.pools.look(pool()));
      if (found === null) throw new Error('the host has no pool');
      return found;
    };

    it('tells how full it is, what its group has left, and whether LVM looks after it', async () => {
      expect(await seen()).toEqual({
        ...pool(),
        sizeBytes: expect.any(Number),
        dataPercent: expect.any(Number),
        metadataBytes: expect.any(Number),
        metadataPercent: expect.any(Number),
        whenFull: 'queue',
        monitored: expect.any(Boolean),
        freeBytes: expect.any(Number),
        extentBytes: 4 * 1024 ** 2,
        autoextend: { threshold: 100, percent: 20 },
      });
      expect((await seen()).metadataBytes).toBeGreaterThan(0);
      expect(await ask((driver) => driver.pools.look({ ...pool(), name: `${prefix}-none` }))).toBeNull();
      expect(await refusal((driver) => driver.pools.look({ ...pool(), vg: 'drv-no-vg' }))).toMatch(/^host_fault: /);
    });

    it('extends data and metadata by an extent, and again', async () => {
      const before = await seen();
      const { sizeBytes, metadataBytes, extentBytes } = before;
      for (const _time of [1, 2]) {
        await ask((driver) => driver.volumes.extend({ ...pool(), sizeBytes: sizeBytes + extentBytes }));
        await ask((driver) => driver.pools.extendMetadata({ ...pool(), sizeBytes: metadataBytes + extentBytes }));
      }
      const after = await seen();
      expect([after.sizeBytes - sizeBytes, after.metadataBytes - metadataBytes]).toEqual([extentBytes, extentBytes]);
      // Not every LVM lets the metadata’s spare grow with it.
      expect([2, 3]).toContain((before.freeBytes - after.freeBytes) / extentBytes);
    });

    it('refuses more than the group has', async () => {
      const huge = await refusal((driver) => driver.volumes.extend({ ...pool(), sizeBytes: 2 ** 50 }));
      expect(huge).toMatch(/^host_fault: .*[Ii]nsufficient free space/);
    });

    it('has an answer for a guest that can’t trim', async () => {
      expect(await ask((driver) => driver.disks.trim(randomUUID()))).toEqual({
        trimmed: false,
        why: 'its host knows no such domain',
      });
    });
  });
}
