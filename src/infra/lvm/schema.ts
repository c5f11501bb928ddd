/** LVM's JSON reports as typed rows. All numbers are strings there, and some are empty. */
import { z } from 'zod';
import type { GroupSeen, VolumeSeen } from '../../domain/inventory.ts';

export const Bytes = z.string().regex(/^\d+$/).transform(Number);
/** Empty when the volume is not active, or thick: bare coercion would read that as 0 % full. */
export const Percent = z.string().transform(percentOf);

export const VOLUME_FIELDS = [
  'vg_name',
  'lv_name',
  'lv_size',
  'segtype',
  'pool_lv',
  'origin',
  'lv_tags',
  'data_percent',
  'metadata_percent',
  'lv_active',
  'lv_device_open',
] as const;
/** Which row of /proc/diskstats is the volume's. */
export const MINOR_FIELD = 'lv_kernel_minor';
export const GROUP_FIELDS = ['vg_name', 'vg_size', 'vg_free', 'vg_extent_size'] as const;

/** Rows of a whole group come by the hundred each minute: checked as they stand, and made into numbers afterwards, which costs zod less. */
const Whole = z.string().regex(/^\d+$/);
const VolumeRow = z.object({
  vg_name: z.string(),
  lv_name: z.string(),
  lv_size: Whole,
  segtype: z.string(),
  pool_lv: z.string(),
  origin: z.string(),
  lv_tags: z.string(),
  data_percent: z.string(),
  metadata_percent: z.string(),
  lv_active: z.string(),
  lv_device_open: z.string(),
});

function volumeOf(row: z.output<typeof VolumeRow>): VolumeSeen {
  return {
    vg: row.vg_name,
    name: row.lv_name,
    sizeBytes: Number(row.lv_size),
    kind: row.segtype === 'thin' || row.segtype === 'thin-pool' ? row.segtype : 'thick',
    pool: orNull(row.pool_lv),
    origin: orNull(row.origin),
    tags: row.lv_tags === '' ? [] : row.lv_tags.split(','),
    dataPercent: percentOf(row.data_percent),
    metadataPercent: percentOf(row.metadata_percent),
    active: row.lv_active === 'active',
    open: row.lv_device_open === 'open',
  };
}

const GroupRow = z.object({ vg_name: z.string(), vg_size: Whole, vg_free: Whole, vg_extent_size: Whole });

function groupOf(row: z.output<typeof GroupRow>): GroupSeen {
  return {
    name: row.vg_name,
    sizeBytes: Number(row.vg_size),
    freeBytes: Number(row.vg_free),
    extentBytes: Number(row.vg_extent_size),
  };
}

export const VolumeReport = z.object({
  report: z.tuple([z.object({ lv: z.array(VolumeRow).transform((rows) => eachOnce(rows).map(volumeOf)) })]),
});
export const GroupReport = z.object({ report: z.tuple([z.object({ vg: z.array(GroupRow.transform(groupOf)) })]) });

/** `vgs` that was asked for volumes' fields too tells the group's in the row of each of its volumes. */
const WholeRow = z.object({ ...GroupRow.shape, ...VolumeRow.shape, [MINOR_FIELD]: z.string().optional() });
export const WholeGroupReport = z.object({
  report: z.tuple([
    z.object({
      vg: z.array(WholeRow).transform((rows) => {
        const volumes = eachOnce(rows);
        return {
          group: rows[0] === undefined ? null : groupOf(rows[0]),
          volumes: volumes.map(volumeOf),
          minors: volumes.map((row) => ({ pool: orNull(row.pool_lv), minor: minorOf(row.lv_kernel_minor) })),
        };
      }),
    }),
  ]),
});

function percentOf(text: string): number | null {
  return text === '' ? null : Number(text);
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

/** LVM says -1 for a volume that isn't active. */
function minorOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** A kind of segment was asked for, so that LVM tells a volume once for each of its segments. */
function eachOnce<T extends { readonly lv_name: string }>(rows: readonly T[]): readonly T[] {
  return [...new Map(rows.map((row) => [row.lv_name, row])).values()];
}
export const AttributeReport = z.object({
  report: z.tuple([z.object({ lv: z.array(z.object({ lv_attr: z.string() })) })]),
});
