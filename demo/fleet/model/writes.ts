/**
 * What a volume's content consists of, for what reads only a part of it: what it was made with, and each write of its guest behind that,
 * `disk of vm_01 + a log + a mail`. A write has its place on the disk, which its name decides.
 */
import { createHash } from 'node:crypto';
import type { Volume } from './host-model.ts';

const BEHIND = ' + ';
export const CHUNK = 65_536;

export interface Range {
  readonly from: number;
  readonly bytes: number;
}

/** What a volume holds in some ranges: all that it was made with where they cover it, and the writes that lie in them. */
export interface Held {
  readonly whole: string | null;
  readonly writes: readonly string[];
}

function partsOf(content: string): { readonly made: string; readonly writes: readonly string[] } {
  const [made = '', ...writes] = content.split(BEHIND);
  return { made, writes };
}

/** Bytes from the beginning of the disk. */
function placeOf(write: string, { sizeBytes }: Pick<Volume, 'sizeBytes'>): number {
  const chunks = Math.max(1, Math.floor(sizeBytes / CHUNK));
  return (Number.parseInt(createHash('sha256').update(write).digest('hex').slice(0, 8), 16) % chunks) * CHUNK;
}

/** Where two volumes differ, in their order on the disk. Of two that were made with something else, all that either holds does. */
export function differences(one: Volume, other: Volume): Range[] {
  const [a, b] = [partsOf(one.content), partsOf(other.content)];
  if (a.made !== b.made) return [{ from: 0, bytes: Math.ceil(other.sizeBytes / CHUNK) * CHUNK }];
  const changed = [
    ...a.writes.filter((it) => !b.writes.includes(it)),
    ...b.writes.filter((it) => !a.writes.includes(it)),
  ];
  return [...new Set(changed.map((it) => placeOf(it, other)))]
    .sort((x, y) => x - y)
    .map((from) => ({ from, bytes: CHUNK }));
}

function covers(ranges: readonly Range[], volume: Volume, write: string): boolean {
  const at = placeOf(write, volume);
  return ranges.some(({ from, bytes }) => at >= from && at < from + bytes);
}

export function heldIn(volume: Volume, ranges: readonly Range[]): Held {
  const { made, writes } = partsOf(volume.content);
  const all = ranges.some(({ from, bytes }) => from === 0 && bytes >= volume.sizeBytes);
  return { whole: all ? made : null, writes: writes.filter((it) => covers(ranges, volume, it)) };
}

/** Writes over these ranges what was held in them. */
export function writeOver(volume: Volume, ranges: readonly Range[], { whole, writes }: Held): void {
  const { made, writes: before } = partsOf(volume.content);
  const kept = before.filter((it) => !covers(ranges, volume, it));
  volume.content = [whole ?? made, ...kept, ...writes].join(BEHIND);
}
