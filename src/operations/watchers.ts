import type { OperationBrief, OperationRow, Rows } from './store.ts';

export interface Watchers {
  /** Rows of this operation changed. */
  readonly changed: (operationId: string) => void;
  readonly watch: (operationId: string, tell: () => void) => () => void;
}

/** Who follows which operation. Only a hint to look at the rows again: nothing is lost when nobody watches. */
export function makeWatchers(): Watchers {
  const watching = new Map<string, Set<() => void>>();
  return {
    changed: (id) => {
      for (const tell of watching.get(id) ?? []) tell();
    },
    watch: (id, tell) => {
      const set = watching.get(id) ?? new Set();
      set.add(tell);
      watching.set(id, set);
      return () => {
        set.delete(tell);
        if (set.size === 0) watching.delete(id);
      };
    },
  };
}

/** Resolves with the row once `enough` says so; tells `onChange` of each change on the way. Rejects with the signal's reason. */
export async function followUntil(
  rows: Rows,
  watchers: Watchers,
  operationId: string,
  enough: (row: OperationBrief) => boolean,
  options: { readonly onChange?: (row: OperationRow) => void; readonly signal?: AbortSignal } = {},
): Promise<OperationRow> {
  return new Promise((resolve, reject) => {
    const stop = watchers.watch(operationId, look);
    function leave(): void {
      stop();
      options.signal?.removeEventListener('abort', abort);
    }
    function abort(): void {
      leave();
      reject(options.signal?.reason);
    }
    function look(): void {
      if (options.onChange === undefined) {
        const brief = rows.operations.brief(operationId);
        if (brief === null || !enough(brief)) return;
      }
      const row = rows.operations.byId(operationId);
      if (row === null) return;
      options.onChange?.(row);
      if (!enough(row)) return;
      leave();
      resolve(row);
    }
    if (options.signal?.aborted) return abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    look();
  });
}
