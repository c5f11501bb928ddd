import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { MessageEntity } from '../../ui/protocol.ts';

const lists = new Map<string, Signal<readonly string[]>>();
const building = new Map<string, Set<string>>();
const dirty = new Set<string>();

/** The ts of a channel's messages, oldest first, without replies that show only in their thread. */
export function channelList(channel: string): ReadonlySignal<readonly string[]> {
  return listOf(channel);
}

/** The ts of a thread's replies, oldest first. */
export function threadList(channel: string, ts: string): ReadonlySignal<readonly string[]> {
  return listOf(`${channel} ${ts}`);
}

/** Puts a message where it belongs, or takes it out. `flushIndex` makes it known. */
export function indexMessage({ channel, ts, threadTs, broadcast }: MessageEntity, there: boolean): void {
  const isReply = threadTs !== undefined && threadTs !== ts;
  if (!isReply || broadcast) put(channel, ts, there);
  if (isReply) put(`${channel} ${threadTs}`, ts, there);
}

/** Makes the lists that changed known: sorted once, however many came. */
export function flushIndex(): void {
  for (const name of dirty) listOf(name).value = [...(building.get(name) ?? [])].sort();
  dirty.clear();
}

function put(name: string, ts: string, there: boolean): void {
  const set = building.get(name) ?? new Set();
  building.set(name, set);
  if (there ? set.has(ts) : !set.has(ts)) return;
  if (there) set.add(ts);
  else set.delete(ts);
  dirty.add(name);
}

function listOf(name: string): Signal<readonly string[]> {
  const known = lists.get(name);
  if (known !== undefined) return known;
  const made = signal<readonly string[]>([]);
  lists.set(name, made);
  return made;
}
