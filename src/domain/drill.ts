/** Drills: restores that are carried out to prove that they can be. What is kept of one, and how it is judged. */
import { z } from 'zod';
import { formatSpan } from './size.ts';

/** `broken-off`: it came to no end, for a reason that says nothing of the backup. */
export const DRILL_VERDICTS = ['running', 'passed', 'failed', 'broken-off'] as const;
export type DrillVerdict = (typeof DRILL_VERDICTS)[number];

/** What a team accepts: so much data lost at most (RPO), so long until it is back (RTO). */
export interface Objectives {
  readonly rpoMs: number;
  readonly rtoMs: number;
}

export const DrillCheck = z.object({
  name: z.string(),
  result: z.enum(['passed', 'failed', 'not reached', 'not tried']),
  /** What was found, or why it was not tried. */
  found: z.string(),
});
export type DrillCheck = z.infer<typeof DrillCheck>;

/** One step of it, as the journal has it. */
export const DrillMoment = z.object({
  /** Milliseconds from its start. */
  atMs: z.number(),
  tookMs: z.number(),
  title: z.string(),
  ended: z.enum(['done', 'failed']),
});
export type DrillMoment = z.infer<typeof DrillMoment>;

export interface Drill {
  readonly id: string;
  readonly operationId: string;
  /** The VM whose backup was restored. */
  readonly vmId: string;
  readonly team: string;
  readonly vmName: string;
  /** `team-01/web-01.3`. */
  readonly backup: string;
  /** Where the backup was made. */
  readonly fromHost: string;
  /** Where it was restored. */
  readonly host: string;
  readonly verdict: DrillVerdict;
  /** Why it did not pass. */
  readonly reason: string | null;
  /** Age of the backup when the drill began. */
  readonly rpoMs: number | null;
  /** From the drill's start until the last probe passed; null where that did not come. */
  readonly rtoMs: number | null;
  readonly objectives: Objectives;
  readonly checks: readonly DrillCheck[];
  readonly timeline: readonly DrillMoment[];
  readonly askedBy: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** A measured span beside its objective, as a check. */
export function objectiveCheck(name: 'RPO' | 'RTO', ms: number | null, mostMs: number): DrillCheck {
  const most = formatSpan(mostMs);
  if (ms === null) return { name, result: 'not reached', found: `at most ${most}` };
  return { name, result: ms <= mostMs ? 'passed' : 'failed', found: `${formatSpan(ms)}, at most ${most}` };
}

/** What the objectives say of it, in words; empty where it met them. */
export function missed({ rpoMs, rtoMs, objectives }: Pick<Drill, 'rpoMs' | 'rtoMs' | 'objectives'>): string[] {
  const over = (name: string, ms: number | null, mostMs: number) =>
    ms !== null && ms > mostMs ? [`${name} ${formatSpan(ms)}, and at most ${formatSpan(mostMs)} are accepted`] : [];
  return [...over('RPO', rpoMs, objectives.rpoMs), ...over('RTO', rtoMs, objectives.rtoMs)];
}

/**
 * The subnet of a drill's network, the first three numbers of its /24, in 198.18.0.0/15: a range that is set aside for tests (RFC 2544), so
 * that hardly anybody has it in use.
 */
export function drillSubnet(id: string): string {
  const slot = numberFrom(id) % 512;
  return `198.${18 + (slot >> 8)}.${slot & 255}`;
}

/** One of them that nobody can foretell, the same one until `salt` is another. */
export function pickBy<T>(all: readonly T[], keyOf: (one: T) => string, salt: string): T | undefined {
  const [first, ...rest] = all;
  if (first === undefined) return undefined;
  const rank = (one: T) => numberFrom(`${salt} ${keyOf(one)}`);
  return rest.reduce((best, one) => (rank(one) < rank(best) ? one : best), first);
}

/** FNV-1a, 32 bits: spreads ids over a range. */
function numberFrom(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
