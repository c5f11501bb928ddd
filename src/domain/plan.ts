import type { Risk } from './access.ts';

/** States of an operation: on its way, then one of the ends. */
export const OPERATION_STATES = [
  'planned',
  'awaiting_approval',
  'queued',
  'running',
  'unwinding',
  'succeeded',
  'failed',
  'cancelled',
  'denied',
  'expired',
  'superseded',
  'stuck',
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

const ENDS: ReadonlySet<OperationState> = new Set([
  'succeeded',
  'failed',
  'cancelled',
  'denied',
  'expired',
  'superseded',
  'stuck',
]);

/** Nothing more happens by itself. A stuck operation waits for an admin, and keeps its locks. */
export function hasEnded(state: OperationState): boolean {
  return ENDS.has(state);
}

/** Words for people; `failed` was unwound, so they read "rolled back". */
export const STATE_WORDS: Readonly<Record<OperationState, string>> = {
  planned: 'planned',
  awaiting_approval: 'waiting for approval',
  queued: 'queued',
  running: 'running',
  unwinding: 'rolling back',
  succeeded: 'done',
  failed: 'rolled back',
  cancelled: 'cancelled',
  denied: 'denied',
  expired: 'expired',
  superseded: 'superseded',
  stuck: 'stuck',
};

/** One step as the plan shows it and the digest binds it. */
export interface PlannedStep {
  readonly name: string;
  readonly title: string;
  readonly host: string;
  /** The exact command lines, with `< label (sha256)` behind those that read something. */
  readonly commands: readonly string[];
  readonly undo: readonly string[] | 'nothing-to-undo' | 'no-way-back';
}

/** What is promised to a team on a host, in counts and bytes. Negative where an operation gives back. */
export interface Amounts {
  readonly vms: number;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}
export const NOTHING: Amounts = { vms: 0, vcpus: 0, memoryBytes: 0, diskBytes: 0 };

export function add(a: Amounts, b: Amounts): Amounts {
  return {
    vms: a.vms + b.vms,
    vcpus: a.vcpus + b.vcpus,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    diskBytes: a.diskBytes + b.diskBytes,
  };
}

export interface Plan {
  /** `Create team-01/web-01 on kvm-1`. */
  readonly title: string;
  readonly risk: Risk;
  readonly steps: readonly PlannedStep[];
  /** Why this host, what else people should know. */
  readonly notes: readonly string[];
  /** The team's use before and after; null where the operation changes none. */
  readonly quota: { readonly before: Amounts; readonly after: Amounts; readonly limit: Amounts } | null;
  /** What the button says: `Create`, `Restart`. */
  readonly verb: string;
}
