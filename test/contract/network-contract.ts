import { afterAll, describe, expect, it } from 'vitest';
import type { Bench } from './world.ts';

/** Networks that lead nowhere, and what is asked of guests from their host. */
export function networkContract({ world, prefix, ask, refusal, until }: Bench): void {
  describe('isolated networks', () => {
    const network = {
      name: `${prefix}-alone`,
      prefix: '198.19.255',
      guests: [{ mac: '52:54:00:19:25:05', address: '198.19.255.10' }],
    };
    const look = (name = network.name) => ask((driver) => driver.networks.look(name));
    afterAll(async () => {
      await ask((driver) => driver.networks.remove(network.name));
    });

    it('tells one that leads elsewhere from one that is not there', async () => {
      expect(await look(world().network)).toMatchObject({ isolated: false });
      expect(await look()).toBeNull();
      for (const _time of [1, 2]) await ask((driver) => driver.networks.remove(network.name));
    });

    it('makes one, and no second of its name', async () => {
      await ask((driver) => driver.networks.create(network));
      expect(await look()).toEqual({ isolated: true, bridge: expect.stringMatching(/^virbr\d+$/) });
      expect(await refusal((driver) => driver.networks.create(network))).toMatch(/^host_fault: .*already exists/);
      expect(await refusal((driver) => driver.networks.create({ ...network, name: `${prefix}-other` }))).toMatch(
        /already in use/,
      );
    });

    it('has nobody there who would answer', async () => {
      expect(await ask((driver) => driver.probes.ping('198.19.255.10'))).toBe(false);
      expect(await ask((driver) => driver.probes.port('198.19.255.10', 22))).toBe(false);
    });

    it('removes it, and all that was of it', async () => {
      for (const _time of [1, 2]) await ask((driver) => driver.networks.remove(network.name));
      expect(
        await until(
          (driver) => driver.networks.look(network.name),
          (seen) => seen === null,
        ),
      ).toBeNull();
    });
  });
}
