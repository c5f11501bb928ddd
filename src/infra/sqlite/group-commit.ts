import type Database from 'better-sqlite3';

/** Runs `work` in a transaction that others share; resolves when it is on disk. Rejects with what `work` threw, or what kept the commit off. */
export type GroupCommit = <T>(work: () => T) => Promise<T>;

interface Waiting {
  /** Does the work and gives what settles its promise after the commit. */
  readonly run: () => () => void;
  readonly fail: (cause: unknown) => void;
}

/**
 * Puts all that comes within one turn of the event loop into one commit: under a burst, one wait for the disk serves many.
 * A work that throws is undone alone.
 */
export function makeGroupCommit(db: Database.Database): GroupCommit {
  let waiting: Waiting[] = [];

  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    let settle: (() => void)[] = [];
    try {
      db.transaction(() => {
        settle = batch.map(({ run }) => run());
      }).immediate();
    } catch (cause) {
      for (const { fail } of batch) fail(cause);
      return;
    }
    for (const done of settle) done();
  };

  return <T>(work: () => T) =>
    new Promise<T>((resolve, reject) => {
      // Within the shared transaction this is a savepoint of its own.
      const alone = db.transaction(work);
      const run = (): (() => void) => {
        try {
          const value = alone();
          return () => resolve(value);
        } catch (cause) {
          // A full disk, say, takes the whole transaction back: what came after would be committed alone, and yet be called failed.
          if (!db.inTransaction) throw cause;
          return () => reject(cause);
        }
      };
      waiting.push({ run, fail: reject });
      if (waiting.length === 1) setImmediate(flush);
    });
}
