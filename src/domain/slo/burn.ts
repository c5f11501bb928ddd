/** How fast an error budget is used up: both windows must say so, so that what is over is not told of for long. */

const MINUTE = 60_000;

export const BURN_WINDOWS = {
  fast: { longMs: 60 * MINUTE, shortMs: 5 * MINUTE },
  slow: { longMs: 360 * MINUTE, shortMs: 30 * MINUTE },
} as const;
export type BurnSpeed = keyof typeof BURN_WINDOWS;

/** What a window holds, over the VMs that were to be up in it. */
export interface WindowSeen {
  readonly vms: number;
  readonly downMs: number;
}

/**
 * Times as fast as the budget allows: 1 uses it up exactly with its month. A VM counts with the whole window, so that one minute of
 * a VM that is five minutes old is a minute. Null when no VM was to be up.
 */
export function burnRate({ vms, downMs }: WindowSeen, windowMs: number, percent: number): number | null {
  return vms === 0 ? null : downMs / (vms * windowMs) / ((100 - percent) / 100);
}

/** The smaller of the two windows' rates. */
export function burnOf(speed: BurnSpeed, long: WindowSeen, short: WindowSeen, percent: number): number | null {
  const { longMs, shortMs } = BURN_WINDOWS[speed];
  const rates = [burnRate(long, longMs, percent), burnRate(short, shortMs, percent)];
  const [a, b] = rates;
  return a == null || b == null ? null : Math.min(a, b);
}
