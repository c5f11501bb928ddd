/** A VM's health beyond its state. Instants are null while nothing of the kind is known. */
export interface VmWatch {
  /** What the last change through Hostler left it as. */
  readonly wanted: 'running' | 'off' | 'suspended' | null;
  readonly wantedAt: number | null;
  readonly askedAt: number | null;
  readonly agentSeenAt: number | null;
  readonly agentSilentSince: number | null;
  readonly addressSeenAt: number | null;
  readonly addressLostSince: number | null;
  /** Starts that nobody asked Hostler for; the newest last, a few. */
  readonly starts: readonly number[];
  /** When it is started again by itself; null for never. */
  readonly restartPolicy: 'on-failure' | 'always' | null;
  /** How often in an hour; null for not at all. */
  readonly restartLimit: number | null;
  readonly restarts: readonly number[];
  /** The limit was reached then. */
  readonly gaveUpAt: number | null;
  /** The boot of its host after which it was started again. */
  readonly startedForBoot: number | null;
}

/** What is known of a VM that was never watched. */
export const UNWATCHED: VmWatch = {
  wanted: null,
  wantedAt: null,
  askedAt: null,
  agentSeenAt: null,
  agentSilentSince: null,
  addressSeenAt: null,
  addressLostSince: null,
  starts: [],
  restartLimit: null,
  restarts: [],
  restartPolicy: null,
  gaveUpAt: null,
  startedForBoot: null,
};
