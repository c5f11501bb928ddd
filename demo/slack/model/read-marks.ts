import type { Bus } from '../bus.ts';

/** How far each person has read in each conversation. */
export interface ReadMarks {
  /** ts of the last message read; `0` where nothing was. */
  get(user: string, channel: string): string;
  set(user: string, channel: string, ts: string): void;
  /** person → conversation → ts */
  all(): Record<string, Record<string, string>>;
}

/** Makes the store of read marks. */
export const createReadMarks = (bus: Bus, from: Record<string, Record<string, string>> = {}): ReadMarks => {
  const marks = new Map(Object.entries(from).map(([user, own]) => [user, new Map(Object.entries(own))]));
  return {
    get: (user, channel) => marks.get(user)?.get(channel) ?? '0',
    set: (user, channel, ts) => {
      const own = marks.get(user) ?? new Map<string, string>();
      marks.set(user, own);
      if (own.get(channel) === ts) return;
      own.set(channel, ts);
      bus.changed();
    },
    all: () => Object.fromEntries([...marks].map(([user, own]) => [user, Object.fromEntries(own)])),
  };
};
