import { describe, expect, it } from 'vitest';
import {
  diskVolume,
  freeNumber,
  freeTarget,
  serialOf,
  shortName,
  trashName,
  untrashed,
} from '../../src/domain/disk.ts';
import { type DiskCounters, diskIo } from '../../src/domain/disk-io.ts';

describe('names of disks', () => {
  const id = 'vm_01J00000000000000000000000';

  it('take the first free number, the trash counted in, and never that of the first disk', () => {
    expect(freeNumber(id, [], [])).toBe(1);
    expect(freeNumber(id, [diskVolume(id, 0), diskVolume(id, 1), trashName(diskVolume(id, 2)), 'other-d3'], [])).toBe(
      3,
    );
    expect(freeNumber(id, [diskVolume(id, 2)], [])).toBe(1);
    // That of d1 went along with a disk that was moved.
    expect(freeNumber(id, [diskVolume(id, 2)], [null, serialOf(1)])).toBe(3);
  });

  it('go through the trash and back', () => {
    const volume = diskVolume(id, 12);
    expect(volume).toBe('vm-01j00000000000000000000000-d12');
    expect([shortName(volume), shortName(trashName(volume)), untrashed(trashName(volume))]).toEqual([
      'd12',
      'd12',
      volume,
    ]);
  });

  it('leave vda and vdz to the first disk and the seed, and end', () => {
    expect(freeTarget([])).toBe('vdb');
    expect(freeTarget(['vda', 'vdb', 'vdd'])).toBe('vdc');
    const all = Array.from('bcdefghijklmnopqrstuvwxy', (letter) => `vd${letter}`);
    expect(freeTarget(all.slice(0, -1))).toBe('vdy');
    expect(freeTarget(all)).toBeNull();
  });

  it('fit into what virtio keeps of a serial', () => {
    expect(serialOf(9999).length).toBeLessThanOrEqual(20);
  });
});

describe('traffic of disks', () => {
  const counters = (change: Partial<DiskCounters> = {}): DiskCounters => ({
    target: 'vda',
    readRequests: 100,
    readBytes: 1000,
    readNs: 5_000_000,
    writeRequests: 10,
    writeBytes: 4096,
    writeNs: 0,
    flushRequests: 1,
    flushNs: 1_000_000,
    ...change,
  });

  it('is what came between two looks', () => {
    const after = counters({
      readRequests: 120,
      readBytes: 21_000,
      readNs: 45_000_000,
      flushRequests: 2,
      flushNs: 4e6,
    });
    expect(diskIo([counters()], [after], 10)).toEqual([
      {
        target: 'vda',
        read: { requestsPerSecond: 2, bytesPerSecond: 2000, latencyMs: 2 },
        write: { requestsPerSecond: 0, bytesPerSecond: 0, latencyMs: null },
        flush: { requestsPerSecond: 0.1, latencyMs: 3 },
      },
    ]);
  });

  it('is not told of a disk that is new, was counted anew, or has no times', () => {
    const after = [counters({ readRequests: 5 }), counters({ target: 'vdb' })];
    const [first, second] = diskIo([counters()], after, 10);
    expect([first?.read.requestsPerSecond, first?.read.latencyMs]).toEqual([null, null]);
    expect(first?.write.requestsPerSecond).toBe(0);
    expect(second?.write).toEqual({ requestsPerSecond: null, bytesPerSecond: null, latencyMs: null });
    const [untimed] = diskIo([counters({ readNs: null })], [counters({ readNs: null, readRequests: 110 })], 1);
    expect(untimed?.read).toMatchObject({ requestsPerSecond: 10, latencyMs: null });
  });
});
