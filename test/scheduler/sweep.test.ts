import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { sweep } from '../../src/scheduler/jobs/sweep.ts';
import { makeWorld, type World } from '../kit/world.ts';

const HOSTS = 12;
let world: World;
beforeEach(async () => {
  world = await makeWorld({
    hosts: Array.from({ length: HOSTS }, (_, n) => ({ name: `kvm-${n + 1}` })),
    images: false,
  });
});
afterEach(() => world.close());

it('asks all hosts at once, each under a signal of its own, and says how many are silent', async () => {
  const signals: unknown[] = [];
  world.through((host, call, options) => {
    signals.push(options?.signal);
    return world.simulated.run(host, call, options);
  });
  const ending = new AbortController();
  const { signal } = ending;
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const deps = { ...world, settings: () => world.settings, driver: makeDriver(), ids: randomIds(), log, signal };
  const due = { period: '2026-01-01T00:00Z', dueAt: 0, team: null, zone: 'UTC' };
  expect(await sweep.run(deps, due)).toBe('12 hosts');
  // Node warns of more than ten listeners on one, and a fleet has hundreds.
  expect(new Set(signals).size).toBe(HOSTS);
  expect(signals).not.toContain(signal);
  for (const host of world.hosts.slice(0, 2)) host.trouble.down = true;
  expect(await sweep.run(deps, due)).toBe('12 hosts, 2 silent');
});
