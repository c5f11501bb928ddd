import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import type { Button } from '../../../domain/notice.ts';
import { growthPerHour, hoursTo } from '../../../domain/pool-trend.ts';
import type { HostSettings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import type { PoolSeen } from '../../pool-verbs.ts';
import type { Draft, ReadContext, Report } from '../../spec.ts';
import { measured } from '../../steps/pools.ts';
import type { Rows } from '../../store.ts';

/** What every change of a pool needs to know; part of its facts. */
export const PoolFacts = z.object({ host: z.string(), vg: z.string(), pool: z.string() });

/** What drafts of such changes have in common. */
export function poolDraft(host: HostSettings) {
  return {
    team: null,
    subject: `pool:${host.name}/${host.pool}`,
    host: host.name,
    vmId: null,
  } satisfies Partial<Draft<unknown>>;
}

/** The lock of one way to help a pool: none waits for another, for room must be had while guests are still trimming. */
export function poolLock({ name, vg, pool }: HostSettings, verb: 'extend' | 'trim' | 'reclaim' | 'relieve'): string {
  return `pool-${verb}:${name}/${vg}/${pool}`;
}

/** `thinpool on kvm-1`, as its alert calls it. */
export function poolName({ name, pool }: HostSettings): string {
  return `${pool} on ${name}`;
}

/** How the host's pool is just now. Throws where the host does not say, or has none. */
export async function lookAtPool(host: HostSettings, { fleet, driver }: ReadContext): Promise<PoolSeen> {
  const { name, vg, pool } = host;
  const asked = await fleet.run(name, driver.pools.look({ vg, name: pool }));
  if (asked.outcome !== 'done') throw asked.error;
  if (asked.value === null) {
    throw new BotError('wrong_state', `${name} has no thin pool ${vg}/${pool}`, {
      hint: `\`/host check ${name}\` says what to do there.`,
    });
  }
  return asked.value;
}

/** What a change needs to know of a pool that one of its steps measured. */
const Measured = z.object({
  sizeBytes: z.number(),
  dataPercent: z.number().nullable(),
  metadataPercent: z.number().nullable(),
  freeBytes: z.number(),
});
export type Measured = z.infer<typeof Measured>;

/** What the step `measurePool` found; null where it was not reached. */
export function measuredPool(outputs: ReadonlyMap<string, unknown>, when: 'before' | 'after'): Measured | null {
  const found = Measured.safeParse(outputs.get(measured(when)));
  return found.success ? found.data : null;
}

/** Bytes that it holds; all of it where it does not say. */
export function usedBytes({ sizeBytes, dataPercent }: Pick<Measured, 'sizeBytes' | 'dataPercent'>): number {
  return Math.round((sizeBytes * (dataPercent ?? 100)) / 100);
}

/** What was found of the pool goes into its host's report, so that whoever was refused needn't wait for the next sweep. */
export function keepMeasured(
  facts: z.infer<typeof PoolFacts>,
  rows: Rows,
  outputs: ReadonlyMap<string, unknown>,
): void {
  const found = measuredPool(outputs, 'after');
  const row = rows.hosts.find(facts.host);
  if (found === null || row === null || row.trouble !== null || row.seenAt === null || row.observation === null) return;
  const { groups, volumes } = row.observation;
  const { freeBytes, ...pool } = found;
  const observation = {
    ...row.observation,
    groups: groups?.map((each) => (each.name === facts.vg ? { ...each, freeBytes } : each)) ?? null,
    volumes:
      volumes?.map((each) => (each.vg === facts.vg && each.name === facts.pool ? { ...each, ...pool } : each)) ?? null,
  };
  rows.hosts.saw(facts.host, observation, row.seenAt);
}

/** What the final cards of such changes say: how the pool is now. */
export function poolReport({ host }: z.infer<typeof PoolFacts>, outputs: ReadonlyMap<string, unknown>): Report {
  const now = measuredPool(outputs, 'after');
  return {
    facts:
      now === null
        ? []
        : [
            { name: 'Data', value: `${now.dataPercent ?? '?'} % of ${formatSize(now.sizeBytes)}` },
            { name: 'Metadata', value: `${now.metadataPercent ?? '?'} %` },
          ],
    buttons: [{ label: 'Show pool', press: { do: 'run', name: 'storage.pool.show', input: { host } } }],
  };
}

/** How fast a pool fills, and when it is full at that pace. */
export interface PoolPace {
  /** Bytes an hour; 0 where it does not grow, null where nobody knows yet. */
  readonly dataPerHour: number | null;
  /** Per cent an hour. */
  readonly metadataPerHour: number | null;
  /** Null where it isn't in sight. */
  readonly hoursToFull: number | null;
  readonly hoursToFullMetadata: number | null;
}

/** How far back the pace is read, and how far where the sweeps of that time are too few. */
const LOOKBACKS = [
  { minutes: 1, ms: 3_600_000 },
  { minutes: 10, ms: 6 * 3_600_000 },
] as const;

/** From the pool's samples. A pool that was extended meanwhile holds the same bytes, and other per cent. */
export function paceOf(rows: Rows, host: Pick<HostSettings, 'name' | 'pool'>, now: number): PoolPace {
  const object = `${host.name}/${host.pool}`;
  for (const { minutes, ms } of LOOKBACKS) {
    const samples = rows.samples.series('pool', object, minutes, now - ms, now + 1);
    const levels = (of: (values: Readonly<Record<string, number | null>>) => number | null) =>
      samples.flatMap(({ at, values }) => {
        const value = of(values);
        return value === null ? [] : [{ at, value }];
      });
    const data = levels(({ data: percent, size_bytes: size }) =>
      percent == null || size == null ? null : (size * percent) / 100,
    );
    const metadata = levels(({ metadata: percent }) => percent ?? null);
    const [dataPerHour, metadataPerHour] = [growthPerHour(data), growthPerHour(metadata)];
    if (dataPerHour === null || metadataPerHour === null) continue;
    const size = samples.at(-1)?.values['size_bytes'] ?? 0;
    return {
      dataPerHour,
      metadataPerHour,
      hoursToFull: hoursTo(size, data.at(-1)?.value ?? 0, dataPerHour),
      hoursToFullMetadata: hoursTo(100, metadata.at(-1)?.value ?? 0, metadataPerHour),
    };
  }
  return { dataPerHour: null, metadataPerHour: null, hoursToFull: null, hoursToFullMetadata: null };
}

/** `full in about 3 h`; null where that isn't in sight. */
export function fullIn(hours: number | null): string | null {
  if (hours === null) return null;
  if (hours === 0) return 'full';
  if (hours < 1) return `full in about ${Math.max(1, Math.round(hours * 60))} min at this pace`;
  return hours < 48
    ? `full in about ${Math.round(hours)} h at this pace`
    : `full in about ${Math.round(hours / 24)} d at this pace`;
}

/** What one may do about a pool that fills: on its alert, and wherever it is shown. */
export const POOL_ACTIONS = [
  { label: 'Extend pool', operation: 'storage.pool.extend' },
  { label: 'Trim guests', operation: 'storage.pool.trim' },
  { label: 'Drop what expired', operation: 'storage.pool.reclaim' },
  { label: 'Pause biggest writers', operation: 'storage.pool.relieve' },
] as const;

/** The same as buttons. */
export function poolButtons(host: string): Button[] {
  return POOL_ACTIONS.map(
    ({ label, operation }): Button => ({
      label,
      press: { do: 'run', name: operation, input: { host } },
    }),
  );
}
