import { afterAll, describe, expect, it } from 'vitest';
import { opTag, vmTag } from '../../src/domain/marks.ts';
import type { Bench } from './world.ts';

const MIB = 1024 * 1024;

export function volumeContract({ world, prefix, marks, ask, refusal, until }: Bench): void {
  const on = (name: string) => ({ vg: world().vg, name: `${prefix}-${name}` });
  const tag = opTag(marks.op);

  describe('volumes', () => {
    afterAll(async () => {
      for (const { vg, name } of await ask((driver) => driver.volumes.byTag(world().vg, tag))) {
        await ask((driver) => driver.volumes.removeMarked({ vg, name, tag }));
      }
    });

    it('knows what is not there from what cannot be asked', async () => {
      expect(await ask((driver) => driver.volumes.look(on('none')))).toBeNull();
      expect(await refusal((driver) => driver.volumes.look({ vg: 'drv-no-vg', name: 'x' }))).toMatch(/^host_fault: /);
    });

    it('creates a thin volume that bears its marks, rounded up to extents', async () => {
      await ask((driver) =>
        driver.volumes.createThin({ ...on('a'), pool: world().pool, sizeBytes: 6 * MIB + 1, marks }),
      );
      expect(await ask((driver) => driver.volumes.look(on('a')))).toEqual({
        ...on('a'),
        sizeBytes: 8 * MIB,
        kind: 'thin',
        pool: world().pool,
        origin: null,
        tags: [opTag(marks.op), vmTag(marks.vm)],
        dataPercent: 0,
        metadataPercent: null,
        active: true,
        open: false,
      });
    });

    it('refuses a second volume of that name', async () => {
      const again = await refusal((driver) =>
        driver.volumes.createThin({ ...on('a'), pool: world().pool, sizeBytes: 8 * MIB, marks }),
      );
      expect(again).toMatch(/^host_fault: .*already exists/);
    });

    it('clones a volume, active and as large as asked', async () => {
      const clone = { ...on('b'), origin: on('a').name, originBytes: 8 * MIB, sizeBytes: 12 * MIB, marks };
      await ask((driver) => driver.volumes.clone(clone));
      expect(await ask((driver) => driver.volumes.look(on('b')))).toMatchObject({
        sizeBytes: 12 * MIB,
        origin: on('a').name,
        active: true,
        tags: [opTag(marks.op), vmTag(marks.vm)],
      });
      const missing = { ...clone, ...on('c'), origin: on('none').name };
      expect(await refusal((driver) => driver.volumes.clone(missing))).toMatch(/^host_fault: .*origin LV .* not found/);
    });

    it('extends to at least the size, and again', async () => {
      for (const mib of [16, 16, 4]) {
        await ask((driver) => driver.volumes.extend({ ...on('b'), sizeBytes: mib * MIB }));
      }
      expect(await ask((driver) => driver.volumes.look(on('b')))).toMatchObject({ sizeBytes: 16 * MIB });
      const missing = await refusal((driver) => driver.volumes.extend({ ...on('none'), sizeBytes: MIB }));
      expect(missing).toMatch(/^host_fault: .*not found in volume group/);
    });

    it('renames, and refuses a name that is taken or not there', async () => {
      await ask((driver) => driver.volumes.rename({ ...on('b'), to: on('d').name }));
      expect(await ask((driver) => driver.volumes.look(on('b')))).toBeNull();
      const taken = await refusal((driver) => driver.volumes.rename({ ...on('d'), to: on('a').name }));
      expect(taken).toMatch(/^host_fault: .*already exists/);
      const missing = await refusal((driver) => driver.volumes.rename({ ...on('none'), to: on('e').name }));
      expect(missing).toMatch(/^host_fault: .*not found/);
    });

    it('changes tags, and again', async () => {
      const change = { ...on('d'), add: ['hostler.trash'], remove: [vmTag(marks.vm), 'hostler.never'] };
      for (const _time of [1, 2]) await ask((driver) => driver.volumes.retag(change));
      const seen = await ask((driver) => driver.volumes.look(on('d')));
      expect(new Set(seen?.tags)).toEqual(new Set([tag, 'hostler.trash']));
    });

    it('finds by tag only what bears it whole', async () => {
      const found = await ask((driver) => driver.volumes.byTag(world().vg, tag));
      expect(found.map(({ name }) => name).toSorted()).toEqual([on('a').name, on('d').name]);
      expect(await ask((driver) => driver.volumes.byTag(world().vg, tag.slice(0, -1)))).toEqual([]);
    });

    it('creates a thick volume, and refuses one that does not fit', async () => {
      await ask((driver) => driver.volumes.createThick({ ...on('t'), sizeBytes: 4 * MIB, marks }));
      expect(await ask((driver) => driver.volumes.look(on('t')))).toMatchObject({
        kind: 'thick',
        pool: null,
        dataPercent: null,
        sizeBytes: 4 * MIB,
      });
      const huge = { ...on('u'), sizeBytes: 2 ** 50, marks };
      expect(await refusal((driver) => driver.volumes.createThick(huge))).toMatch(
        /^host_fault: .*insufficient free space/,
      );
    });

    it('wipes a thick volume, whole or from where it has grown', async () => {
      const unit = `${prefix}-wipe`;
      const wiped = async (fromBytes: number) => {
        await ask((driver) => driver.volumes.wipe({ ...on('t'), fromBytes, unit }));
        const state = await until(
          (driver) => driver.images.pouring(unit),
          (seen) => seen !== 'running',
        );
        await ask((driver) => driver.images.stopPouring(unit));
        return state;
      };
      expect(await wiped(0)).toBe('done');
      await ask((driver) => driver.volumes.extend({ ...on('t'), sizeBytes: 8 * MIB }));
      expect(await wiped(4 * MIB)).toBe('done');
      expect(await wiped(16 * MIB)).toBe('failed');
    });

    it('removes only what bears the mark, and is content when it is gone', async () => {
      const remove = (mark: string) => ask((driver) => driver.volumes.removeMarked({ ...on('t'), tag: mark }));
      await remove(opTag('op_other'));
      expect(await ask((driver) => driver.volumes.look(on('t')))).not.toBeNull();
      for (const _time of [1, 2]) await remove(tag);
      expect(await ask((driver) => driver.volumes.look(on('t')))).toBeNull();
    });
  });
}
