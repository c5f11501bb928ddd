/** The programs that a disk goes through, run for real: what comes out is what went in, and no faster than it may. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { LIMITER } from '../../../src/infra/backups/pipeline.ts';
import { describeUnless } from '../../kit/needs.ts';

const KIB = 1024;
const reason = spawnSync('python3', ['-V']).error === undefined ? undefined : 'python3 is missing';

/** Sleeps cost nothing: they are added up, and told on stderr. */
const FAKE_CLOCK = `import atexit,sys,time
now=[0.0]
def sleep(seconds): now[0]+=seconds
time.monotonic,time.sleep=lambda: now[0],sleep
atexit.register(lambda: sys.stderr.write("%.3f" % now[0]))
exec(sys.argv.pop(1),{})`;

/** What came of it, and the seconds that it held back. */
function limited(input: Buffer, rate: number) {
  const args = ['-c', FAKE_CLOCK, LIMITER, String(rate)];
  const { stdout, stderr, status } = spawnSync('python3', args, { input, maxBuffer: 2 ** 30 });
  return { status, same: stdout.equals(input), seconds: Number(stderr.toString()) };
}

describeUnless(reason, 'the limit on the rate', () => {
  it('hands on every byte, and takes its time', () => {
    const content = Buffer.from(Array.from({ length: 300 * KIB }, (_, at) => (at * 31) % 251));
    expect(limited(content, 200 * KIB)).toEqual({ status: 0, same: true, seconds: 1.5 });
  });

  it('does not count zeros, and ends with nothing', () => {
    expect(limited(Buffer.alloc(4096 * KIB), 1024 * KIB)).toEqual({ status: 0, same: true, seconds: 0 });
    expect(limited(Buffer.alloc(0), 1024 * KIB)).toEqual({ status: 0, same: true, seconds: 0 });
  });
});
