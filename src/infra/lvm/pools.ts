/** The pool verbs: how a thin pool is, and room for its metadata. */
import { z } from 'zod';
import type { Command } from '../../domain/command.ts';
import type { PoolSeen, PoolVerbs } from '../../operations/pool-verbs.ts';
import type { Ran } from '../../operations/ports.ts';
import { answerTo, refused, unreadable } from '../answer.ts';
import { json, REPORT, readGroups, selecting, vgs } from './lvs.ts';
import { Bytes, Percent } from './schema.ts';
import { bytes, readExtend, root } from './volumes.ts';

const FIELDS = [
  'vg_name',
  'lv_name',
  'lv_size',
  'segtype',
  'data_percent',
  'metadata_percent',
  'lv_metadata_size',
  'chunk_size',
  'lv_when_full',
  'seg_monitor',
] as const;

/** Anybody may read LVM's settings, so this runs without root. */
const SETTINGS: Command = {
  argv: [
    'lvmconfig',
    '--type',
    'full',
    'activation/monitoring',
    'activation/thin_pool_autoextend_threshold',
    'activation/thin_pool_autoextend_percent',
  ],
  limit: 'quick',
  onFailure: 'go-on',
};

export function poolVerbs(): PoolVerbs {
  return {
    look: ({ vg, name }) => ({
      title: `Look at thin pool ${vg}/${name}`,
      commands: [
        { argv: ['lvs', ...REPORT, FIELDS.join(','), '-S', selecting({ name }), vg], sudo: true, limit: 'quick' },
        vgs(vg),
        SETTINGS,
      ],
      parse: readPool,
    }),
    extendMetadata: ({ vg, name, sizeBytes }) => ({
      title: `Extend the metadata of thin pool ${vg}/${name}`,
      commands: [{ ...root('lvextend', '--poolmetadatasize', bytes(sizeBytes), `${vg}/${name}`), onFailure: 'go-on' }],
      parse: readExtend,
    }),
  };
}

const Pool = z.object({
  vg_name: z.string(),
  lv_name: z.string(),
  lv_size: Bytes,
  segtype: z.string(),
  data_percent: Percent,
  metadata_percent: Percent,
  // Empty for what is no pool.
  lv_metadata_size: z.string(),
  chunk_size: z.string(),
  lv_when_full: z.string(),
  seg_monitor: z.string(),
});
const PoolReport = z.object({ report: z.tuple([z.object({ lv: z.array(Pool) })]) });

export function readPool(ran: readonly Ran[]): PoolSeen | null {
  const answer = answerTo(ran);
  if (answer.exit !== 0) throw refused('Reading the thin pool', answer);
  const parsed = PoolReport.safeParse(json(answer, 'Reading the thin pool'));
  if (!parsed.success) throw unreadable('Reading the thin pool', answer, parsed.error);
  const found = parsed.data.report[0].lv.find(({ segtype }) => segtype === 'thin-pool');
  const group = readGroups(answerTo(ran, 1)).find(({ name }) => name === found?.vg_name);
  if (found === undefined || group === undefined) return null;
  const settings = readSettings(answerTo(ran, 2));
  return {
    vg: found.vg_name,
    name: found.lv_name,
    sizeBytes: found.lv_size,
    dataPercent: found.data_percent,
    metadataBytes: Number(found.lv_metadata_size),
    metadataPercent: found.metadata_percent,
    chunkBytes: Number(found.chunk_size),
    whenFull: found.lv_when_full === 'queue' || found.lv_when_full === 'error' ? found.lv_when_full : null,
    monitored: found.seg_monitor === 'monitored',
    freeBytes: group.freeBytes,
    extentBytes: group.extentBytes,
    autoextend: settings,
  };
}

function readSettings(answer: Ran): PoolSeen['autoextend'] {
  const values = new Map(
    answer.stdout.split('\n').map((line): [string, number] => {
      const [key = '', value = ''] = line.trim().split('=');
      return [key, /^\d+$/.test(value) ? Number(value) : Number.NaN];
    }),
  );
  const [threshold, percent] = ['threshold', 'percent'].map((key) => values.get(`thin_pool_autoextend_${key}`));
  if (answer.exit !== 0 || threshold === undefined || percent === undefined) return null;
  return Number.isNaN(threshold) || Number.isNaN(percent) ? null : { threshold, percent };
}
