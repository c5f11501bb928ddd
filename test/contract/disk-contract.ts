import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { DiskSeen } from '../../src/operations/disk-verbs.ts';
import { both } from '../../src/operations/steps/call.ts';
import type { Bench } from './world.ts';

const MIB = 1024 * 1024;

export function diskContract({ world, prefix, marks, ask, refusal, until }: Bench): void {
  describe('disks', () => {
    const uuid = randomUUID();
    const none = randomUUID();
    const volume = (name: string) => ({ vg: world().vg, name: `${prefix}-disks-${name}` });
    const path = (name: string) => world().driver.volumes.devicePath(volume(name));
    const second = () => {
      const at = { target: 'vdb', source: path('b') };
      return { ...at, xml: world().driver.disks.xmlOf({ ...at, serial: 'hostler-d1' }) };
    };
    const seen = () => ask((driver) => driver.disks.seen(uuid));
    const places = (disks: readonly DiskSeen[] | null | undefined) =>
      disks?.map(({ target, source, boot }) => ({ target, source, boot })) ?? null;
    const first = () => ({ target: 'vda', source: path('a'), boot: true });
    const other = () => ({ target: 'vdb', source: path('b'), boot: false });

    beforeAll(async () => {
      const { pool, osinfo, network } = world();
      for (const name of ['a', 'b']) {
        await ask((driver) => driver.volumes.createThin({ ...volume(name), pool, sizeBytes: 8 * MIB, marks }));
      }
      const template = await ask((driver) => driver.domains.template({ osinfo, vcpus: 1, memoryBytes: 64 * MIB }));
      const xml = world().driver.domains.fillTemplate(template, {
        ...marks,
        domainName: `${prefix}-disks`,
        team: prefix,
        name: 'disks',
        uuid,
        vcpus: 1,
        memoryBytes: 64 * MIB,
        disks: [{ target: 'vda', path: path('a'), source: 'block', device: 'disk', readonly: false }],
        nics: [{ mac: `52:54:00:${randomBytes(3).toString('hex').match(/../g)?.join(':')}`, source: { network } }],
        boot: ['disk'],
      });
      await ask((driver) => driver.domains.define(xml));
    });
    afterAll(async () => {
      const domain = await ask((driver) => driver.domains.look(uuid));
      if (domain !== null && domain.state !== 'shut off') await ask((driver) => driver.domains.stop(uuid));
      if (domain !== null) await ask((driver) => driver.domains.undefine(uuid, { keepNvram: false }));
      for (const name of ['a', 'b'])
        await ask((driver) => driver.volumes.removeMarked({ ...volume(name), tag: opTag(marks.op) }));
    });

    it('knows a domain that is not there', async () => {
      expect(await ask((driver) => driver.disks.seen(none))).toBeNull();
      expect(await ask((driver) => driver.disks.counters(none))).toBeNull();
      expect(await refusal((driver) => driver.disks.attach(none, second()))).toMatch(
        /^host_fault: .*failed to get domain/,
      );
      expect(await refusal((driver) => driver.disks.detach(none, second()))).toMatch(
        /^host_fault: .*failed to get domain/,
      );
    });

    it('attaches and detaches a disk of a domain that is off, again and again', async () => {
      expect(await ask((driver) => driver.disks.counters(uuid))).toBeNull();
      expect(await ask((driver) => driver.disks.trim(uuid))).toEqual({ trimmed: false, why: 'it does not run' });
      expect(await ask((driver) => driver.disks.filesystems(uuid))).toBeNull();
      // Of many, one that has nothing to say keeps the others from nothing.
      expect(await ask((driver) => driver.disks.filesystemsOf([none, uuid]))).toEqual(new Map());
      for (const _time of [1, 2]) await ask((driver) => driver.disks.attach(uuid, second()));
      const found = await seen();
      expect([found?.live, places(found?.kept)]).toEqual([null, [first(), other()]]);
      // What was read attaches the same disk again.
      expect(found?.kept[1]?.xml).toContain('<serial>hostler-d1</serial>');
      expect(found?.kept[1]?.xml).not.toMatch(/<address|<alias/);
      for (const _time of [1, 2]) await ask((driver) => driver.disks.detach(uuid, second()));
      expect(places((await seen())?.kept)).toEqual([first()]);
      const again = { ...second(), xml: found?.kept[1]?.xml ?? '' };
      await ask((driver) => driver.disks.attach(uuid, again));
      expect((await seen())?.kept[1]?.xml).toBe(again.xml);
      await ask((driver) => driver.disks.detach(uuid, again));
    });

    it('puts another volume behind a disk of the definition, at its place, again and again', async () => {
      const before = (await seen())?.kept[0];
      const xml = world().driver.disks.behind(before?.placed ?? '', path('b'));
      for (const _time of [1, 2]) await ask((driver) => driver.disks.redefine(uuid, { target: 'vda', xml }));
      const after = (await seen())?.kept[0];
      expect(places(after === undefined ? null : [after])).toEqual([{ ...first(), source: path('b') }]);
      // Where the guest has it plugged in stays as well.
      expect(before?.placed).toMatch(/<address /);
      expect(after?.placed).toBe(xml);
      const back = { target: 'vda', xml: before?.placed ?? '' };
      await ask((driver) => driver.disks.redefine(uuid, back));
      expect((await seen())?.kept[0]).toEqual(before);
      const nowhere = { target: 'vdq', xml: world().driver.disks.moved(before?.xml ?? '', 'vdq') };
      expect(await refusal((driver) => driver.disks.redefine(uuid, nowhere))).toMatch(
        /^host_fault: .*target vdq doesn't exist/,
      );
    });

    it('attaches a disk to a domain that runs, and to its definition', async () => {
      await ask((driver) => driver.domains.start(uuid));
      for (const _time of [1, 2]) await ask((driver) => driver.disks.attach(uuid, second()));
      const found = await seen();
      expect([places(found?.live), places(found?.kept)]).toEqual([
        [first(), other()],
        [first(), other()],
      ]);
      expect(await ask((driver) => driver.volumes.look(volume('b')))).toMatchObject({ open: true });
      expect(await ask((driver) => driver.domains.diskBytes(uuid, 'vdb'))).toBe(8 * MIB);
      const counted = await ask((driver) => driver.disks.counters(uuid));
      expect(counted?.map(({ target }) => target)).toEqual(['vda', 'vdb']);
      expect(counted?.[1]).toEqual({
        target: 'vdb',
        readRequests: expect.any(Number),
        readBytes: expect.any(Number),
        readNs: expect.any(Number),
        writeRequests: 0,
        writeBytes: 0,
        writeNs: 0,
        flushRequests: 0,
        flushNs: 0,
      });
      const nowhere = { ...second(), source: path('none'), target: 'vdc' };
      const xml = world().driver.disks.xmlOf({ ...nowhere, serial: 'none' });
      expect(await refusal((driver) => driver.disks.attach(uuid, { ...nowhere, xml }))).toMatch(
        /^host_fault: .*Cannot access storage file/,
      );
      await ask((driver) => driver.disks.detach(uuid, nowhere));
    });

    it('takes a disk out of the definition at once, out of the domain when its guest lets go or it is off', async () => {
      // Twice: a guest that was asked already takes its time.
      for (const _time of [1, 2]) await ask((driver) => driver.disks.detach(uuid, second()));
      expect(places((await seen())?.kept)).toEqual([first()]);
      await ask((driver) => driver.domains.stop(uuid));
      expect(await seen()).toMatchObject({ live: null, kept: [{ target: 'vda' }] });
      expect(await ask((driver) => driver.volumes.look(volume('b')))).toMatchObject({ open: false });
    });

    it('plugs a disk into what runs, and not into its definition; one that is in it, again and again', async () => {
      await ask((driver) => driver.domains.start(uuid));
      for (const _time of [1, 2]) await ask((driver) => driver.disks.plug(uuid, second()));
      const found = await seen();
      expect([places(found?.live), places(found?.kept)]).toEqual([[first(), other()], [first()]]);
      await ask((driver) => driver.domains.stop(uuid));
      await ask((driver) => driver.disks.plug(uuid, second()));
      expect(places((await seen())?.kept)).toEqual([first()]);
    });

    it('mirrors a disk of a domain that runs, gives that up, and goes over to the mirror, each again and again', async () => {
      const pair = { from: path('a'), to: path('b') };
      const back = { from: pair.to, to: pair.from };
      const disk = async () => {
        const found = await seen();
        return { live: found?.live?.[0], kept: found?.kept[0] };
      };
      const ready = () =>
        until(
          (driver) => driver.disks.seen(uuid),
          (found) => found?.live?.[0]?.mirror?.ready === true,
        );
      expect(await refusal((driver) => driver.mirrors.begin(uuid, pair))).toMatch(/not running/);
      await ask((driver) => driver.mirrors.giveUp(uuid, pair));
      await ask((driver) => driver.domains.start(uuid));
      for (const _time of [1, 2]) await ask((driver) => driver.mirrors.begin(uuid, pair));
      expect((await disk()).live?.mirror?.to).toBe(pair.to);
      await ready();
      expect(await disk()).toMatchObject({
        live: { source: pair.from, mirror: { to: pair.to, ready: true } },
        kept: { source: pair.from, mirror: null },
      });
      expect((await disk()).live?.placed).not.toContain('mirror');
      for (const _time of [1, 2]) await ask((driver) => driver.mirrors.giveUp(uuid, pair));
      expect(await disk()).toMatchObject({ live: { source: pair.from, mirror: null } });

      await ask((driver) => driver.mirrors.begin(uuid, pair));
      await ready();
      for (const _time of [1, 2]) await ask((driver) => driver.mirrors.pivot(uuid, pair));
      // The definition follows the domain that runs.
      const over = { live: { source: pair.to, mirror: null }, kept: { source: pair.to } };
      expect(await disk()).toMatchObject(over);
      // What comes too late finds nothing.
      await ask((driver) => driver.mirrors.begin(uuid, pair));
      await ask((driver) => driver.mirrors.giveUp(uuid, pair));
      expect(await disk()).toMatchObject(over);

      await until(
        (driver) => both(driver.disks.seen(uuid), driver.mirrors.advance(uuid, back)),
        ([found]) => found?.live?.[0]?.source === back.to,
      );
      await ask((driver) => driver.mirrors.advance(uuid, back));
      expect(await disk()).toMatchObject({ live: { source: back.to, mirror: null }, kept: { source: back.to } });
      await ask((driver) => driver.domains.stop(uuid));
    });

    it('detaches the disk of that source, and no other at its place', async () => {
      await ask((driver) => driver.disks.attach(uuid, second()));
      await ask((driver) => driver.disks.detach(uuid, { target: 'vdb', source: path('none') }));
      expect(places((await seen())?.kept)).toEqual([first(), other()]);
    });
  });
}
