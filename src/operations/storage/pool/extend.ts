import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import {
  affordable,
  COMFORT_PERCENT,
  MOST_METADATA_BYTES,
  type PoolGrowth,
  poolGrowth,
} from '../../../domain/pool-growth.ts';
import type { HostSettings } from '../../../domain/settings.ts';
import { formatSize, parseSize } from '../../../domain/size.ts';
import { HostField, hostOf } from '../../host-ref.ts';
import type { PoolSeen } from '../../pool-verbs.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { extendPool, extendPoolMetadata, measurePool } from '../../steps/pools.ts';
import { keepMeasured, lookAtPool, PoolFacts, poolDraft, poolLock, poolName, poolReport } from './common.ts';

const More = z.string().min(1).max(20).optional();
const Input = z.strictObject({
  host: HostField,
  by: More.meta({
    title: 'Data by',
    description: `How much more; else what brings it down to ${COMFORT_PERCENT} %`,
    placeholder: '20GiB',
  }),
  metadata: More.meta({
    title: 'Metadata by',
    description: `How much more; else what brings it down to ${COMFORT_PERCENT} %`,
    placeholder: '64MiB',
  }),
});

const Facts = PoolFacts.extend({
  /** What it is extended to; null for what stays as large as it is. */
  dataBytes: z.number().nullable(),
  metadataBytes: z.number().nullable(),
});
type Facts = z.infer<typeof Facts>;

export const poolExtend = defineChange({
  name: 'storage.pool.extend',
  summary: 'Give a host’s thin pool more of its volume group, for data or metadata',
  details:
    'Takes free extents of the pool’s own volume group, while VMs run. There is no way back: no thin pool can be made smaller. Without a size it takes what brings data and metadata down to a good measure, or what there is.',
  input: Input,
  positional: ['host'],
  permission: 'platform',
  risk: 'safe',
  examples: [
    '/storage pool extend kvm-1 --by 20GiB',
    '/storage pool extend kvm-1 --metadata 64MiB',
    '/storage pool extend kvm-1',
  ],
  facts: Facts,
  look: (input: z.infer<typeof Input>, context: ReadContext) =>
    lookAtPool(hostOf(context.settings, input.host), context),
  plan,
  steps: ({ host, vg, pool, dataBytes, metadataBytes }, driver) => {
    const at = { driver, host };
    return [
      ...(metadataBytes === null ? [] : [extendPoolMetadata(at, { vg, name: pool, sizeBytes: metadataBytes })]),
      ...(dataBytes === null ? [] : [extendPool(at, { vg, name: pool, sizeBytes: dataBytes })]),
      measurePool(at, { vg, name: pool }, 'after'),
    ];
  },
  begin: () => undefined,
  settle: (facts, _end, rows, outputs) => keepMeasured(facts, rows, outputs),
  report: (facts, _rows, _settings, outputs) => poolReport(facts, outputs),
});

function plan(input: z.infer<typeof Input>, context: PlanContext, pool: PoolSeen): Draft<Facts> {
  const host = hostOf(context.settings, input.host);
  const growth = growthOf(input, host, context, pool);
  const { vg, name } = pool;
  const dataBytes = growth.dataBytes > 0 ? pool.sizeBytes + growth.dataBytes : null;
  const metadataBytes = growth.metadataBytes > 0 ? pool.metadataBytes + growth.metadataBytes : null;
  const what = [
    ...(dataBytes === null ? [] : [`data by ${formatSize(growth.dataBytes)}`]),
    ...(metadataBytes === null ? [] : [`metadata by ${formatSize(growth.metadataBytes)}`]),
  ];
  return {
    ...poolDraft(host),
    facts: { host: host.name, vg, pool: name, dataBytes, metadataBytes },
    title: `Extend ${poolName(host)}: ${what.join(', ')}`,
    verb: 'Extend',
    risk: 'safe',
    locks: [poolLock(host, 'extend')],
    adds: NOTHING,
    notes: [
      'There is no way back: a thin pool can’t be made smaller again.',
      ...(dataBytes === null
        ? []
        : [`Data: ${formatSize(pool.sizeBytes)} → ${formatSize(dataBytes)}, ${pool.dataPercent ?? '?'} % in use now.`]),
      ...(metadataBytes === null
        ? []
        : [
            `Metadata: ${formatSize(pool.metadataBytes)} → ${formatSize(metadataBytes)}, ${pool.metadataPercent ?? '?'} % in use now. LVM may keep as much once more as a spare.`,
          ]),
      `${formatSize(pool.freeBytes)} are free in ${vg} now.`,
      ...(growth.missingBytes > 0
        ? [
            `That is all there is. ${formatSize(growth.missingBytes)} more would bring it down to ${COMFORT_PERCENT} %: ${disk(host)}`,
          ]
        : []),
    ],
  };
}

