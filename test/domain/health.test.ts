import { describe, expect, it } from 'vitest';
import {
  afterProbe,
  isBootLoop,
  type Remembered,
  wantedAtFirst,
  whyDown,
  whyPaused,
  withStart,
} from '../../src/domain/health.ts';

const NEW: Remembered = {
  wanted: 'running',
  agentSeenAt: null,
  agentSilentSince: null,
  addressSeenAt: null,
  addressLostSince: null,
  starts: [],
};

describe('a VM that is down', () => {
  it('is one that its team wants to run', () => {
    const off = { state: 'shut off', reason: 'shutdown' } as const;
    expect(whyDown('running', off)).toMatch(/shut down/);
    expect(whyDown('running', { state: 'shut off', reason: 'destroyed' })).toMatch(/power was cut/);
    expect(whyDown('running', { state: 'crashed', reason: '' })).toMatch(/crashed/);
    for (const wanted of ['off', 'suspended', null] as const) expect(whyDown(wanted, off)).toBeNull();
    expect(whyDown('running', { state: 'running', reason: 'booted' })).toBeNull();
    expect(whyDown('running', { state: 'no state', reason: '' })).toBeNull();
    expect(whyDown('running', null)).toBeNull();
  });

  it('is missing whatever its team wants', () => {
    for (const wanted of ['running', 'off', null] as const)
      expect(whyDown(wanted, { state: 'missing', reason: '' })).toMatch(/no such domain/);
  });

  it('is not one that pauses for a snapshot', () => {
    const snapshot = { state: 'paused', reason: 'creating snapshot' } as const;
    expect([whyDown('running', snapshot), whyPaused(snapshot)]).toEqual([null, null]);
    const full = { state: 'paused', reason: 'I/O error' } as const;
    expect([whyDown('running', full), whyPaused(full)]).toEqual([null, expect.stringMatching(/I\/O error/)]);
  });

  it('is wanted as it was first seen, where nobody said', () => {
    expect(wantedAtFirst({ state: 'running', reason: 'booted' })).toBe('running');
    expect(wantedAtFirst({ state: 'shut off', reason: '' })).toBe('off');
    expect(wantedAtFirst({ state: 'paused', reason: 'user' })).toBe('suspended');
    expect(wantedAtFirst({ state: 'missing', reason: '' })).toBeNull();
  });
});

describe('an agent or an address', () => {
  const probe = (agent: 'answers' | 'silent' | 'none' | null, hasAddress: boolean | null) => ({
    uuid: 'u',
    agent,
    hasAddress,
  });

  it('is lost only where it was there before, from the first time it was missed', () => {
    expect(afterProbe(NEW, probe('silent', false), 5)).toMatchObject({
      agentSilentSince: null,
      addressLostSince: null,
    });
    const known = { ...NEW, ...afterProbe(NEW, probe('answers', true), 10) };
    expect(known).toMatchObject({ agentSeenAt: 10, addressSeenAt: 10 });
    const lost = { ...known, ...afterProbe(known, probe('silent', false), 20) };
    expect(lost).toMatchObject({ agentSilentSince: 20, addressLostSince: 20 });
    expect(afterProbe(lost, probe('silent', false), 30)).toMatchObject({ agentSilentSince: 20, addressLostSince: 20 });
    expect(afterProbe(lost, probe(null, null), 30)).toMatchObject({ agentSilentSince: 20, addressLostSince: 20 });
    expect(afterProbe(lost, probe('answers', true), 40)).toMatchObject({
      agentSilentSince: null,
      addressLostSince: null,
    });
  });
});

it('three starts in a quarter of an hour are a boot loop', () => {
  const minute = 60_000;
  const starts = [0, 5 * minute, 10 * minute];
  expect(isBootLoop(starts, 11 * minute)).toBe(true);
  expect(isBootLoop(starts, 16 * minute)).toBe(false);
  expect(isBootLoop(starts.slice(1), 11 * minute)).toBe(false);
  expect(Array.from({ length: 100 }, (_, at) => at).reduce<readonly number[]>(withStart, [])).toHaveLength(10);
});
