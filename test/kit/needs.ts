/** Tests that need something which a machine may lack are skipped there, and say why. */
import { describe } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why it is skipped; scripts/tally-reporter.mjs prints it. */
    skipped?: string;
  }
}

/** `describe`, or when there is a reason against it, a skip of all its tests that bears that reason. */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(name, { meta: { skipped: reason } }, body);
}
