import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { DomainSpec } from '../../src/operations/driver.ts';
import type { Bench } from './world.ts';

const MIB = 1024 * 1024;

export function domainContract({ world, prefix, marks, ask, refusal, until }: Bench): void {
  describe('domains', () => {
    const uuid = randomUUID();
    const none = randomUUID();
    const other = randomUUID();
    const disk = () => ({ vg: world().vg, name: `${prefix}-disk` });
    const names = { domainName: `${prefix}-web`, team: prefix, name: 'web' };
    const mac = `52:54:00:${randomBytes(3).toString('hex').match(/../g)?.join(':')}`;
    let template = '';
    const spec = (): DomainSpec => ({
      ...marks,
      ...names,
      uuid,
      vcpus: 2,
      memoryBytes: 128 * MIB,
      disks: [
        {
          target: 'vda',
          path: world().driver.volumes.devicePath(disk()),
          source: 'block',
          device: 'disk',
          readonly: false,
        },
      ],
      nics: [{ mac, source: { network: world().network } }],
      boot: ['disk'],
    });
    const look = () => ask((driver) => driver.domains.look(uuid));

    beforeAll(async () => {
      const { pool } = world();
      await ask((driver) => driver.volumes.createThin({ ...disk(), pool, sizeBytes: 8 * MIB, marks }));
    });
    afterAll(async () => {
      const seen = await look();
      if (seen !== null && seen.state !== 'shut off') await ask((driver) => driver.domains.stop(uuid));
      if (seen !== null) await ask((driver) => driver.domains.undefine(uuid, { keepNvram: false }));
      await ask((driver) => driver.volumes.removeMarked({ ...disk(), tag: opTag(marks.op) }));
    });

    it('knows a domain that is not there', async () => {
      expect(await ask((driver) => driver.domains.look(none))).toBeNull();
      expect(await ask((driver) => driver.domains.xml(none, { inactive: true }))).toBeNull();
      expect(await ask((driver) => driver.domains.marksOf(none))).toBeNull();
      expect(await ask((driver) => driver.domains.definitions([none]))).toEqual([null]);
      expect(await ask((driver) => driver.domains.autostartOf(none))).toBeNull();
      expect(await ask((driver) => driver.domains.keptAs(none))).toBeNull();
      expect(await ask((driver) => driver.domains.vncDisplay(none))).toBeNull();
      expect(await ask((driver) => driver.domains.addresses(none))).toEqual([]);
      expect(await ask((driver) => driver.domains.diskBytes(none, 'vda'))).toBeNull();
      for (const verb of ['start', 'shutdown', 'stop', 'suspend', 'resume'] as const) {
        expect(await refusal((driver) => driver.domains[verb](none))).toMatch(/^host_fault: .*failed to get domain/);
      }
      expect(await refusal((driver) => driver.domains.undefine(none, { keepNvram: true }))).toMatch(
        /^host_fault: .*failed to get domain/,
      );
    });

    it('defines what a template and a spec make', async () => {
      const { osinfo } = world();
      template = await ask((driver) => driver.domains.template({ osinfo, vcpus: 1, memoryBytes: 64 * MIB }));
      const xml = world().driver.domains.fillTemplate(template, spec());
      for (const _time of [1, 2]) await ask((driver) => driver.domains.define(xml));
      expect(await look()).toEqual({
        uuid,
        name: names.domainName,
        state: 'shut off',
        reason: expect.any(String),
        vcpus: 2,
        memoryBytes: 128 * MIB,
        balloonBytes: 128 * MIB,
        cpuTimeNs: null,
      });
      expect(await ask((driver) => driver.domains.marksOf(uuid))).toEqual({ ...marks, team: prefix, name: 'web' });
      expect(await ask((driver) => driver.domains.xml(uuid, { inactive: true }))).toContain(mac);
      expect(await ask((driver) => driver.domains.definitions([none, uuid]))).toEqual([
        null,
        {
          kind: 'read',
          uuid,
          domainName: names.domainName,
          marks: { ...marks, team: prefix, name: 'web' },
          vcpus: 2,
          memoryBytes: 128 * MIB,
          disks: [{ target: 'vda', path: world().driver.volumes.devicePath(disk()), written: true }],
          nics: [{ mac, source: { network: world().network } }],
        },
      ]);
      expect(await ask((driver) => driver.domains.vncDisplay(uuid))).toBeNull();
      expect(await ask((driver) => driver.domains.addresses(uuid))).toEqual([]);
    });

    it('refuses an OS it does not know, broken XML, and a name that another domain has', async () => {
      const unknown = { osinfo: 'no-such-os', vcpus: 1, memoryBytes: 64 * MIB };
      expect(await refusal((driver) => driver.domains.template(unknown))).toMatch(/^host_fault: .*no-such-os/);
      expect(await refusal((driver) => driver.domains.define('<domain'))).toMatch(/^host_fault: /);
      const twin = world().driver.domains.fillTemplate(template, { ...spec(), uuid: none });
      expect(await refusal((driver) => driver.domains.define(twin))).toMatch(/^host_fault: .*already exists with uuid/);
    });

    it('defines and starts in one, and takes both back; what is not defined is not started', async () => {
      const both = { ...spec(), uuid: other, domainName: `${prefix}-both`, name: 'both' };
      const xml = world().driver.domains.fillTemplate(template, both);
      const taken = xml.replaceAll(both.domainName, names.domainName);
      expect(await refusal((driver) => driver.domains.defineAndStart(other, taken))).toMatch(
        /^host_fault: .*already exists with uuid/,
      );
      expect(await ask((driver) => driver.domains.look(other))).toBeNull();
      await ask((driver) => driver.domains.defineAndStart(other, xml));
      expect(await ask((driver) => driver.domains.look(other))).toMatchObject({
        name: both.domainName,
        state: 'running',
      });
      expect(await refusal((driver) => driver.domains.defineAndStart(other, xml))).toMatch(
        /^host_fault: .*already active/,
      );
      await ask((driver) => driver.domains.stopAndUndefine(other));
      expect(await ask((driver) => driver.domains.look(other))).toBeNull();
      // One that is off needs no power cut.
      await ask((driver) => driver.domains.define(xml));
      await ask((driver) => driver.domains.stopAndUndefine(other));
      expect(await ask((driver) => driver.domains.look(other))).toBeNull();
    });

    it('turns autostart on and off', async () => {
      for (const on of [true, true, false, false]) {
        await ask((driver) => driver.domains.autostart(uuid, on));
        expect(await ask((driver) => driver.domains.autostartOf(uuid))).toBe(on);
        expect(await ask((driver) => driver.domains.keptAs(uuid))).toEqual({ persistent: true, autostart: on });
        expect((await ask((driver) => driver.domains.autostarting())).includes(uuid)).toBe(on);
      }
    });

    it('renames a domain that is off, and again; its marks stay', async () => {
      const next = { domainName: `${prefix}-api`, team: prefix, name: 'api' };
      for (const _time of [1, 2]) await ask((driver) => driver.domains.rename(uuid, next));
      expect(await look()).toMatchObject({ name: next.domainName });
      expect(await ask((driver) => driver.domains.marksOf(uuid))).toEqual({ ...marks, team: prefix, name: 'api' });
    });

    it('takes marks off and writes others, again and again, to the definition and to what runs', async () => {
      const other = { op: `op_${prefix}-2`, vm: `vm_${prefix}-2`, team: prefix, name: 'two', domain: `${prefix}-api` };
      const shown = async (inactive: boolean) =>
        (await ask((driver) => driver.domains.xml(uuid, { inactive })))?.includes(other.vm);
      const before = await ask((driver) => driver.domains.marksOf(uuid));
      for (const _time of [1, 2]) await ask((driver) => driver.domains.unmark(uuid, { live: false }));
      expect(await ask((driver) => driver.domains.marksOf(uuid))).toBeNull();
      // It is off: what is meant for a running domain has nowhere to go, and is no failure.
      for (const _time of [1, 2]) await ask((driver) => driver.domains.mark(uuid, other, { live: true }));
      expect(await ask((driver) => driver.domains.marksOf(uuid))).toEqual(other);
      for (const _time of [1, 2]) await ask((driver) => driver.domains.unmark(uuid, { live: true }));
      await ask((driver) => driver.domains.start(uuid));
      for (const _time of [1, 2]) await ask((driver) => driver.domains.mark(uuid, other, { live: true }));
      expect([await shown(true), await shown(false)]).toEqual([true, true]);
      for (const _time of [1, 2]) await ask((driver) => driver.domains.unmark(uuid, { live: true }));
      expect([await shown(true), await shown(false)]).toEqual([false, false]);
      await ask((driver) => driver.domains.stop(uuid));
      await ask((driver) => driver.domains.mark(uuid, before ?? other, { live: false }));
      expect(await ask((driver) => driver.domains.marksOf(uuid))).toEqual({ ...marks, team: prefix, name: 'api' });
      expect(await refusal((driver) => driver.domains.mark(none, other, { live: false }))).toMatch(
        /^host_fault: .*failed to get domain/,
      );
    });

    it('starts, suspends, resumes and stops', async () => {
      for (const verb of ['stop', 'suspend', 'resume', 'shutdown'] as const) {
        expect(await refusal((driver) => driver.domains[verb](uuid))).toMatch(/^host_fault: .*domain is not running/);
      }
      await ask((driver) => driver.domains.start(uuid));
      expect(await look()).toMatchObject({ state: 'running', reason: 'booted', cpuTimeNs: expect.any(Number) });
      expect(await refusal((driver) => driver.domains.start(uuid))).toMatch(/^host_fault: .*already active/);
      expect(await ask((driver) => driver.domains.vncDisplay(uuid))).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(await ask((driver) => driver.volumes.look(disk()))).toMatchObject({ open: true });
      const large = { target: 'vda', sizeBytes: 16 * MIB };
      await ask((driver) => driver.volumes.extend({ ...disk(), sizeBytes: large.sizeBytes }));
      expect(await ask((driver) => driver.domains.diskBytes(uuid, 'vda'))).toBe(8 * MIB);
      for (const _time of [1, 2]) await ask((driver) => driver.domains.resizeDisk(uuid, large));
      expect(await ask((driver) => driver.domains.diskBytes(uuid, 'vda'))).toBe(large.sizeBytes);
      expect(await ask((driver) => driver.domains.diskBytes(uuid, 'vdq'))).toBeNull();
      expect(await refusal((driver) => driver.domains.resizeDisk(uuid, { ...large, target: 'vdq' }))).toMatch(
        /^host_fault: .*was not found in the domain config/,
      );
      const inUse = await refusal((driver) => driver.volumes.removeMarked({ ...disk(), tag: opTag(marks.op) }));
      expect(inUse).toMatch(/^host_fault: .*in use/);
      for (const _time of [1, 2]) await ask((driver) => driver.domains.suspend(uuid));
      expect(await look()).toMatchObject({ state: 'paused', reason: 'user' });
      await ask((driver) => driver.domains.resume(uuid));
      expect(await look()).toMatchObject({ state: 'running', reason: 'unpaused' });
      const running = { domainName: `${prefix}-run`, team: prefix, name: 'run' };
      expect(await refusal((driver) => driver.domains.rename(uuid, running))).toMatch(/^host_fault: /);
      await ask((driver) => driver.domains.stop(uuid));
      const off = await until(
        (driver) => driver.domains.look(uuid),
        (seen) => seen?.state === 'shut off',
      );
      expect(off).toMatchObject({ state: 'shut off', reason: 'destroyed' });
    });

    it('gives a domain that is off another size, again and again, whichever way', async () => {
      const kept = async () => (await ask((driver) => driver.domains.sizeOf(uuid)))?.kept;
      const sizes = [
        { vcpus: 1, maxVcpus: 4, memoryBytes: 128 * MIB, maxMemoryBytes: 256 * MIB },
        { vcpus: 2, maxVcpus: 2, memoryBytes: 96 * MIB, maxMemoryBytes: 96 * MIB },
        { vcpus: 1, maxVcpus: 2, memoryBytes: 128 * MIB, maxMemoryBytes: 256 * MIB },
      ];
      for (const size of sizes) {
        for (const _time of [1, 2]) await ask((driver) => driver.domains.resize(uuid, size));
        expect(await kept()).toEqual(size);
      }
      expect(await ask((driver) => driver.domains.sizeOf(uuid))).toEqual({
        state: 'shut off',
        live: null,
        kept: sizes[2],
        topology: false,
        numa: false,
        pinned: [],
        cpus: null,
      });
      expect(await ask((driver) => driver.domains.sizeOf(none))).toBeNull();
      const over = { vcpus: 3, maxVcpus: 2, memoryBytes: 128 * MIB, maxMemoryBytes: 256 * MIB };
      expect(await refusal((driver) => driver.domains.resize(uuid, over))).toMatch(
        /^host_fault: .*greater than max allowable vcpus for the persistent domain: 3 > 2/,
      );
      expect(await refusal((driver) => driver.domains.resize(none, over))).toMatch(
        /^host_fault: .*failed to get domain/,
      );
      expect(await refusal((driver) => driver.domains.balloon(uuid, 96 * MIB))).toMatch(
        /^host_fault: .*domain is not running/,
      );
      expect(await refusal((driver) => driver.domains.plugVcpus(uuid, 2))).toMatch(
        /^host_fault: .*domain is not running/,
      );
    });

    it('plugs vCPUs into a running domain and sets its balloon, up to the maxima and no further', async () => {
      const size = () => ask((driver) => driver.domains.sizeOf(uuid));
      await ask((driver) => driver.domains.start(uuid));
      expect((await size())?.live).toMatchObject({ vcpus: 1, maxVcpus: 2, maxMemoryBytes: 256 * MIB });
      for (const _time of [1, 2]) await ask((driver) => driver.domains.plugVcpus(uuid, 2));
      expect(await size()).toMatchObject({ live: { vcpus: 2 }, kept: { vcpus: 2, maxVcpus: 2 } });
      expect(await refusal((driver) => driver.domains.plugVcpus(uuid, 3))).toMatch(
        /^host_fault: .*greater than max allowable vcpus for the live domain: 3 > 2/,
      );
      // There is no guest on this disk, so nobody follows: the host has been told, and that is all.
      for (const _time of [1, 2]) await ask((driver) => driver.domains.balloon(uuid, 192 * MIB));
      expect(await size()).toMatchObject({ kept: { memoryBytes: 192 * MIB, maxMemoryBytes: 256 * MIB } });
      expect(await refusal((driver) => driver.domains.balloon(uuid, 257 * MIB))).toMatch(
        /^host_fault: .*cannot set memory higher than max memory/,
      );
      await ask((driver) => driver.domains.stop(uuid));
      await ask((driver) => driver.domains.start(uuid));
      expect((await size())?.live).toMatchObject({ vcpus: 2 });
      // What it was booted with is not pulled out again.
      expect(await refusal((driver) => driver.domains.plugVcpus(uuid, 1))).toMatch(
        /^host_fault: .*failed to find appropriate hotpluggable vcpus/,
      );
      await ask((driver) => driver.domains.stop(uuid));
    });

    it('undefines, keeping storage, and defines again from the kept XML under another name', async () => {
      const kept = await ask((driver) => driver.domains.xml(uuid, { inactive: true }));
      await ask((driver) => driver.domains.undefine(uuid, { keepNvram: true }));
      expect(await look()).toBeNull();
      expect(await ask((driver) => driver.volumes.look(disk()))).not.toBeNull();
      const back = { domainName: `${prefix}-back`, team: prefix, name: 'back' };
      const xml = world().driver.domains.renameInXml(kept ?? '', back);
      await ask((driver) => driver.domains.define(xml));
      expect(await look()).toMatchObject({ name: back.domainName, state: 'shut off' });
      expect(await ask((driver) => driver.domains.marksOf(uuid))).toEqual({ ...marks, team: prefix, name: 'back' });
    });
  });
}
