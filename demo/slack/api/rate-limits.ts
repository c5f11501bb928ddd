import type { Clock } from '../clock.ts';
import type { Tier } from './method.ts';

/** How strictly calls are counted. */
export interface RateLimitOptions {
  /** Calls of one method that may come at once before the pace of its tier counts. */
  burst?: number;
  /** Messages to one channel that may come at once before one a second counts. */
  channelBurst?: number;
}

const PER_MINUTE: Record<Tier, number> = { 1: 1, 2: 20, 3: 50, 4: 100, post: 60, special: 600 };

/** Counts calls; gives the seconds to wait where a call is too early, 0 where it may go on. */
export type RateLimiter = (method: string, tier: Tier, channel: string) => number;

/**
 * Token buckets: one a method, and one a channel for posting. They start full, so that short tests see nothing of
 * them; give a burst of 1 to see Slack at its strictest.
 */
export const createRateLimiter = (
  clock: Clock,
  { burst = 120, channelBurst = 30 }: RateLimitOptions = {},
): RateLimiter => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (method, tier, channel) => {
    const size = tier === 'post' ? channelBurst : Math.max(burst, 1);
    const perSecond = PER_MINUTE[tier] / 60;
    const key = tier === 'post' ? `${method} ${channel}` : method;
    const bucket = buckets.get(key) ?? { tokens: size, at: clock.now() };
    const tokens = Math.min(size, bucket.tokens + ((clock.now() - bucket.at) / 1000) * perSecond);
    const allowed = tokens >= 1;
    buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: clock.now() });
    return allowed ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  };
};
