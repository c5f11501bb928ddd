/** Snapshots as LVM and libvirt give them. A guest without an agent will do: what an agent answers is tried with one, in the lab's guest. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromTag, opTag, snapTag, vmTag } from '../../src/domain/marks.ts';
import type { SnapshotSpec } from '../../src/operations/driver.ts';
import type { Bench } from './world.ts';

const MIB = 1024 * 1024;

export function snapshotContract({ world, prefix, marks, ask, refusal }: Bench): void {
  const on = (name: string) => ({ vg: world().vg, name: `${prefix}-s-${name}` });
  const tag = opTag(marks.op);

  describe('snapshots', () => {
    const uuid = randomUUID();
    const none = randomUUID();
    const spec = (change: Partial<SnapshotSpec> = {}): SnapshotSpec => ({
      vg: world().vg,
      snapshot: `snap_${prefix}`,
      marks,
      uuid,
      hold: 'none',
      parent: null,
      disks: [
        { of: on('a').name, volume: on('snap-d0').name },
        { of: on('b').name, volume: on('snap-d1').name },
      ],
      ...change,
    });
    const taken = () => ask((driver) => driver.volumes.byTag(world().vg, snapTag(`snap_${prefix}`)));
    const state = async () => (await ask((driver) => driver.domains.look(uuid)))?.state;

    beforeAll(async () => {
      const { pool, osinfo, driver } = world();
      for (const name of ['a', 'b']) {
        await ask((verbs) => verbs.volumes.createThin({ ...on(name), pool, sizeBytes: 8 * MIB, marks }));
      }
      const template = await ask((verbs) => verbs.domains.template({ osinfo, vcpus: 1, memoryBytes: 64 * MIB }));
      const xml = driver.domains.fillTemplate(template, {
        ...marks,
        uuid,
        domainName: `${prefix}-snap`,
        team: prefix,
        name: 'snap',
        vcpus: 1,
        memoryBytes: 64 * MIB,
        disks: ['a', 'b'].map((name, index) => ({
          target: index === 0 ? 'vda' : 'vdb',
          path: driver.volumes.devicePath(on(name)),
          source: 'block' as const,
          device: 'disk' as const,
          readonly: false,
        })),
        nics: [],
        boot: ['disk'],
      });
      await ask((verbs) => verbs.domains.define(xml));
    });
    afterAll(async () => {
      const seen = await ask((driver) => driver.domains.look(uuid));
      if (seen !== null && seen.state !== 'shut off') await ask((driver) => driver.domains.stop(uuid));
      if (seen !== null) await ask((driver) => driver.domains.undefine(uuid, { keepNvram: false }));
      for (const { vg, name } of await ask((driver) => driver.volumes.byTag(world().vg, tag))) {
        await ask((driver) => driver.volumes.removeMarked({ vg, name, tag }));
      }
    });

    it('reads the devices of a domain, and knows one that is not there', async () => {
      expect(await ask((driver) => driver.snapshots.devices(uuid))).toEqual({
        disks: [
          { target: 'vda', source: world().driver.volumes.devicePath(on('a')), readonly: false },
          { target: 'vdb', source: world().driver.volumes.devicePath(on('b')), readonly: false },
        ],
        passedThrough: 0,
      });
      expect(await ask((driver) => driver.snapshots.devices(none))).toBeNull();
    });

    it('hears no agent of a domain that is off, or not there', async () => {
      for (const key of [uuid, none])
        expect(await ask((driver) => driver.snapshots.freezeState(key))).toBe('no-answer');
    });

    it('takes all disks of a domain that is off, active and with their marks, and again', async () => {
      const whole = spec({ parent: 'snap_before' });
      for (const _time of [1, 2])
        expect(await ask((driver) => driver.snapshots.take(whole))).toEqual({ frozen: false });
      const volumes = await taken();
      expect(volumes.map(({ name, origin }) => [name, origin]).toSorted()).toEqual([
        [on('snap-d0').name, on('a').name],
        [on('snap-d1').name, on('b').name],
      ]);
      for (const volume of volumes) {
        expect(volume.active).toBe(true);
        expect(new Set(volume.tags)).toEqual(
          new Set([tag, vmTag(marks.vm), snapTag(`snap_${prefix}`), fromTag('snap_before')]),
        );
      }
    });

    it('refuses a disk that is not there, and leaves nothing held', async () => {
      const missing = spec({ disks: [{ of: on('none').name, volume: on('snap-d0').name }] });
      expect(await refusal((driver) => driver.snapshots.take(missing))).toMatch(/^host_fault: .*not found/);
      for (const _time of [1, 2]) await ask((driver) => driver.snapshots.drop(spec()));
      expect(await taken()).toEqual([]);
    });

    it('suspends a running domain for the moment, and its watchdog is gone', async () => {
      await ask((driver) => driver.domains.start(uuid));
      const held = spec({ hold: 'suspend' });
      for (const _time of [1, 2]) await ask((driver) => driver.snapshots.take(held));
      expect(await taken()).toHaveLength(2);
      expect(await state()).toBe('running');
      expect(await ask((driver) => driver.snapshots.watched(marks.op))).toBe(true);
      for (const _time of [1, 2]) await ask((driver) => driver.snapshots.release(held));
      expect(await ask((driver) => driver.snapshots.watched(marks.op))).toBe(false);
      expect(await state()).toBe('running');
    });

    it('freezes and suspends in one, whether or not an agent answers, and lets the guest go', async () => {
      const held = spec({ hold: 'both' });
      await ask((driver) => driver.snapshots.take(held));
      expect(await taken()).toHaveLength(2);
      expect(await state()).toBe('running');
      await ask((driver) => driver.snapshots.release(held));
      expect(await ask((driver) => driver.snapshots.watched(marks.op))).toBe(false);
    });

    it('does not take several disks of a guest that can’t be frozen, and one without being frozen', async () => {
      // A guest that is suspended answers as little as one without an agent.
      await ask((driver) => driver.domains.suspend(uuid));
      expect(await ask((driver) => driver.snapshots.freezeState(uuid))).toBe('no-answer');
      const frozen = spec({ hold: 'freeze' });
      expect(await refusal((driver) => driver.snapshots.take(frozen))).toMatch(/^host_fault: Holding the guest/);
      const one = spec({ hold: 'freeze', disks: spec().disks.slice(0, 1) });
      expect(await ask((driver) => driver.snapshots.take(one))).toEqual({ frozen: false });
      expect(await taken()).toHaveLength(1);
      await ask((driver) => driver.snapshots.drop(frozen));
      expect(await taken()).toEqual([]);
      expect(await ask((driver) => driver.snapshots.watched(marks.op))).toBe(false);
    });
  });
}
