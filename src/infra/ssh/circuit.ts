/** The circuit of one host: after failed connects in a row it opens, calls fail at once, and one probe at a time tries again. */
import type { SshSettings } from './types.ts';

export interface Circuit {
  /** Undefined while closed; else when the next probe is due, in milliseconds since 1970. */
  readonly openUntil: () => number | undefined;
  readonly succeeded: () => void;
  /** Counts a failed connect. */
  readonly failed: (now: number) => void;
}

/** `random` gives numbers from 0 up to 1: each pause is shortened by up to a half, so that hosts don't try in step. */
export function makeCircuit(
  settings: Pick<SshSettings, 'circuitFailures' | 'circuitFirst' | 'circuitMax'>,
  random: () => number,
): Circuit {
  let failures = 0;
  let until: number | undefined;
  return {
    openUntil: () => until,
    succeeded: () => {
      failures = 0;
      until = undefined;
    },
    failed: (now) => {
      failures += 1;
      if (failures < settings.circuitFailures) return;
      const doubled = settings.circuitFirst * 2 ** Math.min(30, failures - settings.circuitFailures);
      until = now + Math.round(Math.min(doubled, settings.circuitMax) * (1 - random() / 2));
    },
  };
}
