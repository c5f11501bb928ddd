/** The guardian's rule: what could fill a thin pool is refused while there is still room to do something about it. */
import { BotError } from './error.ts';
import type { Observation, VolumeSeen } from './inventory.ts';
import type { HostSettings } from './settings.ts';
import { formatSize } from './size.ts';

/** Above this a pool takes nothing new, in data or metadata: what is in it must have room to grow. Per cent. */
export const POOL_LIMIT_PERCENT = 90;

/** The thin pool's row of a host's report. */
export function poolOf(host: Pick<HostSettings, 'vg' | 'pool'>, observation: Observation): VolumeSeen | undefined {
  return observation.volumes?.find(
    (volume) => volume.vg === host.vg && volume.name === host.pool && volume.kind === 'thin-pool',
  );
}

/** Why a pool can't take what is asked, and what helps. */
export interface PoolShortage {
  /** After the host's name: `is short of 2 GiB in its thin pool …`. */
  readonly why: string;
  readonly cure: string;
}

/** What a pool must have room for. */
export interface PoolDemand {
  /** What is asked for may grow to that. */
  readonly worstBytes: number;
  /** What others were given a moment ago, or are about to be: no report shows it yet. */
  readonly underWayBytes: number;
}

/**
 * Whether a pool has room for something even at its worst, physically, whatever was promised. A pool that does not tell how full it is
 * takes nothing. Empty when it fits.
 */
export function poolShortages(
  host: Pick<HostSettings, 'vg' | 'pool'>,
  observation: Observation,
  { worstBytes, underWayBytes }: PoolDemand,
): PoolShortage[] {
  const pool = poolOf(host, observation);
  if (pool === undefined) return [];
  const free = observation.groups?.find(({ name }) => name === host.vg)?.freeBytes ?? 0;
  const extend =
    free > 0
      ? `extend ${host.vg}/${host.pool} (\`/storage pool extend\`: ${formatSize(free)} are free in ${host.vg})`
      : `add a disk to ${host.vg} and extend ${host.pool}`;
  const cure = `Delete snapshots (\`/snapshot delete\`), purge what is in the trash (\`/vm purge\`), or have an admin ${extend}.`;
  const used = (percent: number | null) => Math.round((pool.sizeBytes * (percent ?? 100)) / 100);
  const limit = Math.floor((pool.sizeBytes * POOL_LIMIT_PERCENT) / 100);
  const missing = used(pool.dataPercent) + underWayBytes + worstBytes - limit;
  const others = underWayBytes > 0 ? `, and ${formatSize(underWayBytes)} go to what is under way there` : '';
  const found: PoolShortage[] = [];
  if (missing > 0) {
    found.push({
      why: `is out of space: ${formatSize(missing)} are missing in its thin pool, which is ${percentOf(pool.dataPercent)} full of ${formatSize(pool.sizeBytes)} and takes new data up to ${POOL_LIMIT_PERCENT} %; this may grow to ${formatSize(worstBytes)}${others}`,
      cure,
    });
  }
  if (pool.metadataPercent === null || pool.metadataPercent >= POOL_LIMIT_PERCENT) {
    found.push({
      why: `is out of space: its thin pool's metadata is ${percentOf(pool.metadataPercent)} full, and takes new volumes up to ${POOL_LIMIT_PERCENT} %`,
      cure: `Delete snapshots (\`/snapshot delete\`), or have an admin extend it: \`/storage pool extend --metadata 64MiB\`.`,
    });
  }
  return found;
}

function percentOf(percent: number | null): string {
  return percent === null ? 'unknown, so taken for 100 %' : `${percent} %`;
}

/** Throws `no_capacity` where the pool could run full; says how much is missing and what helps. A host never seen is refused too. */
export function admitToPool(
  host: HostSettings,
  observation: Observation | null,
  demand: PoolDemand,
  what: string,
): void {
  if (observation === null || poolOf(host, observation) === undefined) {
    throw new BotError('no_capacity', `${what}: nobody knows how full the thin pool of ${host.name} is`, {
      hint: `\`/host check ${host.name}\` says what is wrong there.`,
    });
  }
  const [first] = poolShortages(host, observation, demand);
  if (first !== undefined)
    throw new BotError('no_capacity', `${what}: ${host.name} ${first.why}`, { hint: first.cure });
}

/** What a snapshot of these volumes may come to cost: each block that they hold now is kept once more when it is written anew. */
export function snapshotWorstBytes(volumes: readonly Pick<VolumeSeen, 'sizeBytes' | 'dataPercent'>[]): number {
  let sum = 0;
  for (const { sizeBytes, dataPercent } of volumes) sum += Math.ceil((sizeBytes * (dataPercent ?? 100)) / 100);
  return sum;
}
