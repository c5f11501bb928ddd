// Waiting for a condition, with a deadline.
import { setTimeout as pause } from 'node:timers/promises';
import { LabError } from './command.ts';

/** Asks again and again until `check` answers something else than undefined; throws a LabError at the deadline. */
export async function waitFor<T>(
  what: string,
  deadlineMs: number,
  check: () => Promise<T | undefined> | T | undefined,
  everyMs = 100,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() >= end) throw new LabError(`${what}: still not after ${deadlineMs / 1000} s`);
    await pause(everyMs);
  }
}
