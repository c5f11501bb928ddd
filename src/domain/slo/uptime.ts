/** What counts as up, and what is left of an error budget. Pure: instants and rows come in. */
import { powerOf, whyDown, whyPaused } from '../health.ts';
import type { Vm } from '../vm.ts';

/**
 * How a VM was for a time. `planned`: not up, for work that was announced or that its team asked for. `off`: its team wants it so.
 * What nobody saw has no status: it is unknown.
 */
export const UPTIME_STATUSES = ['up', 'down', 'planned', 'off'] as const;
export type UptimeStatus = (typeof UPTIME_STATUSES)[number];

/** Milliseconds by status; a sum over VMs is VM time. */
export interface Uptime extends Readonly<Record<UptimeStatus, number>> {
  readonly unknown: number;
  /** What is still to come of the month, for VMs that are to run. */
  readonly ahead: number;
}

export const NO_TIME: Uptime = { up: 0, down: 0, planned: 0, off: 0, unknown: 0, ahead: 0 };

export function addUptime(a: Uptime, b: Uptime): Uptime {
  return {
    up: a.up + b.up,
    down: a.down + b.down,
    planned: a.planned + b.planned,
    off: a.off + b.off,
    unknown: a.unknown + b.unknown,
    ahead: a.ahead + b.ahead,
  };
}

/** What a sweep says of a VM. */
export interface UptimeSeen {
  readonly life: Vm['life'];
  readonly wanted: 'running' | 'off' | 'suspended' | null;
  /** What the host said in this sweep; null when it did not answer, or libvirt there did not. */
  readonly seen: Vm['seen'];
  /** Work on its host is announced. */
  readonly maintenance: boolean;
  /** An operation works on it, as somebody asked. Only asked for when it matters. */
  readonly busy: () => boolean;
}

/** Its status; null when nobody can know. What runs is up, also in a maintenance. */
export function uptimeStatus({ life, wanted, seen, maintenance, busy }: UptimeSeen): UptimeStatus | null {
  if (life === 'trashed' || life === 'purged' || life === 'creating') return 'off';
  const power = powerOf(seen);
  if (power === 'running') return 'up';
  if (wanted === 'off' || wanted === 'suspended') return 'off';
  if (maintenance) return 'planned';
  if (power === 'unknown') return null;
  if (busy()) return 'planned';
  const down = whyDown(wanted ?? 'running', seen) !== null || whyPaused(seen) !== null;
  // Paused for a moment by a snapshot or a save, which ends that itself.
  return down ? 'down' : 'planned';
}

export type Verdict = 'kept' | 'missed' | 'not known' | 'nothing to measure';

/** A month judged by its target. Unknown time is no proof: what depends on it is not known. */
export interface Judged {
  /** Share of the known time that it was to be up and was; null where no such time is known. */
  readonly ratio: number | null;
  /** What may be down in the whole month. */
  readonly budgetMs: number;
  /** What is left of it. Below nothing it is overdrawn. */
  readonly leftMs: number;
  /** The same if all that is unknown was down. */
  readonly leftAtLeastMs: number;
  readonly verdict: Verdict;
}

/** `percent` is the target. Planned work and what its team wants off are no part of the time that it is to be up. */
export function judgeUptime(time: Uptime, percent: number): Judged {
  const known = time.up + time.down;
  const due = known + time.unknown + time.ahead;
  const budgetMs = (due * (100 - percent)) / 100;
  const leftMs = budgetMs - time.down;
  const leftAtLeastMs = leftMs - time.unknown;
  return {
    ratio: known === 0 ? null : time.up / known,
    budgetMs,
    leftMs,
    leftAtLeastMs,
    verdict: verdictOf(due, leftMs, leftAtLeastMs),
  };
}

function verdictOf(due: number, leftMs: number, leftAtLeastMs: number): Verdict {
  if (due === 0) return 'nothing to measure';
  if (leftMs < 0) return 'missed';
  return leftAtLeastMs < 0 ? 'not known' : 'kept';
}

/** Rounded down, so that what misses 99.5 % never reads as 99.5 %. */
export function ratioText(ratio: number | null): string {
  return ratio === null ? 'not measured' : `${(Math.floor(ratio * 100_000 + 1e-6) / 1000).toString()} %`;
}
