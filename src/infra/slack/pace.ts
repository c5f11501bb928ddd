/** When the next call may go, by Slack's limits and by what Slack itself has asked for. */
export interface Pace {
  /** Epoch ms from which this call may go; in the past when it may go now. */
  readonly readyAt: (kind: CallKind, place: string) => number;
  /** It goes now. */
  readonly took: (kind: CallKind, place: string) => void;
  /** Slack wants none of these for so long. */
  readonly wait: (kind: CallKind, place: string, ms: number) => void;
}

/** Posting is limited by channel, editing by method (docs.slack.dev/apis/web-api/rate-limits). */
export type CallKind = 'post' | 'update';

interface Bucket {
  tokens: number;
  at: number;
  notBefore: number;
}

/** One message a second a channel with a small burst; fifty edits a minute in all. */
const RATES: Readonly<Record<CallKind, { readonly size: number; readonly perMs: number }>> = {
  post: { size: 3, perMs: 1 / 1000 },
  update: { size: 20, perMs: 50 / 60_000 },
};
/** Idle places are forgotten beyond this many. */
const MOST_BUCKETS = 2000;

/** `idOf`: a channel's id for its name, where it is known: the two are one place. */
export function makePace(now: () => number, idOf: (place: string) => string = (place) => place): Pace {
  const buckets = new Map<string, Bucket>();
  const bucket = (kind: CallKind, place: string): Bucket => {
    const { size, perMs } = RATES[kind];
    const key = kind === 'post' ? `post ${idOf(place)}` : 'update';
    const at = now();
    // What was spent before its id was known counts on.
    const byName = kind === 'post' ? `post ${place}` : key;
    const found = buckets.get(key) ?? buckets.get(byName) ?? { tokens: size, at, notBefore: 0 };
    if (byName !== key) buckets.delete(byName);
    found.tokens = Math.min(size, found.tokens + (at - found.at) * perMs);
    found.at = at;
    if (buckets.size > MOST_BUCKETS) buckets.clear();
    buckets.set(key, found);
    return found;
  };
  return {
    readyAt: (kind, place) => {
      const { tokens, notBefore } = bucket(kind, place);
      const whole = tokens >= 1 ? 0 : now() + Math.ceil((1 - tokens) / RATES[kind].perMs);
      return Math.max(whole, notBefore);
    },
    took: (kind, place) => {
      bucket(kind, place).tokens -= 1;
    },
    wait: (kind, place, ms) => {
      const found = bucket(kind, place);
      found.notBefore = Math.max(found.notBefore, now() + ms);
      // What Slack has spent, we have spent: no burst right after the wait.
      found.tokens = Math.min(found.tokens, 0);
    },
  };
}