function disk({ vg }: HostSettings): string {
  return `add a disk to the group (\`vgextend ${vg} DEVICE\` on the host).`;
}

/** As asked, or as is good for it. Throws where the group has too little, with how much is missing. */
function growthOf(input: z.infer<typeof Input>, host: HostSettings, { keep }: PlanContext, pool: PoolSeen): PoolGrowth {
  const refuse = (missing: number): never => {
    throw new BotError(
      'no_capacity',
      `${host.name} has ${formatSize(pool.freeBytes)} free in ${host.vg}: ${formatSize(missing)} are missing to extend ${host.pool}`,
      { hint: `Ask for less, or ${disk(host)}` },
    );
  };
  if (input.by !== undefined || input.metadata !== undefined) {
    const asked = { data: sizeOf(input.by, 'by'), metadata: sizeOf(input.metadata, 'metadata') };
    if (pool.metadataBytes + asked.metadata > MOST_METADATA_BYTES) {
      throw new BotError(
        'invalid_input',
        `Metadata of a thin pool can have ${formatSize(MOST_METADATA_BYTES)} at most`,
        {
          field: 'metadata',
          hint: `It has ${formatSize(pool.metadataBytes)}: ask for less.`,
        },
      );
    }
    const growth = poolGrowth(pool, asked);
    return growth.missingBytes > 0 ? refuse(growth.missingBytes) : growth;
  }
  const wanted = poolGrowth(pool, { data: null, metadata: null });
  const found = affordable(wanted, pool);
  // What is in use goes on growing between plan and button: that makes it no other plan.
  const kept = (key: string, bytes: number) => Number(keep(key, String(bytes)));
  const growth = poolGrowth(pool, {
    data: kept('data', found.dataBytes),
    metadata: kept('metadata', found.metadataBytes),
  });
  if (growth.missingBytes > 0) return refuse(growth.missingBytes);
  if (growth.dataBytes + growth.metadataBytes > 0) return { ...growth, missingBytes: found.missingBytes };
  if (wanted.missingBytes > 0) return refuse(wanted.missingBytes);
  const hint = `Say how much more it should have: \`/storage pool extend ${host.name} --by 20GiB\`.`;
  if (pool.dataPercent === null)
    throw new BotError('wrong_state', `${poolName(host)} does not say how full it is`, { field: 'by', hint });
  throw new BotError(
    'wrong_state',
    `${poolName(host)} has room: ${pool.dataPercent ?? '?'} % of its data and ${pool.metadataPercent ?? '?'} % of its metadata are in use`,
    { field: 'by', hint },
  );
}

function sizeOf(text: string | undefined, field: string): number {
  if (text === undefined) return 0;
  const bytes = parseSize(text.replace(/^\+/, ''));
  if (bytes > 0) return bytes;
  throw new BotError('invalid_input', `${text} is nothing to extend it by`, {
    field,
    hint: 'Give a size such as 20GiB.',
  });
}
