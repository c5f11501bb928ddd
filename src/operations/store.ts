import type { Actor, Risk, Role } from '../domain/access.ts';
import type { ErrorRecord } from '../domain/error.ts';
import type { Observation } from '../domain/inventory.ts';
import type { JournalEvent } from '../domain/journal-events.ts';
import type { Amounts, OperationState, Plan } from '../domain/plan.ts';
import type { TourRows } from '../domain/tour.ts';
import type { Vm } from '../domain/vm.ts';
import type { AlertRows } from './alert/alert-rows.ts';
import type { KeptRows } from './backup-rows.ts';
import type { CapacityRows } from './capacity/capacity-rows.ts';
import type { DetachedRows } from './detached-rows.ts';
import type { DriftRows } from './drift-rows.ts';
import type { ImageRows } from './image-rows.ts';
import type { LockRows } from './lock-rows.ts';
import type { MetricsRows } from './metrics-rows.ts';
import type { Ran } from './ports.ts';
import type { ScheduleRows } from './schedule-rows.ts';
import type { WatchRows } from './watch/watch-rows.ts';

/** Where a request came from, so that answers find their way back. */
export interface Origin {
  readonly via: 'slack' | 'terminal' | 'schedule';
  /** Slack channel id; null in a terminal. */
  readonly channel: string | null;
  /** As typed, or the modal's name. */
  readonly command: string;
}

/** A change's row. */
export interface OperationRow {
  readonly id: string;
  readonly kind: string;
  readonly state: OperationState;
  readonly input: unknown;
  readonly facts: unknown;
  readonly minted: Readonly<Record<string, string>>;
  readonly plan: Plan;
  readonly digest: string;
  readonly risk: Risk;
  /** Who asked, and the role that allowed it. */
  readonly person: string;
  readonly slack: string | null;
  readonly role: Role;
  readonly origin: Origin;
  readonly reason: string;
  readonly team: string | null;
  readonly subject: string;
  readonly host: string;
  readonly vmId: string | null;
  readonly locks: readonly string[];
  readonly adds: Amounts;
  /** Waits for its locks instead of being refused. */
  readonly waits: boolean;
  readonly error: ErrorRecord | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When a plan or an approval lapses; null once it is queued. */
  readonly expiresAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly cancelAsked: boolean;
}

/** What of a change's row is looked at again and again while it runs: all but plan and facts, which are large. */
export type OperationBrief = Pick<OperationRow, 'state' | 'person' | 'slack' | 'origin' | 'error' | 'cancelAsked'>;

export interface JournalRow {
  readonly seq: number;
  readonly operationId: string;
  readonly step: string;
  readonly event: JournalEvent;
  readonly at: number;
  /** The step's output, for `done`. */
  readonly output: unknown;
  readonly error: ErrorRecord | null;
  readonly ran: readonly Ran[];
}

export interface ApprovalRow {
  readonly id: string;
  readonly operationId: string;
  readonly digest: string;
  readonly from: 'lead' | 'admin';
  readonly needed: number;
  readonly state: 'open' | 'approved' | 'denied' | 'stale' | 'expired' | 'cancelled';
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly votes: readonly { readonly person: string; readonly vote: 'approve' | 'deny'; readonly at: number }[];
}

export interface TemplateRow {
  readonly host: string;
  readonly osinfo: string;
  readonly xml: string;
}

export interface KeyRow {
  readonly id: string;
  readonly person: string;
  readonly name: string;
  readonly key: string;
  readonly addedAt: number;
}

export interface HostRow {
  readonly name: string;
  readonly seenAt: number | null;
  readonly observation: Observation | null;
  /** Why the last try failed; null while the host answers. */
  readonly trouble: string | null;
  readonly troubleAt: number | null;
}

export interface AuditEntry {
  readonly kind: string;
  readonly operationId: string | null;
  readonly actor: {
    readonly person: string;
    readonly slack: string | null;
    readonly role: Role | null;
    readonly via: Actor['via'];
  };
  readonly team: string | null;
  readonly subject: string | null;
  readonly host: string | null;
  readonly outcome: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The rows, synchronous as better-sqlite3 is. What belongs together is written in one `transaction`, with no `await` inside. */
export interface Rows extends WatchRows, AlertRows, KeptRows {
  /** Commits what `work` did, or nothing of it when it throws. May be nested: the outermost commits. */
  readonly transaction: <T>(work: () => T) => T;

  readonly vms: {
    readonly byId: (id: string) => Vm | null;
    /** Live ones (neither in the trash nor purged). */
    readonly byName: (team: string, name: string) => Vm | null;
    readonly byDomainName: (domainName: string) => Vm | null;
    /** Whatever has become of it: also one in the trash, or purged. */
    readonly byUuid: (uuid: string) => Vm | null;
    /** Any that still has it: purged ones have given it back. */
    readonly byMac: (mac: string) => Vm | null;
    /** Newest first. */
    readonly trashed: (team: string | null, name: string | null) => readonly Vm[];
    /** Live ones and those being made, by team and name; of all teams when null. */
    readonly list: (team: string | null) => readonly Vm[];
    readonly onHost: (host: string) => readonly Vm[];
    readonly insert: (vm: Vm) => void;
    readonly update: (id: string, change: Partial<Omit<Vm, 'id'>>) => void;
    /** The host's live VMs were all seen at that instant as they were before, but those that were seen since the look at it began. */
    readonly seenAgain: (host: string, look: { readonly began: number; readonly ended: number }) => void;
    /** For a create that was rolled back: as if it had never been. */
    readonly forget: (id: string) => void;
  };

