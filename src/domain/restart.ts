/** Whether a VM that is down is to be started again by itself. Pure: instants come in. */
import { powerOf, whyDown } from './health.ts';
import type { Vm } from './vm.ts';

export const RESTART_POLICIES = ['never', 'on-failure', 'always'] as const;
export type RestartPolicy = (typeof RESTART_POLICIES)[number];

/** What is remembered of a VM for that. */
export interface RestartMemory {
  readonly wanted: 'running' | 'off' | 'suspended' | null;
  readonly wantedAt: number | null;
  /** Starts that nobody asked Hostler for. */
  readonly starts: readonly number[];
  readonly restartPolicy: Exclude<RestartPolicy, 'never'> | null;
  readonly restartLimit: number | null;
  /** When Hostler started it again by itself; the newest last. */
  readonly restarts: readonly number[];
  readonly gaveUpAt: number | null;
  /** The boot of its host after which it was started again. */
  readonly startedForBoot: number | null;
}

export type RestartVerdict =
  | { readonly do: 'nothing' }
  /** `nth` of the hour; null where it doesn't count, as its host has booted. */
  | { readonly do: 'start'; readonly why: string; readonly nth: number | null }
  | { readonly do: 'give-up'; readonly why: string };

const HOUR_MS = 3_600_000;
const KEPT = 100;
/** Two looks at an uptime tell the same boot so far apart. */
const SAME_BOOT_MS = 60_000;
const NOTHING: RestartVerdict = { do: 'nothing' };

/** libvirt's reasons for what failed; a guest's own shutdown and a cut of power are none. */
const FAILED: ReadonlySet<string> = new Set(['crashed', 'panicked', 'failed', 'daemon']);
/** Somebody on the host meant it so, and a start would undo that, or run the guest twice. */
const MEANT: ReadonlySet<string> = new Set(['migrated', 'saved', 'from snapshot']);

/** `bootedAt`: since when its host is up. */
export function restartVerdict(memory: RestartMemory, seen: Vm['seen'], bootedAt: number, now: number): RestartVerdict {
  const { restartPolicy, restartLimit, wanted } = memory;
  if (restartPolicy === null || restartLimit === null || wanted !== 'running') return NOTHING;
  if (seen === null || powerOf(seen) !== 'off' || MEANT.has(seen.reason)) return NOTHING;
  const failed = seen.state === 'crashed' || FAILED.has(seen.reason);
  if (restartPolicy === 'on-failure' && !failed) return NOTHING;
  if (hasGivenUp(memory)) return NOTHING;
  const why = whyDown(wanted, seen) ?? 'it is off';
  if (isAfterBoot(memory, seen, bootedAt)) return { do: 'start', why: 'its host has booted', nth: null };
  const lately = memory.restarts.filter((at) => at > now - HOUR_MS && at > (memory.gaveUpAt ?? 0)).length;
  return lately >= restartLimit ? { do: 'give-up', why } : { do: 'start', why, nth: lately + 1 };
}

/** The limit was reached, and nobody has started it since, through Hostler or past it. */
export function hasGivenUp({
  gaveUpAt,
  wantedAt,
  starts,
}: Pick<RestartMemory, 'gaveUpAt' | 'wantedAt' | 'starts'>): boolean {
  return gaveUpAt !== null && (wantedAt ?? 0) <= gaveUpAt && !starts.some((at) => at > gaveUpAt);
}

/** libvirt remembers no reason over a boot of its host: what ran before it is off, and nothing of it has crashed. */
function isAfterBoot({ wantedAt, startedForBoot }: RestartMemory, seen: NonNullable<Vm['seen']>, bootedAt: number) {
  if (seen.reason !== '' || bootedAt <= (wantedAt ?? 0)) return false;
  return startedForBoot === null || bootedAt - startedForBoot > SAME_BOOT_MS;
}

/** What to remember of a start that comes now. */
export function withRestart(
  memory: RestartMemory,
  nth: number | null,
  bootedAt: number,
  now: number,
): Partial<Pick<RestartMemory, 'restarts' | 'startedForBoot'>> {
  return nth === null ? { startedForBoot: bootedAt } : { restarts: [...memory.restarts, now].slice(-KEPT) };
}

/** `on-failure, at most 3 times an hour`. */
export function policyText({
  restartPolicy,
  restartLimit,
}: Pick<RestartMemory, 'restartPolicy' | 'restartLimit'>): string {
  if (restartPolicy === null || restartLimit === null) return 'never';
  return `${restartPolicy}, at most ${restartLimit === 1 ? 'once' : `${restartLimit} times`} an hour`;
}
