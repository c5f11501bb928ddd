import { signal } from '@preact/signals';

/** How often something was written in each channel and thread: where it was, the end of the list comes into sight. */
export const sentTo = signal<ReadonlyMap<string, number>>(new Map());

/** Something was written there. */
export function noteSent(room: string): void {
  const now = sentTo.peek();
  sentTo.value = new Map(now).set(room, (now.get(room) ?? 0) + 1);
}
