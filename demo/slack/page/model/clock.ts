import { computed, signal } from '@preact/signals';
import type { Reader } from '../text/date-token.ts';
import { clockOffset, store } from './store.ts';

const minute = signal(Math.floor(Date.now() / 60_000));
setInterval(() => {
  minute.value = Math.floor(Date.now() / 60_000);
}, 5000);

/** Zone and time by which dates are told: the persona's and the server's. Changes each minute. */
export const reader = computed<Reader>(() => ({
  tz: store.me.value?.tz ?? 'UTC',
  now: minute.value * 60_000 + clockOffset.value,
}));

/** A ts as epoch milliseconds. */
export function millis(ts: string): number {
  return Number(ts) * 1000;
}
