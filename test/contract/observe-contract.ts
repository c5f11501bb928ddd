import { describe, expect, it } from 'vitest';
import type { Bench } from './world.ts';

export function observeContract({ world, ask }: Bench): void {
  describe('observe', () => {
    it('tells all of a healthy host in one call', async () => {
      const { vg, pool } = world();
      const seen = await ask((driver) => driver.observe(vg));
      expect(seen.problems).toEqual([]);
      expect(seen.cpus).toBeGreaterThan(0);
      expect(seen.memoryBytes).toBeGreaterThan(seen.memoryAvailableBytes);
      expect(seen.memoryAvailableBytes).toBeGreaterThan(0);
      expect(seen.uptimeSeconds).toBeGreaterThan(0);
      expect(seen.kernel).not.toBe('');
      expect(seen.libvirt).toMatch(/^\d+\.\d+\.\d+$/);
      expect(seen.qemu).toMatch(/^\d+\.\d+\.\d+$/);
      expect(seen.kvm).toBe(true);
      expect(seen.domains).not.toBeNull();
      expect(seen.groups).toEqual([
        { name: vg, sizeBytes: expect.any(Number), freeBytes: expect.any(Number), extentBytes: 4 * 1024 * 1024 },
      ]);
      expect(seen.volumes?.find(({ name }) => name === pool)).toMatchObject({
        kind: 'thin-pool',
        dataPercent: expect.any(Number),
        metadataPercent: expect.any(Number),
      });
    });

    it('tells all that is watched of a healthy host in one call', async () => {
      const { vg, pool } = world();
      const { observation, gauges, counters, probes } = await ask((driver) => driver.sweep(vg, []));
      expect(observation.problems).toEqual([]);
      expect(observation.volumes?.some(({ name }) => name === pool)).toBe(true);
      expect(gauges.clock?.at).toBeGreaterThan(1_700_000_000_000);
      expect(gauges.filesystems?.map(({ target }) => target)).toContain('/');
      expect(gauges.failedUnits).not.toBeNull();
      expect(gauges.nfs).toMatchObject({ stale: [], silent: false });
      expect(counters.uptimeSeconds).toBeGreaterThan(0);
      expect(counters.cpu?.all).toBeGreaterThan(0);
      expect(counters.oomKills).not.toBeNull();
      expect(Object.keys(counters.disks).length).toBeGreaterThan(0);
      expect(probes).toEqual([]);
    });

    it('tells of a guest that it can’t be asked, and of the host all the same', async () => {
      const nobody = '00000000-0000-4000-8000-000000000000';
      const { observation, probes } = await ask((driver) => driver.sweep(world().vg, [nobody]));
      expect(observation.domains).not.toBeNull();
      expect(probes).toEqual([{ uuid: nobody, agent: null, hasAddress: false }]);
    });

    it('says which part could not be read, and tells the others', async () => {
      const seen = await ask((driver) => driver.observe('drv-no-vg'));
      expect(seen.groups).toBeNull();
      expect(seen.volumes).toBeNull();
      expect(seen.domains).not.toBeNull();
      expect(seen.problems.map(({ part }) => part)).toEqual(['lvm']);
      expect(seen.problems[0]?.message).not.toBe('');
    });
  });
}
