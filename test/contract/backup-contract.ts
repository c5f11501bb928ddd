import { afterAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { Driver } from '../../src/operations/driver.ts';
import type { HostCall } from '../../src/operations/ports.ts';
import type { Bench } from './world.ts';

const MIB = 1024 * 1024;

/** Volumes into files and back, on the directory of Hostler's own as if it were the share. */
export function backupContract({ world, prefix, marks, ask, refusal, until }: Bench): void {
  describe('backups', () => {
    const source = () => ({ vg: world().vg, name: `${prefix}-src` });
    const back = () => ({ vg: world().vg, name: `${prefix}-back` });
    const path = (name: string) => `${world().directory}/${prefix}-${name}`;
    const unit = `hostler-${prefix}-backup`;
    const ended = () =>
      until(
        (driver) => driver.images.pouring(unit),
        (state) => state !== 'running',
      );
    const clear = () => ask((driver) => driver.images.stopPouring(unit));
    afterAll(async () => {
      await clear();
      for (const name of ['d.zst', 'again.zst', 'sums', 'm.json'])
        await ask((driver) => driver.files.remove(path(name)));
      for (const volume of [source(), back()])
        await ask((driver) => driver.volumes.removeMarked({ ...volume, tag: opTag(marks.op) }));
    });

    it('tells of a target that is there, and of one that is not', async () => {
      const seen = await ask((driver) => driver.backups.target(world().directory));
      expect(seen).toEqual({ writable: true, freeBytes: expect.any(Number), unreached: null });
      expect(await ask((driver) => driver.backups.target('/drv-no-such'))).toEqual({
        writable: false,
        freeBytes: null,
        unreached: null,
      });
    });

    it('stores a volume in a file, and unpacks it into another that holds the same, and no more', async () => {
      const { image, pool } = world();
      const sizeBytes = (await ask((driver) => driver.images.inspect(image)))?.virtualBytes ?? 0;
      for (const volume of [source(), back()])
        await ask((driver) => driver.volumes.createThin({ ...volume, pool, sizeBytes, marks }));
      await ask((driver) => driver.images.pour({ path: image, format: 'qcow2', volume: source(), unit }));
      expect(await ended()).toBe('done');
      await clear();

      await ask((driver) =>
        driver.backups.store({ volume: source(), path: path('d.zst'), unit, rate: null, encryptTo: null }),
      );
      expect(await ended()).toBe('done');
      await clear();
      const [stored] = await ask((driver) => driver.backups.sizes([path('d.zst'), path('none')]));
      expect(stored?.path).toBe(path('d.zst'));
      expect(stored?.sizeBytes).toBeGreaterThan(0);

      await ask((driver) => driver.backups.unpack({ path: path('d.zst'), volume: back(), unit, rate: null }));
      expect(await ended()).toBe('done');
      await clear();
      const [one, other] = [
        await ask((driver) => driver.volumes.look(source())),
        await ask((driver) => driver.volumes.look(back())),
      ];
      // It may hold less: qemu-img wrote zeros where the image has none, and these are left out on the way back.
      expect(other?.dataPercent).toBeGreaterThan(0);
      expect(other?.dataPercent).toBeLessThanOrEqual((one?.dataPercent ?? 0) + 5);
      // The same content gives the same file again.
      await ask((driver) =>
        driver.backups.store({ volume: back(), path: path('again.zst'), unit, rate: null, encryptTo: null }),
      );
      expect(await ended()).toBe('done');
      await clear();
      const both = [path('d.zst'), path('again.zst')];
      await ask((driver) => driver.backups.sum({ paths: both, into: path('sums'), unit }));
      expect(await ended()).toBe('done');
      await clear();
      const [first, second] = (await ask((driver) => driver.backups.sums(path('sums')))) ?? [];
      expect(second?.sha256).toBe(first?.sha256);
      expect(first?.sha256).toMatch(/^[0-9a-f]{64}$/);
    });

    it('works out checksums, complaints apart, and takes a whole file for whole', async () => {
      const paths = [path('d.zst')];
      await ask((driver) => driver.backups.sum({ paths, into: path('sums'), unit }));
      expect(await ended()).toBe('done');
      await clear();
      const sums = await ask((driver) => driver.backups.sums(path('sums')));
      expect(sums).toEqual([{ path: path('d.zst'), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);

      await ask((driver) => driver.backups.sum({ paths: [...paths, path('none')], into: path('sums'), unit }));
      expect(await ended()).toBe('failed');
      await clear();
      expect(await ask((driver) => driver.backups.sums(path('sums')))).toEqual(sums);
      expect(await ask((driver) => driver.backups.sums(path('none')))).toBeNull();

      await ask((driver) => driver.backups.test({ paths, unit }));
      expect(await ended()).toBe('done');
      await clear();
    });

    it('compares what a file holds with what a volume holds', async () => {
      const sumOf = async (start: (driver: Driver) => HostCall<void>) => {
        await ask(start);
        const end = await ended();
        await clear();
        return [end, await ask((driver) => driver.backups.contentSum(path('sums')))];
      };
      const into = path('sums');
      const [end, held] = await sumOf((driver) => driver.backups.sumContent({ path: path('d.zst'), into, unit }));
      expect([end, held]).toEqual(['done', expect.stringMatching(/^[0-9a-f]{64}$/)]);
      for (const volume of [source(), back()])
        expect(await sumOf((driver) => driver.backups.sumVolume({ volume, into, unit, rate: null }))).toEqual([
          'done',
          held,
        ]);
      const [none] = await sumOf((driver) => driver.backups.sumContent({ path: path('none'), into, unit }));
      expect(none).toBe('failed');
      expect(await ask((driver) => driver.backups.contentSum(path('none')))).toBeNull();
    });

    it('does the same at a rate', async () => {
      const rate = 100 * MIB;
      const into = path('sums');
      const sumOf = async (start: (driver: Driver) => HostCall<void>) => {
        await ask(start);
        expect(await ended()).toBe('done');
        await clear();
        return ask((driver) => driver.backups.contentSum(into));
      };
      const file = path('again.zst');
      await ask((driver) => driver.backups.store({ volume: source(), path: file, unit, rate, encryptTo: null }));
      expect(await ended()).toBe('done');
      await clear();
      const held = await sumOf((driver) => driver.backups.sumContent({ path: file, into, unit }));
      await ask((driver) => driver.backups.unpack({ path: file, volume: back(), unit, rate }));
      expect(await ended()).toBe('done');
      await clear();
      for (const volume of [source(), back()])
        expect(await sumOf((driver) => driver.backups.sumVolume({ volume, into, unit, rate }))).toBe(held);
      const missing = await refusal((driver) =>
        driver.backups.unpack({ path: path('none'), volume: back(), unit, rate }),
      );
      expect(missing).toMatch(/^host_fault: /);
      await clear();
    });

    it('fails on a file that is none of zstd’s, and where a file can’t be opened', async () => {
      const manifest = world().driver.backups.manifest({
        id: 'bak_1',
        vm: 'web-01',
        team: 'team-01',
        host: 'kvm-1',
        network: 'default',
        mac: '52:54:00:00:00:01',
        vcpus: 1,
        memoryBytes: 128 * MIB,
        image: null,
        consistency: 'crash',
        madeBy: 'ann',
        buildsOn: [],
        disks: [],
        domainXml: '<domain/>',
      });
      await ask((driver) => driver.files.write(path('m.json'), { base64: manifest.base64, label: 'a manifest' }));
      await ask((driver) => driver.backups.test({ paths: [path('m.json')], unit }));
      expect(await ended()).toBe('failed');
      await clear();
      await ask((driver) => driver.backups.unpack({ path: path('m.json'), volume: back(), unit, rate: null }));
      expect(await ended()).toBe('failed');
      await clear();

      const nowhere = await refusal((driver) =>
        driver.backups.store({ volume: source(), path: '/drv-no-such/d.zst', unit, rate: null, encryptTo: null }),
      );
      expect(nowhere).toMatch(/^host_fault: /);
      expect(await ask((driver) => driver.images.pouring(unit))).toBe('failed');
      await clear();
      expect(await ask((driver) => driver.images.pouring(unit))).toBe('none');
    });

    it('stops a storing, root’s part of it too', async () => {
      await ask((driver) =>
        driver.backups.store({ volume: source(), path: path('d.zst'), unit, rate: null, encryptTo: null }),
      );
      await clear();
      expect(await ask((driver) => driver.images.pouring(unit))).toBe('none');
      expect(await ask((driver) => driver.volumes.look(source()))).toMatchObject({ open: false });
    });
  });
}
