/** LVM's JSON reports as typed rows. All numbers are strings there, and some are empty. */
import { z } from 'zod';
import type { GroupSeen, VolumeSeen } from '../../domain/inventory.ts';

export const Bytes = z.string().regex(/^\d+$/).transform(Number);
/** Empty when the volume is not active, or thick: bare coercion would read that as 0 % full. */
export const Percent = z.string().transform((text) => (text === '' ? null : Number(text)));
const OrNull = z.string().transform((text) => (text === '' ? null : text));

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

const VolumeRow = z.object({
  vg_name: z.string(),
  lv_name: z.string(),
  lv_size: Bytes,
  segtype: z.string(),
  pool_lv: OrNull,
  origin: OrNull,
  lv_tags: z.string(),
  data_percent: Percent,
  metadata_percent: Percent,
  lv_active: z.string(),
  lv_device_open: z.string(),
});

function volumeOf(row: z.output<typeof VolumeRow>): VolumeSeen {
  return {
    vg: row.vg_name,
    name: row.lv_name,
    sizeBytes: row.lv_size,
    kind: row.segtype === 'thin' || row.segtype === 'thin-pool' ? row.segtype : 'thick',
    pool: row.pool_lv,
    origin: row.origin,
    tags: row.lv_tags === '' ? [] : row.lv_tags.split(','),
    dataPercent: row.data_percent,
    metadataPercent: row.metadata_percent,
    active: row.lv_active === 'active',
    open: row.lv_device_open === 'open',
  };
}

const GroupRow = z.object({ vg_name: z.string(), vg_size: Bytes, vg_free: Bytes, vg_extent_size: Bytes });

function groupOf(row: z.output<typeof GroupRow>): GroupSeen {
  return { name: row.vg_name, sizeBytes: row.vg_size, freeBytes: row.vg_free, extentBytes: row.vg_extent_size };
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
          minors: volumes.map((row) => ({ pool: row.pool_lv, minor: minorOf(row.lv_kernel_minor) })),
        };
      }),
    }),
  ]),
});

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
