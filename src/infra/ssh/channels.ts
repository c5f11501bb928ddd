/** Who may open a channel, and when: at most `limit` at once, of which changes never take the last ones, so that reads go on. */

export type Lane = 'read' | 'change';

/** How long one waits at most: until the signal is aborted, or for `most` milliseconds; then `tooLong` makes the error. */
export interface Patience {
  readonly signal: AbortSignal | undefined;
  readonly most: number;
  readonly tooLong: () => Error;
}

export interface Channels {
  /** Resolves to the function that gives the channel back; rejects with the signal's reason or with `tooLong`. */
  readonly take: (lane: Lane, patience: Patience) => Promise<() => void>;
  readonly open: () => number;
  readonly waiting: () => number;
}

/** How many of the channels changes may take: six of eight; one of two; with one alone there is nothing to keep free. */
export function changeLimit(limit: number): number {
  return Math.max(1, limit - (limit > 3 ? 2 : 1));
}

export function makeChannels(limit: number): Channels {
  const free: Record<Lane, number> = { read: limit, change: changeLimit(limit) };
  const queue: { lane: Lane; start: () => void }[] = [];

  const fits = (lane: Lane): boolean => free.read > 0 && (lane === 'read' || free.change > 0);
  /** The oldest that fits goes first. Changes queue among themselves; a read never waits for one of them to end. */
  const next = (): void => {
    queue.find(({ lane }) => fits(lane))?.start();
  };
  const grant = (lane: Lane): (() => void) => {
    free.read -= 1;
    if (lane === 'change') free.change -= 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      free.read += 1;
      if (lane === 'change') free.change += 1;
      next();
    };
  };

  return {
    take: (lane, { signal, most, tooLong }) => {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (fits(lane) && !queue.some((it) => it.lane === lane)) return Promise.resolve(grant(lane));
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          queue.splice(queue.indexOf(entry), 1);
        };
        const onAbort = (): void => {
          leave();
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          leave();
          reject(tooLong());
        }, most);
        const entry = {
          lane,
          start: () => {
            leave();
            resolve(grant(lane));
          },
        };
        queue.push(entry);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    open: () => limit - free.read,
    waiting: () => queue.length,
  };
}
