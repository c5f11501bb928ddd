import { formatDistanceStrict } from 'date-fns/formatDistanceStrict';

/** `3 minutes ago`, `1 day ago`: how long before `now` an instant lies, in its largest unit. Both epoch milliseconds. */
export function ago(at: number, now: number): string {
  return formatDistanceStrict(at, now, { addSuffix: true });
}
