/** The life of a simulated fleet: repeats from its seed, counters that only grow, disks that fill, guests that crash. */
import { describe, expect, it } from 'vitest';
import { makeLife } from '../../../demo/fleet/life.ts';
import type { HostModel } from '../../../demo/fleet/model/host-model.ts';
import { procText } from '../../../demo/fleet/model/proc.ts';
import { makeMoulds, populatedHost } from '../../../demo/fleet/populate.ts';
import { runTool } from '../../../demo/fleet/run-tool.ts';
import { planFleet } from '../../../demo/fleet/vm-plan.ts';
import { parseDomstats } from '../../../src/infra/libvirt/parse.ts';

const NIGHT = Date.UTC(2026, 10, 3, 2);
const MINUTE = 60_000;
const HOUR = 3_600_000;

function host(vms = 8): HostModel {
  const [plan] = planFleet('seed', 1, vms, 2);
  if (plan === undefined) throw new Error('a fleet of one host has a host');
  return populatedHost(plan, makeMoulds(NIGHT), NIGHT);
}

function lived(mode: 'calm' | 'busy', ms: number, seed = 'seed', look = ms): HostModel {
  const [model, life] = [host(), makeLife(seed, mode)];
  for (let at = NIGHT; at <= NIGHT + ms; at += look) life.advance(model, at);
  return model;
}

/** Every counter that the host tells, by name. */
function counters(model: HostModel, now: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of procText(model, '/proc/stat', now)?.split('\n') ?? []) {
    const [name = '', ...ticks] = line.split(/\s+/);
    if (name.startsWith('cpu')) ticks.forEach((value, at) => void found.set(`${name} ${at}`, Number(value)));
  }
  for (const line of procText(model, '/proc/diskstats', now)?.trim().split('\n') ?? []) {
    const [, , name, ...values] = line.trim().split(/\s+/);
    for (const at of [0, 2, 3, 4, 6, 7, 9]) found.set(`${name} ${at}`, Number(values[at]));
  }
  for (const kind of ['cpu', 'io', 'memory']) {
    for (const [, total] of procText(model, `/proc/pressure/${kind}`, now)?.matchAll(/total=(\d+)/g) ?? [])
      found.set(`${kind} ${found.size}`, Number(total));
  }
  const { stdout } = runTool(model, ['virsh', 'domstats', '--raw', '--nowait'], { now });
  for (const { name, fields } of parseDomstats(stdout)) {
    for (const [key, value] of Object.entries(fields)) {
      if (/\.(time|bytes|reqs|times|pkts|user|system)$/.test(key)) found.set(`${name} ${key}`, Number(value));
    }
  }
  return found;
}

describe('life', () => {
  it('is the same for the same seed, however often one looks', () => {
    const [often, once] = [lived('busy', 3 * HOUR, 'seed', MINUTE), lived('busy', 3 * HOUR, 'seed', 3 * HOUR)];
    expect(often.domains.map(({ state, reason }) => [state, reason])).toEqual(
      once.domains.map(({ state, reason }) => [state, reason]),
    );
    expect(counters(often, NIGHT + 3 * HOUR)).toEqual(counters(once, NIGHT + 3 * HOUR));
    expect(counters(lived('busy', 3 * HOUR, 'other'), NIGHT + 3 * HOUR)).not.toEqual(counters(once, NIGHT + 3 * HOUR));
  });

  it('turns no counter back, from before the first step on, also when a guest ends', () => {
    const [model, life] = [host(), makeLife('seed', 'busy')];
    const gone = model.domains.find(({ state }) => state === 'running')?.name ?? '';
    // A host lives before it answers, also to the first question.
    life.advance(model, NIGHT + 3_000);
    let before = counters(model, NIGHT + 3_000);
    for (let at = NIGHT + 7_000; at < NIGHT + 20 * MINUTE; at += 7_000) {
      life.advance(model, at);
      if (at === NIGHT + 14_000) runTool(model, ['virsh', 'destroy', '--domain', gone], { now: at });
      const now = counters(model, at);
      const fallen = [...now].filter(([key, value]) => value < (before.get(key) ?? 0) && !key.startsWith(gone));
      expect(
        fallen.filter(([key]) => model.domains.every(({ name, live }) => live !== null || !key.startsWith(name))),
      ).toEqual([]);
      before = now;
    }
  });

  it('loads hosts by day more than by night, and tells the same in load, CPU time and PSI', () => {
    const share = (hour: number): number => {
      const [model, life] = [host(12), makeLife('seed', 'calm')];
      const at = NIGHT - 2 * HOUR + hour * HOUR;
      life.advance(model, at);
      const before = counters(model, at);
      life.advance(model, at + 10 * MINUTE);
      const after = counters(model, at + 10 * MINUTE);
      const grown = (key: string): number => (after.get(key) ?? 0) - (before.get(key) ?? 0);
      const all = [0, 2, 3, 4].reduce((sum, column) => sum + grown(`cpu ${column}`), 0);
      const busy = 1 - grown('cpu 3') / all;
      expect(all).toBeCloseTo(600 * 100 * model.cpus, -3);
      expect(model.load / model.cpus).toBeGreaterThan(busy * 0.6);
      expect(model.load / model.cpus).toBeLessThan(busy * 1.6);
      const guests = [...after.keys()]
        .filter((key) => key.endsWith(' cpu.time'))
        .reduce((sum, key) => sum + grown(key), 0);
      // Guests are most of what a hypervisor does.
      expect(guests / 1e7).toBeGreaterThan(busy * all * 0.5);
      return busy;
    };
    expect(share(14)).toBeGreaterThan(share(3) * 1.5);
  });

  it('fills disks slowly, and no pool to the brim', () => {
    const before = host().volumes.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
    const after = lived('calm', 6 * HOUR).volumes.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
    expect(after).toBeGreaterThan(before + 100 * 1024 ** 2);
    expect(after).toBeLessThan(before * 1.5);
  });

  it('crashes a guest now and then, as libvirt tells it, and leaves most alone', () => {
    const model = lived('busy', 48 * HOUR, 'seed', HOUR);
    const crashed = model.domains.filter(({ reason }) => reason === 'crashed');
    expect(crashed).toHaveLength(1);
    expect(crashed[0]).toMatchObject({ state: 'shut off', live: null });
    const { stdout } = runTool(model, ['virsh', 'domstate', '--domain', crashed[0]?.name ?? '', '--reason'], {
      now: NIGHT,
    });
    expect(stdout).toBe('shut off (crashed)\n\n');
  });

  it('does nothing when it is off', () => {
    const [model, life] = [host(), makeLife('seed', 'off')];
    life.advance(model, NIGHT);
    const before = JSON.stringify({ ...model, livedUntil: 0 });
    life.advance(model, NIGHT + 6 * HOUR);
    expect(JSON.stringify({ ...model, livedUntil: 0 })).toBe(before);
  });
});
