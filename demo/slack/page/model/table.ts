import { type ReadonlySignal, type Signal, signal } from '@preact/signals';

/** Entities of one kind by key, a signal for all of them and for each that somebody looks at. */
export interface Table<T> {
  readonly all: ReadonlySignal<ReadonlyMap<string, T>>;
  /** Follows one entity; undefined while there is none. */
  at(key: string): ReadonlySignal<T | undefined>;
  set(key: string, value: T): void;
  del(key: string): void;
  /** Makes what changed known: once a patch. */
  flush(): void;
}

/** An empty table. */
export function makeTable<T>(): Table<T> {
  let now = new Map<string, T>();
  let changed = false;
  const all = signal<ReadonlyMap<string, T>>(now);
  const watched = new Map<string, Signal<T | undefined>>();
  const tell = (key: string, value: T | undefined): void => {
    const one = watched.get(key);
    if (one !== undefined) one.value = value;
    changed = true;
  };
  return {
    all,
    at: (key) => {
      const known = watched.get(key);
      if (known !== undefined) return known;
      const made = signal(now.get(key));
      watched.set(key, made);
      return made;
    },
    set: (key, value) => {
      now.set(key, value);
      tell(key, value);
    },
    del: (key) => {
      if (now.delete(key)) tell(key, undefined);
    },
    flush: () => {
      if (!changed) return;
      changed = false;
      now = new Map(now);
      all.value = now;
    },
  };
}
