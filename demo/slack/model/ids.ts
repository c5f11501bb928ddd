/** Hands out Slack-like ids that a person can read: U0ALICE, C0OPS. */
export interface Ids {
  /** An id made of a letter and a name; a number is added where it is taken. */
  named(prefix: 'U' | 'C' | 'S', name: string): string;
  /** An id without meaning, such as V000000001. */
  next(prefix: string): string;
  /** Short random-looking text, as Slack gives blocks without an id; never the same twice. */
  short(): string;
  /** Where it stands, for `createIds` to go on from. */
  state(): IdsState;
}

/** Where a source of ids stands. */
export interface IdsState {
  count: number;
  taken: string[];
}

/** Makes a source of ids; it starts at the same place each time, so that runs are alike, or where another stood. */
export const createIds = (from: IdsState = { count: 0, taken: [] }): Ids => {
  const taken = new Set(from.taken);
  let count = from.count;
  return {
    named: (prefix, name) => {
      const stem = `${prefix}0${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`;
      let id = stem;
      for (let n = 2; taken.has(id); n += 1) id = `${stem}${n}`;
      taken.add(id);
      return id;
    },
    next: (prefix) => {
      count += 1;
      return `${prefix}${count.toString(36).toUpperCase().padStart(9, '0')}`;
    },
    state: () => ({ count, taken: [...taken] }),
    short: () => {
      count += 1;
      // a fixed odd multiplier spreads the counter, which keeps the ids different and short
      return ((count * 7_368_787) % 60_466_176).toString(36).padStart(5, '0');
    },
  };
};
