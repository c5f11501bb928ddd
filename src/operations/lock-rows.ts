/** Who holds what: the row is the lock. */
export interface LockRows {
  /** Takes all or none; answers with the first that somebody else holds, or null. */
  readonly take: (
    operationId: string,
    resources: readonly string[],
  ) => { readonly resource: string; readonly operationId: string } | null;
  readonly release: (operationId: string) => void;
  readonly holder: (resource: string) => string | null;
  /** All that is held just now. */
  readonly held: () => ReadonlySet<string>;
}
