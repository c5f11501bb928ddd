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
        chunkBytes: 65_536,
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
      // In this order: data that needs more metadata would bring it along.
      for (const _time of [1, 2]) {
        await ask((driver) => driver.pools.extendMetadata({ ...pool(), sizeBytes: metadataBytes + extentBytes }));
        await ask((driver) => driver.volumes.extend({ ...pool(), sizeBytes: sizeBytes + extentBytes }));
      }
      const after = await seen();
      expect([after.sizeBytes - sizeBytes, after.metadataBytes - metadataBytes]).toEqual([extentBytes, extentBytes]);
      // Not every LVM lets the metadata’s spare grow with it.
      expect([2, 3]).toContain((before.freeBytes - after.freeBytes) / extentBytes);
    });

    // Far more than the group has is never tried here: real LVM grows the metadata for it first, and leaves it so.
    it('takes metadata that is larger already for done', async () => {
      const { metadataBytes, extentBytes } = await seen();
      await ask((driver) => driver.pools.extendMetadata({ ...pool(), sizeBytes: extentBytes }));
      expect((await seen()).metadataBytes).toBe(metadataBytes);
    });

    it('has an answer for a guest that can’t trim', async () => {
      expect(await ask((driver) => driver.disks.trim(randomUUID()))).toEqual({
        trimmed: false,
        why: 'its host knows no such domain',
      });
    });
  });
}
