import type { Severity } from '../../domain/alerts/rule.ts';

/** What Alertmanager told us last of one alert, and whom we take it to be about. */
export interface ExternalRow {
  readonly fingerprint: string;
  readonly alertname: string;
  readonly kind: 'host' | 'vm' | 'team' | 'fleet';
  readonly subject: string;
  readonly name: string;
  readonly host: string | null;
  readonly team: string | null;
  readonly severity: Severity;
  readonly detail: string;
  /** By the sender's clock. */
  readonly startedAt: number;
  readonly heardAt: number;
  readonly resolvedAt: number | null;
}

/** A body that waits for its receiver. */
export interface WebhookPost {
  readonly id: number;
  readonly webhook: string;
  /** JSON. */
  readonly body: string;
  readonly attempts: number;
  readonly nextAt: number;
}

/** The rows of webhooks, in and out; part of `Rows`. */
export interface WebhookRows {
  readonly externals: {
    readonly find: (fingerprint: string) => ExternalRow | null;
    readonly firing: () => readonly ExternalRow[];
    readonly save: (row: ExternalRow) => void;
    /** Those that fire and were not heard of since that instant are over. */
    readonly expire: (unheardSince: number, now: number) => void;
    /** Forgets those that were over before that instant. */
    readonly prune: (before: number) => void;
  };
  readonly webhooks: {
    /** Puts a body behind those that wait for this receiver. Of too many the oldest are dropped. */
    readonly add: (webhook: string, body: string, now: number) => void;
    /** The one whose turn it is. */
    readonly first: (webhook: string) => WebhookPost | null;
    readonly done: (id: number) => void;
    readonly later: (id: number, nextAt: number, error: string) => void;
    /** How many wait, by receiver. */
    readonly waiting: () => ReadonlyMap<string, number>;
    /** Drops what waits for a receiver that is no more; how many there were. */
    readonly drop: (webhook: string) => number;
  };
}
