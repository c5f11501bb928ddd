/** From readings to alerts: one step for one rule at one subject. Pure; the clock comes in. */
import type { Rule, Severity } from './rule.ts';

/** Where a rule stands at one subject. There is none while all is well. */
export interface Standing {
  /** `clear` is kept for a while, to know how often it has fired. */
  readonly state: 'pending' | 'firing' | 'clear';
  /** Since when it has been so without a break. */
  readonly since: number;
  readonly firedAt: number | null;
  /** Since when it has been good again, while it still fires. */
  readonly goodSince: number | null;
  readonly severity: Severity;
  /** What was read last. */
  readonly value: number;
  /** Instants at which it began to fire, of the last hour. */
  readonly fires: readonly number[];
}

const HOUR = 3_600_000;
/** What fires so often in an hour flaps: it is one alert until it has been good for a while. */
const FLAPS = 3;
const FLAP_QUIET_MS = 15 * 60_000;

function isFlapping({ fires }: Pick<Standing, 'fires'>, now: number): boolean {
  return fires.filter((at) => now - at < HOUR).length >= FLAPS;
}

/**
 * The next standing. `value` null means that nobody knows: then nothing changes, for silence is no proof of anything.
 * Null when there is nothing to remember.
 */
export function step(rule: Rule, before: Standing | null, value: number | null, now: number): Standing | null {
  if (value === null) return forgetting(before, now);
  const fires = before?.fires.filter((at) => now - at < HOUR) ?? [];
  const firing = before?.state === 'firing';
  if (violates(rule, value)) {
    const since = firing || before?.state === 'pending' ? Math.min(before.since, now) : now;
    const due = firing || now - since >= rule.forMs;
    const begins = due && !firing;
    return {
      state: due ? 'firing' : 'pending',
      since,
      firedAt: begins ? now : (before?.firedAt ?? null),
      goodSince: null,
      severity: isCritical(rule, value) || (firing && before.severity === 'critical') ? 'critical' : rule.severity,
      value,
      fires: begins ? [...fires, now].slice(-10) : fires,
    };
  }
  if (!firing) return forgetting(before === null ? null : { ...before, state: 'clear', value, fires }, now);
  if (!isGood(rule, value)) return { ...before, goodSince: null, value, fires };
  const goodSince = before.goodSince ?? now;
  const quiet = isFlapping({ fires }, now) ? FLAP_QUIET_MS : 0;
  if (now - goodSince < quiet && goodSince <= now) return { ...before, goodSince, value, fires };
  return { ...before, state: 'clear', since: now, goodSince, value, fires };
}

/** Too much, or too little. */
export function violates({ when }: Pick<Rule, 'when'>, value: number): boolean {
  switch (when.op) {
    case '>':
      return value > when.threshold;
    case '<':
      return value < when.threshold;
    case 'is':
      return value >= when.threshold;
  }
}

/** On the far side of `clear`. */
function isGood({ when, clear }: Rule, value: number): boolean {
  switch (when.op) {
    case '>':
      return value <= clear;
    case '<':
      return value >= clear;
    case 'is':
      return value < when.threshold;
  }
}

function isCritical({ when, critical }: Rule, value: number): boolean {
  return critical !== null && (when.op === '<' ? value < critical : value > critical);
}

/** Nothing is kept of what is clear and has not fired in the last hour. */
function forgetting(before: Standing | null, now: number): Standing | null {
  if (before === null || before.state !== 'clear') return before;
  return before.fires.some((at) => now - at < HOUR) ? before : null;
}
