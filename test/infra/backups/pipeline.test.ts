/** The programs that a disk goes through, run for real: what comes out is what went in, and no faster than it may. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { LIMITER } from '../../../src/infra/backups/pipeline.ts';

const KIB = 1024;

function limited(input: Buffer, rate: number) {
  const begun = performance.now();
  const { stdout, status } = spawnSync('python3', ['-c', LIMITER, String(rate)], { input, maxBuffer: 2 ** 30 });
  return { status, same: stdout.equals(input), ms: performance.now() - begun };
}

describe.skipIf(spawnSync('python3', ['-V']).error !== undefined)('the limit on the rate', () => {
  it('hands on every byte, and takes its time', () => {
    const content = Buffer.from(Array.from({ length: 300 * KIB + 7 }, (_, at) => (at * 31) % 251));
    const { ms, ...rest } = limited(content, 200 * KIB);
    expect(rest).toEqual({ status: 0, same: true });
    // Half a second’s worth is given in advance.
    expect(ms).toBeGreaterThan(950);
  });

  it('does not count zeros, and ends with nothing', () => {
    const { ms, ...rest } = limited(Buffer.alloc(64 * 1024 * KIB), 1024 * KIB);
    expect(rest).toEqual({ status: 0, same: true });
    expect(ms).toBeLessThan(30_000);
    expect(limited(Buffer.alloc(0), 1024 * KIB)).toMatchObject({ status: 0, same: true });
  });
});
