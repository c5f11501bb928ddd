import { describe, expect, it } from 'vitest';
import { policyText, type RestartMemory, restartVerdict, withRestart } from '../../src/domain/restart.ts';
import type { Vm } from '../../src/domain/vm.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 100 * HOUR;
const BOOTED = NOW - 50 * HOUR;
const memory = (change: Partial<RestartMemory> = {}): RestartMemory => ({
  wanted: 'running',
  wantedAt: NOW - 10 * HOUR,
  starts: [],
  restartPolicy: 'on-failure',
  restartLimit: 3,
  restarts: [],
  gaveUpAt: null,
  startedForBoot: null,
  ...change,
});
const seen = (state: NonNullable<Vm['seen']>['state'], reason: string) => ({ state, reason, at: NOW });
const crashed = seen('shut off', 'crashed');
const verdict = (change: Partial<RestartMemory>, what: Vm['seen'] = crashed, bootedAt = BOOTED) =>
  restartVerdict(memory(change), what, bootedAt, NOW);

describe('a restart policy', () => {
  it.each<readonly [string, Vm['seen'], string, string]>([
    ['crashed', crashed, 'start', 'start'],
    ['panicked', seen('crashed', 'panicked'), 'start', 'start'],
    ['failed to start', seen('shut off', 'failed'), 'start', 'start'],
    ['shut down from inside', seen('shut off', 'shutdown'), 'nothing', 'start'],
    ['had its power cut', seen('shut off', 'destroyed'), 'nothing', 'start'],
    ['off, nobody knows why', seen('shut off', ''), 'nothing', 'start'],
    ['migrated away', seen('shut off', 'migrated'), 'nothing', 'nothing'],
    ['saved', seen('shut off', 'saved'), 'nothing', 'nothing'],
    ['running', seen('running', 'booted'), 'nothing', 'nothing'],
    ['paused', seen('paused', 'I/O error'), 'nothing', 'nothing'],
    ['missing', seen('missing', ''), 'nothing', 'nothing'],
    ['not seen yet', null, 'nothing', 'nothing'],
  ])('of one that is %s', (_, what, onFailure, always) => {
    expect(verdict({}, what).do).toBe(onFailure);
    expect(verdict({ restartPolicy: 'always' }, what).do).toBe(always);
    expect(verdict({ restartPolicy: null, restartLimit: null }, what).do).toBe('nothing');
  });

  it('leaves alone what its team wants off, or has said nothing of', () => {
    for (const wanted of ['off', 'suspended', null] as const)
      expect(verdict({ wanted, restartPolicy: 'always' })).toEqual({ do: 'nothing' });
  });

  it('counts within the hour, and gives up at the limit', () => {
    expect(verdict({})).toEqual({ do: 'start', why: 'it crashed', nth: 1 });
    const restarts = [NOW - 2 * HOUR, NOW - 20 * MINUTE, NOW - 10 * MINUTE];
    expect(verdict({ restarts })).toMatchObject({ do: 'start', nth: 3 });
    expect(verdict({ restarts, restartLimit: 2 })).toEqual({ do: 'give-up', why: 'it crashed' });
  });

  it('stays given up until somebody starts it', () => {
    const restarts = [NOW - 3 * MINUTE, NOW - 2 * MINUTE];
    const gaveUpAt = NOW - MINUTE;
    const limit = { restarts, restartLimit: 2, gaveUpAt };
    expect(verdict(limit)).toEqual({ do: 'nothing' });
    expect(verdict({ ...limit, restarts: [], gaveUpAt: NOW - 9 * HOUR })).toEqual({ do: 'nothing' });
    expect(verdict({ ...limit, wantedAt: NOW - 1 })).toMatchObject({ do: 'start', nth: 1 });
    expect(verdict({ ...limit, starts: [NOW - 1] })).toMatchObject({ do: 'start', nth: 1 });
  });

  it('takes a boot of the host for no crash: `always` starts it once, without counting', () => {
    const off = seen('shut off', '');
    const booted = NOW - 2 * MINUTE;
    expect(verdict({}, off, booted)).toEqual({ do: 'nothing' });
    const always = memory({ restartPolicy: 'always', restarts: [NOW - MINUTE], restartLimit: 1 });
    const first = restartVerdict(always, off, booted, NOW);
    expect(first).toEqual({ do: 'start', why: 'its host has booted', nth: null });
    const after = { ...always, ...withRestart(always, null, booted, NOW) };
    expect(after.restarts).toEqual(always.restarts);
    // An uptime that is read a second later tells of the same boot.
    expect(restartVerdict(after, off, booted + 1000, NOW).do).toBe('give-up');
    expect(restartVerdict(after, off, booted + HOUR, NOW).do).toBe('start');
    // Who was started since the boot went down for another reason.
    expect(verdict({ restartPolicy: 'always', wantedAt: NOW - MINUTE }, off, booted)).toMatchObject({ nth: 1 });
  });

  it('is said in words', () => {
    expect(policyText({ restartPolicy: null, restartLimit: null })).toBe('never');
    expect(policyText({ restartPolicy: 'always', restartLimit: 1 })).toBe('always, at most once an hour');
    expect(policyText({ restartPolicy: 'on-failure', restartLimit: 3 })).toBe('on-failure, at most 3 times an hour');
  });
});