  readonly operations: {
    readonly byId: (id: string) => OperationRow | null;
    readonly brief: (id: string) => OperationBrief | null;
    readonly byDedupe: (key: string) => OperationRow | null;
    readonly insert: (row: OperationRow, dedupe: string | null) => void;
    /** Compare and set: false when the state was not one of `from` any more. */
    readonly move: (
      id: string,
      from: readonly OperationState[],
      to: OperationState,
      change?: OperationChange,
    ) => boolean;
    readonly update: (id: string, change: OperationChange) => void;
    /** In the order they were queued. */
    readonly inState: (states: readonly OperationState[]) => readonly OperationRow[];
    readonly expired: (now: number) => readonly OperationRow[];
    readonly recent: (filter: {
      readonly team: string | null;
      readonly vmId: string | null;
      readonly limit: number;
    }) => readonly OperationRow[];
  };

  readonly journal: {
    readonly append: (entry: Omit<JournalRow, 'seq'>) => void;
    readonly of: (operationId: string) => readonly JournalRow[];
  };

  readonly locks: LockRows;

  readonly approvals: {
    readonly insert: (row: ApprovalRow) => void;
    readonly ofOperation: (operationId: string) => ApprovalRow | null;
    readonly open: () => readonly ApprovalRow[];
    readonly setState: (id: string, from: ApprovalRow['state'], to: ApprovalRow['state']) => boolean;
    /** False when this person has voted already. */
    readonly vote: (id: string, person: string, vote: 'approve' | 'deny', at: number) => boolean;
  };

  readonly detached: DetachedRows;

  readonly images: ImageRows;
  readonly templates: {
    readonly find: (host: string, osinfo: string) => TemplateRow | null;
    readonly save: (row: TemplateRow) => void;
  };
  readonly keys: {
    readonly of: (person: string) => readonly KeyRow[];
    readonly insert: (row: KeyRow) => void;
    readonly remove: (person: string, name: string) => boolean;
  };
  readonly hosts: {
    readonly list: () => readonly HostRow[];
    readonly find: (name: string) => HostRow | null;
    /** It was asked before, whether or not it answered. Reads no report. */
    readonly isKnown: (name: string) => boolean;
    readonly saw: (name: string, observation: Observation, at: number) => void;
    readonly missed: (name: string, trouble: string, at: number) => void;
  };
  readonly tours: TourRows;
  readonly drift: DriftRows;
  /** Held by plans and operations on their way, not yet in VM rows. */
  readonly held: (filter: { readonly team?: string; readonly host?: string; readonly except?: string }) => Amounts;

  readonly audit: {
    readonly append: (entry: AuditEntry, at: number) => void;
    readonly list: (filter: AuditFilter) => readonly AuditSeen[];
    readonly head: () => { readonly seq: number; readonly hash: string } | null;
    /** Walks the chain in portions, so that the bot goes on meanwhile. */
    readonly verify: (anchor: string | null) => Promise<AuditVerdict>;
  };

  readonly schedule: ScheduleRows;
  readonly capacity: CapacityRows;
  readonly metrics: MetricsRows;

  /** Marks the operation's card as out of date, so that the courier draws it anew. */
  readonly touchCard: (operationId: string) => void;
  /** A message of its own, delivered once per key. */
  readonly post: (message: OutboxMessage) => void;
}

export type OperationChange = Partial<
  Pick<
    OperationRow,
    | 'error'
    | 'expiresAt'
    | 'startedAt'
    | 'endedAt'
    | 'cancelAsked'
    | 'waits'
    | 'facts'
    | 'plan'
    | 'digest'
    | 'updatedAt'
  >
>;

export interface OutboxMessage {
  /** Delivered once, whatever happens. */
  readonly key: string;
  /** Channel id or name, or `@slack-id` for a direct message. */
  readonly to: string;
  /** Card of the operation under which it stands as a reply; null for a message of its own. */
  readonly underOperation: string | null;
  /** A Notice, as JSON. */
  readonly notice: unknown;
}

export interface AuditFilter {
  readonly limit: number;
  readonly beforeSeq?: number;
  readonly person?: string;
  readonly team?: string;
  readonly subject?: string;
  readonly operationId?: string;
  readonly kind?: string;
  readonly from?: number;
  readonly to?: number;
  /** Anywhere in the row's text. */
  readonly text?: string;
}

export interface AuditSeen extends AuditEntry {
  readonly seq: number;
  readonly at: number;
  readonly hash: string;
}

export type AuditVerdict =
  | { readonly ok: true; readonly rows: number; readonly head: string | null }
  | { readonly ok: false; readonly seq: number | null; readonly reason: string };
