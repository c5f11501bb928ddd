import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { opTag } from '../../src/domain/marks.ts';
import type { DomainSpec } from '../../src/operations/driver.ts';
import type { Bench, HostTrouble } from './world.ts';

const MIB = 1024 * 1024;

/** What each verb says on a host that is broken in a way that hosts do break. Each test mends the host again. */
export function troubleContract({ world, prefix, marks, ask, refusal }: Bench): void {
  describe('a broken host', () => {
    let mend: (() => Promise<void>) | null = null;
    const broken = async (kind: HostTrouble): Promise<void> => {
      mend = await world().trouble(kind, prefix);
    };
    const mended = async (): Promise<void> => {
      await mend?.();
      mend = null;
    };
    afterEach(mended);
    const tag = opTag(marks.op);
    const on = (name: string) => ({ vg: world().vg, name: `${prefix}-${name}` });
    const thin = (name: string) => ({ ...on(name), pool: world().pool, sizeBytes: 8 * MIB, marks });

    it('says that libvirt is stopped, and goes on with what needs no libvirt', async () => {
      const uuid = randomUUID();
      await broken('libvirt-stopped');
      const STOPPED = /^host_fault: .*(not running|failed to connect)/i;
      expect(await refusal((driver) => driver.domains.look(uuid))).toMatch(STOPPED);
      expect(await refusal((driver) => driver.domains.define('<domain/>'))).toMatch(STOPPED);
      expect(await refusal((driver) => driver.domains.start(uuid))).toMatch(STOPPED);
      expect(await refusal((driver) => driver.domains.xml(uuid, { inactive: true }))).toMatch(STOPPED);
      const seen = await ask((driver) => driver.observe(world().vg));
      expect(seen).toMatchObject({ libvirt: null, qemu: null, domains: null, kvm: true });
      expect(seen.problems.map(({ part }) => part)).toEqual(['libvirt', 'domains']);
      expect(seen.volumes).not.toBeNull();
      expect(await ask((driver) => driver.volumes.look(on('none')))).toBeNull();
      await mended();
      expect(await ask((driver) => driver.domains.look(uuid))).toBeNull();
    });

    it('says that sudo has no rule, and makes nothing', async () => {
      await broken('sudo-refused');
      const REFUSED = /^host_fault: .*(sudo|password)/;
      expect(await refusal((driver) => driver.volumes.createThin(thin('s')))).toMatch(REFUSED);
      expect(await refusal((driver) => driver.volumes.look(on('s')))).toMatch(REFUSED);
      expect(await refusal((driver) => driver.volumes.rename({ ...on('s'), to: on('t').name }))).toMatch(REFUSED);
      const seen = await ask((driver) => driver.observe(world().vg));
      expect(seen).toMatchObject({ groups: null, volumes: null, libvirt: expect.any(String) });
      await mended();
      expect(await ask((driver) => driver.volumes.look(on('s')))).toBeNull();
    });

    it('refuses new volumes in a pool that is full, and says so; what is there can be read', async () => {
      await broken('pool-full');
      const pool = `${prefix}-full`;
      const full = await refusal((driver) => driver.volumes.createThin({ ...thin('p'), pool }));
      expect(full).toMatch(/^host_fault: .*(out of data space|reached threshold)/);
      const clone = { ...on('q'), origin: `${pool}-a`, originBytes: 64 * MIB, sizeBytes: 64 * MIB, marks };
      expect(await refusal((driver) => driver.volumes.clone(clone))).toMatch(
        /^host_fault: .*(out of data space|reached threshold)/,
      );
      expect(await ask((driver) => driver.volumes.look({ vg: world().vg, name: pool }))).toMatchObject({
        kind: 'thin-pool',
        dataPercent: 100,
      });
      for (const name of ['p', 'q']) expect(await ask((driver) => driver.volumes.look(on(name)))).toBeNull();
    });

    it('does not start a domain whose network is down', async () => {
      const { osinfo } = world();
      const uuid = randomUUID();
      await ask((driver) => driver.volumes.createThin(thin('n')));
      const template = await ask((driver) => driver.domains.template({ osinfo, vcpus: 1, memoryBytes: 64 * MIB }));
      const path = world().driver.volumes.devicePath(on('n'));
      const mac = `52:54:00:${randomBytes(3).toString('hex').match(/../g)?.join(':')}`;
      const spec: DomainSpec = {
        ...marks,
        uuid,
        domainName: `${prefix}-down`,
        team: prefix,
        name: 'down',
        vcpus: 1,
        memoryBytes: 64 * MIB,
        disks: [{ target: 'vda', path, source: 'block', device: 'disk', readonly: false }],
        nics: [{ mac, source: { network: `${prefix}-net` } }],
        boot: ['disk'],
      };
      await broken('network-down');
      await ask((driver) => driver.domains.define(driver.domains.fillTemplate(template, spec)));
      const refused = await refusal((driver) => driver.domains.start(uuid));
      expect(refused).toMatch(/^host_fault: .*network '.*-net' is not active/);
      expect(await ask((driver) => driver.domains.look(uuid))).toMatchObject({ state: 'shut off' });
      await ask((driver) => driver.domains.undefine(uuid, { keepNvram: false }));
      await ask((driver) => driver.volumes.removeMarked({ ...on('n'), tag }));
    });
  });
}
