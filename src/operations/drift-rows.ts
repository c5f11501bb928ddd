/** A domain that a host has and that is no VM of ours, and why not. */
export interface DriftRow {
  readonly host: string;
  readonly uuid: string;
  readonly domainName: string;
  readonly reason: string;
  readonly lookedAt: number;
}

/** What is known of a finding: when it was told, and who wants it left alone. */
export interface DriftKnown {
  readonly key: string;
  readonly toldAt: number | null;
  readonly ignoredBy: string | null;
  readonly ignoredAt: number | null;
}

/** Domains on hosts that are no VMs of ours, and what is known of all that was found. */
export interface DriftRows {
  readonly onHost: (host: string) => readonly DriftRow[];
  /** Anew, or over what was remembered of the same domain. */
  readonly save: (row: DriftRow) => void;
  readonly forget: (host: string, uuid: string) => void;
  readonly known: () => readonly DriftKnown[];
  readonly told: (key: string, at: number) => void;
  /** `by` null takes it back. */
  readonly ignore: (key: string, by: string | null, at: number) => void;
  /** Which domains of a host start with it, as it said last; null where it was never asked. */
  readonly autostarting: (host: string) => { readonly at: number; readonly uuids: readonly string[] } | null;
  readonly sawAutostarting: (host: string, uuids: readonly string[], at: number) => void;
  /** Found no more. */
  readonly forgetKnown: (key: string) => void;
}
