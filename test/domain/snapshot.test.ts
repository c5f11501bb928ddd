import { describe, expect, it } from 'vitest';
import { consistencyOf, freeSnapshotName, holdFor, snapshotVolume } from '../../src/domain/snapshot.ts';

describe('how a guest is held for a snapshot', () => {
  it.each([
    ['running', true, 1, 'freeze'],
    ['running', true, 2, 'both'],
    ['running', false, 2, 'suspend'],
    ['running', false, 1, 'none'],
    ['paused', true, 2, 'none'],
    ['shut off', false, 2, 'none'],
  ] as const)('%s, agent %s, %d disks: %s', (state, agent, disks, hold) => {
    expect(holdFor({ state, agent, disks })).toBe(hold);
  });

  it('calls it application-consistent only after a shutdown in order', () => {
    expect(consistencyOf({ state: 'shut off', reason: 'shutdown' }, 'none')).toBe('application');
    expect(consistencyOf({ state: 'shut off', reason: 'destroyed' }, 'none')).toBe('crash');
    expect(consistencyOf({ state: 'running', reason: 'booted' }, 'suspend')).toBe('crash');
    expect(consistencyOf({ state: 'running', reason: 'booted' }, 'freeze')).toBe('filesystem');
  });
});

it('names the first that is free, and volumes as LVM lets them be named', () => {
  expect(freeSnapshotName([])).toBe('snap-1');
  expect(freeSnapshotName(['snap-2', 'snap-1', 'other'])).toBe('snap-3');
  expect(snapshotVolume('snap_01ABC', 1)).toBe('snap-01abc-d1');
});
