import { z } from 'zod';
import { asBotError } from '../../../domain/error.ts';
import { HostName } from '../../../domain/names.ts';
import type { Fact, Tone } from '../../../domain/notice.ts';
import { POOL_LIMIT_PERCENT } from '../../../domain/pool.ts';
import type { HostSettings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import { hostOf } from '../../host-ref.ts';
import type { PoolSeen } from '../../pool-verbs.ts';
import { defineRead, type ReadContext, type Reading } from '../../spec.ts';
import { fullIn, lookAtPool, type PoolPace, paceOf, poolButtons, poolName } from './common.ts';
import { suspendedVms, type Writer, writersOn } from './guests.ts';
import { resumeButton } from './relieve.ts';

export const poolShow = defineRead({
  name: 'storage.pool.show',
  summary: 'Show how full thin pools are, how fast they fill, and what helps',
  details:
    'Each host is asked just now; the pace is that of its sweeps, of the last hour. Provisioning, snapshots, clones and extensions are refused where they could fill a pool beyond its limit.',
  input: z.strictObject({
    host: HostName.optional().meta({ title: 'Host', description: 'This host’s alone, in detail', choices: 'host' }),
  }),
  positional: ['host'],
  permission: 'platform',
  examples: ['/storage pool show', '/storage pool show kvm-1'],
  read: async ({ host }, context) => {
    const { settings } = context;
    const hosts = host === undefined ? settings.hosts : [hostOf(settings, host)];
    const pools = await Promise.all(hosts.map((each) => describe(each, context)));
    const [only] = pools;
    return host !== undefined && only !== undefined ? detail(only) : list(pools);
  },
});

interface Pool {
  readonly guests: { readonly writers: readonly Writer[]; readonly suspended: readonly Vm[] };
  readonly host: HostSettings;
  /** Null where the host did not say; then with why. */
  readonly seen: PoolSeen | null;
  readonly trouble: string | null;
  readonly pace: PoolPace;
}

async function describe(host: HostSettings, context: ReadContext): Promise<Pool> {
  const { rows, clock } = context;
  const now = clock.now();
  const known = {
    host,
    pace: paceOf(rows, host, now),
    guests: { writers: writersOn(rows, host, now), suspended: suspendedVms(rows, host) },
  };
  try {
    return { ...known, seen: await lookAtPool(host, context), trouble: null };
  } catch (cause) {
    return { ...known, seen: null, trouble: asBotError(cause).message };
  }
}

function list(pools: readonly Pool[]): Reading {
  const troubled = pools.filter(({ trouble }) => trouble !== null);
  return {
    notice: {
      tone: worst(pools),
      title: `${pools.length} thin ${pools.length === 1 ? 'pool' : 'pools'}`,
      lines: troubled.map(({ host, trouble }) => `${host.name}: ${trouble}`),
      table: {
        columns: ['Host', 'Size', 'Data', 'Metadata', 'Pace', 'Free in its group'],
        rows: pools.map(({ host, seen, pace }) => [
          host.name,
          seen === null ? '?' : formatSize(seen.sizeBytes),
          percentText(seen?.dataPercent),
          percentText(seen?.metadataPercent),
          paceText(pace),
          seen === null ? '?' : formatSize(seen.freeBytes),
        ]),
        empty: 'No host is in the configuration.',
      },
    },
    json: pools.map(asJson),
  };
}

function detail(pool: Pool): Reading {
  const { host, seen, trouble, pace, guests } = pool;
  if (seen === null) {
    return {
      notice: { tone: 'bad', title: poolName(host), lines: [trouble ?? 'It does not say how full it is.'] },
      json: [asJson(pool)],
    };
  }
  const facts: Fact[] = [
    { name: 'Data', value: `${percentText(seen.dataPercent)} of ${formatSize(seen.sizeBytes)}` },
    { name: 'Metadata', value: `${percentText(seen.metadataPercent)} of ${formatSize(seen.metadataBytes)}` },
    { name: 'Pace', value: paceText(pace) },
    { name: 'Takes new data up to', value: `${POOL_LIMIT_PERCENT} %: ${formatSize(leftOf(seen))} more` },
    { name: `Free in ${host.vg}`, value: formatSize(seen.freeBytes) },
    { name: 'Extended by LVM itself', value: autoextendText(seen) },
  ];
  const { writers, suspended } = guests;
  if (writers.length > 0) {
    const shown = writers
      .slice(0, SHOWN)
      .map(({ vm, bytesPerSecond }) => `${fullName(vm)} ${formatSize(bytesPerSecond)}/s`);
    facts.push({ name: 'Biggest writers', value: shown.join(', ') });
  }
  if (suspended.length > 0) facts.push({ name: 'Suspended', value: suspended.map(fullName).join(', ') });
  const buttons = [...poolButtons(host.name), ...suspended.slice(0, SHOWN).map(resumeButton)];
  return {
    notice: { tone: worst([pool]), title: poolName(host), facts, buttons },
    json: [asJson(pool)],
  };
}

/** So many VMs are named. */
const SHOWN = 5;

function worst(pools: readonly Pool[]): Tone {
  const percents = pools.flatMap(({ seen }) => [seen?.dataPercent ?? 100, seen?.metadataPercent ?? 100]);
  const soon = pools.some(({ pace }) => pace.hoursToFull !== null && pace.hoursToFull < 24);
  if (percents.some((percent) => percent >= POOL_LIMIT_PERCENT)) return 'bad';
  return soon || percents.some((percent) => percent >= 80) ? 'warn' : 'plain';
}

function percentText(percent: number | null | undefined): string {
  return percent === null || percent === undefined ? '?' : `${percent} %`;
}

function paceText({ dataPerHour, hoursToFull, hoursToFullMetadata }: PoolPace): string {
  if (dataPerHour === null) return 'not known yet';
  const metadata = fullIn(hoursToFullMetadata);
  const parts = [
    dataPerHour > 0 ? `${formatSize(dataPerHour)} an hour` : 'does not grow',
    ...[fullIn(hoursToFull) ?? []].flat(),
    ...(metadata === null ? [] : [`metadata ${metadata}`]),
  ];
  return parts.join(', ');
}

/** What may still be promised to come, below the limit. */
function leftOf({ sizeBytes, dataPercent }: PoolSeen): number {
  return Math.max(0, Math.floor((sizeBytes * (POOL_LIMIT_PERCENT - (dataPercent ?? 100))) / 100));
}

function autoextendText({ autoextend, monitored }: PoolSeen): string {
  if (autoextend === null) return 'not known';
  if (autoextend.threshold >= 100) return 'no';
  return `from ${autoextend.threshold} % on, by ${autoextend.percent} %${monitored ? '' : '; but dmeventd does not watch it'}`;
}

/** A pool as scripts read it. */
function asJson({ host, seen, trouble, pace, guests }: Pool) {
  return {
    host: host.name,
    pool: `${host.vg}/${host.pool}`,
    trouble,
    sizeBytes: seen?.sizeBytes ?? null,
    dataPercent: seen?.dataPercent ?? null,
    metadataBytes: seen?.metadataBytes ?? null,
    metadataPercent: seen?.metadataPercent ?? null,
    freeBytes: seen?.freeBytes ?? null,
    limitPercent: POOL_LIMIT_PERCENT,
    leftBytes: seen === null ? null : leftOf(seen),
    autoextend: seen?.autoextend ?? null,
    monitored: seen?.monitored ?? null,
    bytesPerHour: pace.dataPerHour,
    hoursToFull: pace.hoursToFull,
    hoursToFullMetadata: pace.hoursToFullMetadata,
    writers: guests.writers.map(({ vm, bytesPerSecond }) => ({ name: fullName(vm), bytesPerSecond })),
    suspended: guests.suspended.map(fullName),
  };
}
