import { expect, it } from 'vitest';
import { GiB, MiB } from '../../src/domain/size.ts';
import { mostOn, withHeadroom } from '../../src/domain/sizing.ts';

const most = mostOn({ reserveMemoryBytes: 2 * GiB }, { cpus: 8, memoryBytes: 32 * GiB });

it.each([
  [
    { vcpus: 2, memory: 2 },
    { maxVcpus: 4, maxMemoryBytes: 8 * GiB },
  ],
  [
    { vcpus: 1, memory: 1 },
    { maxVcpus: 2, maxMemoryBytes: 4 * GiB },
  ],
  [
    { vcpus: 1.4, memory: 1.0001 },
    { maxVcpus: 2, maxMemoryBytes: 4 * GiB },
  ],
  // Never more than the host has: QEMU would not start with it.
  [
    { vcpus: 16, memory: 16 },
    { maxVcpus: 8, maxMemoryBytes: 30 * GiB },
  ],
])('headroom of %j', (headroom, expected) => {
  const size = { vcpus: 2, memoryBytes: 4 * GiB };
  expect(withHeadroom(size, headroom, most)).toEqual({ ...size, ...expected });
});

it('never takes away from what is asked', () => {
  const size = { vcpus: 9, memoryBytes: 40 * GiB + MiB };
  expect(withHeadroom(size, { vcpus: 2, memory: 2 }, most)).toEqual({
    ...size,
    maxVcpus: 9,
    maxMemoryBytes: 40 * GiB + MiB,
  });
});
