import type { HostCall } from './ports.ts';

/** Small files in Hostler's own directory on the host. Paths are made by us, never typed by people. */
export interface FileVerbs {
  /** Writes the file whole or not at all (written beside, then renamed). */
  readonly write: (path: string, bytes: { readonly base64: string; readonly label: string }) => HostCall<void>;
  readonly rename: (from: string, to: string) => HostCall<void>;
  readonly remove: (path: string) => HostCall<void>;
  /** Null where there is none. */
  readonly look: (path: string) => HostCall<{ readonly sizeBytes: number } | null>;
}
