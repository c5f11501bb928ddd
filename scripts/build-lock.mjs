// One build of a checkout at a time: who comes while another builds waits for it, and then finds nothing left to do.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

const LOOK_AGAIN_MS = 100;
const PATIENCE_MS = 10 * 60_000;

/** Takes the lock file, and answers how to give it back. A lock whose owner is dead is taken over. */
export function takeLock(file) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const lock = openSync(file, 'wx');
      writeSync(lock, String(process.pid));
      closeSync(lock);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (ownerIsDead(file)) rmSync(file, { force: true });
    else if (Date.now() > until)
      throw new Error(`another build has held ${file} for ten minutes: remove it if none runs`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
  }
}

function ownerIsDead(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Taken, and the number not yet written.
    if (pid === 0) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
