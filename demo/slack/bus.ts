/** Tells who waits or looks on that something in the server has changed. */
export interface Bus {
  /** To be called after every change that somebody could wait for. */
  changed(): void;
  /** Calls `listener` after each change; the returned function ends it. */
  onChange(listener: () => void): () => void;
  /**
   * Resolves with what `read` gives, as soon as that is neither undefined, null nor false. Looks again after each
   * change of the server, and now and then besides, for what depends on the test's own state.
   * Rejects after `deadline` ms of real time (5000 by default), naming `what`.
   */
  waitFor<T>(
    read: () => T | undefined | null | false,
    options?: { deadline?: number; what?: string | (() => string) },
  ): Promise<T>;
}

const HEARTBEAT_MS = 20;

/** Makes a bus. */
export const createBus = (): Bus => {
  const listeners = new Set<() => void>();
  return {
    changed: () => {
      for (const listener of [...listeners]) listener();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waitFor: (read, { deadline = 5000, what = 'the awaited change' } = {}) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          clearInterval(heartbeat);
          listeners.delete(look);
        };
        const look = (): void => {
          try {
            const value = read();
            if (value === undefined || value === null || value === false) return;
            stop();
            resolve(value);
          } catch (cause) {
            stop();
            reject(cause);
          }
        };
        const timer = setTimeout(() => {
          stop();
          const name = typeof what === 'string' ? what : what();
          reject(new Error(`chat server: waited ${deadline} ms in vain for ${name}`));
        }, deadline);
        const heartbeat = setInterval(() => look(), HEARTBEAT_MS);
        listeners.add(look);
        look();
      }),
  };
};
