/** What a guest's agent is asked to run: in a guest of the small image, which has an agent and no network. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { Bench } from './world.ts';

const MIB = 1024 * 1024;

export function guestContract({ world, prefix, marks, ask, refusal, until }: Bench): void {
  describe('guests', () => {
    const uuid = randomUUID();
    const volume = () => ({ vg: world().vg, name: `${prefix}-guest` });
    const copy = () => ({ vg: world().vg, name: `${prefix}-guest-copy` });
    const unit = `hostler-${prefix}-guest`;

    beforeAll(async () => {
      const { pool, osinfo, image } = world();
      const sizeBytes = (await ask((driver) => driver.images.inspect(image)))?.virtualBytes ?? 0;
      await ask((driver) => driver.volumes.createThin({ ...volume(), pool, sizeBytes, marks }));
      await ask((driver) => driver.images.pour({ path: image, format: 'qcow2', volume: volume(), unit }));
      const poured = await until(
        (driver) => driver.images.pouring(unit),
        (state) => state !== 'running',
      );
      expect(poured).toBe('done');
      const template = await ask((driver) => driver.domains.template({ osinfo, vcpus: 1, memoryBytes: 160 * MIB }));
      const path = world().driver.volumes.devicePath(volume());
      const xml = world().driver.domains.fillTemplate(template, {
        ...marks,
        ...{ uuid, domainName: `${prefix}-guest`, team: prefix, name: 'guest', vcpus: 1, memoryBytes: 160 * MIB },
        disks: [{ target: 'vda', path, source: 'block', device: 'disk', readonly: false }],
        nics: [],
        boot: ['disk'],
      });
      await ask((driver) => driver.domains.define(xml));
    });
    afterAll(async () => {
      await ask((driver) => driver.domains.stopAndUndefine(uuid));
      await ask((driver) => driver.images.stopPouring(unit));
      for (const each of [copy(), volume()])
        await ask((driver) => driver.volumes.removeMarked({ ...each, tag: opTag(marks.op) }));
    });

    /** What a sweep is told of it. */
    const probed = async () => (await ask((driver) => driver.sweep(world().vg, [uuid]))).probes;

    it('says that nobody answers where the guest is off, or not there', async () => {
      expect(await refusal((driver) => driver.guests.command(uuid, 'true'))).toMatch(
        /^host_fault: .*domain is not running/,
      );
      const nobody = randomUUID();
      expect(await refusal((driver) => driver.guests.traces(nobody))).toMatch(/^host_fault: .*failed to get domain/);
      await ask((driver) => driver.guests.freeze(uuid));
      expect(await probed()).toEqual([{ uuid, agent: null, hasAddress: false }]);
    });

    it('says that its agent is silent while it boots', async () => {
      await ask((driver) => driver.domains.start(uuid));
      expect(await probed()).toEqual([{ uuid, agent: 'silent', hasAddress: false }]);
      expect(await refusal((driver) => driver.guests.traces(uuid))).toMatch(
        /^wrong_state: .*the guest’s agent does not answer/,
      );
      // Under emulation a guest takes minutes to boot.
      const boots = () =>
        until(
          (driver) => driver.probes.agent(uuid),
          (answers) => answers,
        );
      for (let minute = 1; !(await boots()); minute += 1) expect(minute).toBeLessThan(8);
      expect(await probed()).toEqual([{ uuid, agent: 'answers', hasAddress: false }]);
    });

    it('runs a command, and tells its exit code and its last words', async () => {
      expect(await ask((driver) => driver.guests.command(uuid, 'true'))).toEqual({ exit: 0, lastLines: '' });
      expect(await ask((driver) => driver.guests.command(uuid, '/no/such-command'))).toEqual({
        exit: 127,
        lastLines: expect.stringMatching(/not found$/),
      });
    });

    it('works out the checksum of a file, the same again and again; of none where there is none', async () => {
      const first = await ask((driver) => driver.guests.sha256(uuid, '/etc/os-release'));
      expect(first).toMatch(/^[0-9a-f]{64}$/);
      expect(await ask((driver) => driver.guests.sha256(uuid, '/etc/os-release'))).toBe(first);
      expect(await ask((driver) => driver.guests.sha256(uuid, '/no/such file'))).toBeNull();
    });

    it('checks a copy of its disk that it is lent, and says where it has no such disk', async () => {
      const target = 'vdm';
      const serial = `hostler-check-${target}`;
      expect(await refusal((driver) => driver.guests.check(uuid, serial))).toMatch(/^host_fault: .*exit code 3/);
      const { vg, name } = copy();
      const sizeBytes = (await ask((driver) => driver.volumes.look(volume())))?.sizeBytes ?? 0;
      const clone = { vg, name, origin: volume().name, originBytes: sizeBytes, sizeBytes, marks };
      await ask((driver) => driver.volumes.clone(clone));
      const source = world().driver.volumes.devicePath(copy());
      const xml = world().driver.disks.xmlOf({ target, source, serial });
      await ask((driver) => driver.disks.plug(uuid, { target, source, xml }));
      const found = await until(
        (driver) => driver.guests.check(uuid, serial),
        (each) => each.length > 0,
      );
      // The small guest's FAT is of no kind that is checked; a simulated one has ext4.
      expect(found.map(({ part, state }) => [part.slice(0, 2), state])).toEqual([
        ['vd', expect.stringMatching(/^(good|none)$/)],
      ]);
    });

    it('finds what is of one machine alone, and nothing of it once that is cleaned, twice', async () => {
      const before = await ask((driver) => driver.guests.traces(uuid));
      expect(before.left).not.toEqual([]);
      for (const _time of [1, 2]) await ask((driver) => driver.guests.clean(uuid));
      const after = await ask((driver) => driver.guests.traces(uuid));
      expect(after.left).toEqual([]);
      expect(after.clean).toEqual(expect.arrayContaining([...before.clean, ...before.left.map(({ kind }) => kind)]));
    });

    it('freezes it, whether or not it can', async () => {
      for (const _time of [1, 2]) await ask((driver) => driver.guests.freeze(uuid));
    });
  });
}
