// The thin pool of a lab host: as large as asked for, and on no host that runs another than it has.
import { formatSize, GiB, MiB, parseSize } from '../src/domain/size.ts';

export const DEFAULT_POOL_BYTES = 40 * GiB;
const LEAST = 256 * MiB;
/** The host's data disk has 60 GiB; metadata and its spare lie beside the pool. */
const MOST = 58 * GiB;
const EXTENT = 4 * MiB;

/** Bytes of `2GiB`, in whole extents. Throws with what would be right. */
export function parsePoolSize(text: string): number {
  const bytes = Math.ceil(parseSize(text) / EXTENT) * EXTENT;
  if (bytes < LEAST || bytes > MOST)
    throw new RangeError(`a pool has ${formatSize(LEAST)} to ${formatSize(MOST)}, such as 2GiB`);
  return bytes;
}

/** What one is told who wants another pool on a host that runs. */
export function hasOtherPool({ name, poolBytes }: { readonly name: string; readonly poolBytes: number }): string {
  return `${name} runs with a pool of ${formatSize(poolBytes)}; end it first: npm run lab -- down ${name}`;
}
