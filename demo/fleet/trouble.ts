/** What can go wrong on a simulated host, on command. */

export interface Trouble {
  /** On the command line as the script has it; every command where left out. */
  readonly match?: RegExp;
  /** Which of the matching commands begins it, from 1; 1 where left out. */
  readonly nth?: number;
  /** How many matching commands it befalls from there; 1 where left out. */
  readonly times?: number;
  /** `before`: nothing has happened yet. `midway`: half of it, where it has halves, else all. `after`: all of it. */
  readonly when: 'before' | 'midway' | 'after';
  /**
   * `fail`: it answers with an error. `cut`: the link is cut, and nothing of its answer arrives.
   * `cut-output`: the link is cut in the middle of its answer. `hang`: it answers when its time limit ends it.
   */
  readonly kind: 'fail' | 'cut' | 'cut-output' | 'hang';
  readonly exit?: number;
  readonly stderr?: string;
}

interface Armed {
  /** How many commands it has befallen. */
  readonly fired: () => number;
  readonly remove: () => void;
}

export interface TroubleBox {
  readonly add: (trouble: Trouble) => Armed;
  readonly clear: () => void;
  /** The trouble that befalls this command, if any; counts it. */
  readonly take: (line: string) => Trouble | undefined;
  /** The host can't be reached; links that are open are cut. */
  down: boolean;
  /** Called whenever the host goes down. Answers how to stop that. */
  readonly onDown: (listener: () => void) => () => void;
  /** Milliseconds that every command takes longer. */
  slowMs: number;
}

interface Entry {
  readonly trouble: Trouble;
  seen: number;
  fired: number;
}

export function makeTroubleBox(): TroubleBox {
  let entries: Entry[] = [];
  let down = false;
  const listeners = new Set<() => void>();
  return {
    get down() {
      return down;
    },
    set down(value: boolean) {
      down = value;
      if (down) for (const listener of listeners) listener();
    },
    onDown: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    slowMs: 0,
    add: (trouble) => {
      const entry: Entry = { trouble, seen: 0, fired: 0 };
      entries.push(entry);
      const remove = (): void => {
        entries = entries.filter((it) => it !== entry);
      };
      return { fired: () => entry.fired, remove };
    },
    clear: () => {
      entries = [];
    },
    take: (line) => {
      for (const entry of entries) {
        const { match, nth = 1, times = 1 } = entry.trouble;
        if (match !== undefined && !match.test(line)) continue;
        entry.seen += 1;
        if (entry.seen < nth || entry.fired >= times) continue;
        entry.fired += 1;
        return entry.trouble;
      }
      return undefined;
    },
  };
}
