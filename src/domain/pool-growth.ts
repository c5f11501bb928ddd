/** By how much a thin pool is extended, and whether its group has that much. Pure. */
import { GiB } from './size.ts';

/** What is known of a pool and its group. */
export interface Extendable {
  readonly sizeBytes: number;
  readonly dataPercent: number | null;
  readonly metadataBytes: number;
  readonly metadataPercent: number | null;
  readonly chunkBytes: number;
  readonly freeBytes: number;
  readonly extentBytes: number;
}

/** Bytes more, in whole extents. `missingBytes`: of what the group would need to have free for it. */
export interface PoolGrowth {
  readonly dataBytes: number;
  readonly metadataBytes: number;
  readonly missingBytes: number;
}

/** An extension that nobody gave a size brings data and metadata down to so many per cent. */
export const COMFORT_PERCENT = 70;
/** dm-thin addresses no more metadata than 15.81 GiB. */
export const MOST_METADATA_BYTES = Math.floor(15.8 * GiB);

/** dm-thin's own need for each chunk of data. LVM keeps the metadata that large, and extends it before the data, even where the data then has no room. */
const METADATA_PER_CHUNK = 64;

/** What LVM would make of the metadata with so much data. */
function metadataFor(dataBytes: number, { chunkBytes }: Pick<Extendable, 'chunkBytes'>): number {
  return Math.min(MOST_METADATA_BYTES, Math.ceil(dataBytes / chunkBytes) * METADATA_PER_CHUNK);
}

/** Metadata is counted twice: LVM may keep a spare as large, to repair with. */
function costOf(dataBytes: number, metadataBytes: number): number {
  return dataBytes + 2 * metadataBytes;
}

/** As asked; null for as much as brings it down to comfort. */
export function poolGrowth(pool: Extendable, asked: { data: number | null; metadata: number | null }): PoolGrowth {
  const whole = (bytes: number) => Math.ceil(bytes / pool.extentBytes) * pool.extentBytes;
  const dataBytes = whole(asked.data ?? toComfort(pool.sizeBytes, pool.dataPercent));
  const needed = dataBytes > 0 ? metadataFor(pool.sizeBytes + dataBytes, pool) - pool.metadataBytes : 0;
  const metadataBytes = Math.min(
    whole(Math.max(0, needed, asked.metadata ?? toComfort(pool.metadataBytes, pool.metadataPercent))),
    Math.max(0, MOST_METADATA_BYTES - pool.metadataBytes),
  );
  const missingBytes = Math.max(0, costOf(dataBytes, metadataBytes) - pool.freeBytes);
  return { dataBytes, metadataBytes, missingBytes };
}

/** The part of it that the group has room for: metadata first, for a pool without is lost altogether. */
export function affordable({ dataBytes, metadataBytes }: PoolGrowth, pool: Extendable): PoolGrowth {
  const down = (bytes: number) => Math.floor(Math.max(0, bytes) / pool.extentBytes) * pool.extentBytes;
  const metadata = Math.min(metadataBytes, down(pool.freeBytes / 2));
  const data = Math.min(dataBytes, down(pool.freeBytes - costOf(0, metadata)));
  const missingBytes = costOf(dataBytes, metadataBytes) - costOf(data, metadata);
  return { dataBytes: data, metadataBytes: metadata, missingBytes };
}

function toComfort(sizeBytes: number, percent: number | null): number {
  if (percent === null) return 0;
  return Math.max(0, (sizeBytes * percent) / COMFORT_PERCENT - sizeBytes);
}
