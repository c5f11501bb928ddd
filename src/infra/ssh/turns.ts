/** Work of which so much at most is under way at once; the rest waits its turn, first come, first served. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function makeTurns(most: number): Turns {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
