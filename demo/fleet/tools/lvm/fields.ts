/** The report fields of volumes, groups and physical volumes. A number is bytes, to be shown in the unit that was asked for. */
import type { Group, HostModel, Volume } from '../../model/host-model.ts';
import {
  drawingFrom,
  findGroup,
  freeExtents,
  isOpen,
  isPoolFull,
  metadataBytes,
  originOf,
  poolUsed,
  volumesOf,
} from '../../model/lvm.ts';
import { kernelMinor } from '../../model/watched.ts';

export type Field<T> = (model: HostModel, row: T) => string | number;

export const volumeFields: Readonly<Record<string, Field<Volume>>> = {
  lv_name: (_, it) => it.name,
  lv_full_name: (_, it) => `${it.vg}/${it.name}`,
  lv_path: (_, it) => (it.kind === 'thin-pool' ? '' : `/dev/${it.vg}/${it.name}`),
  vg_name: (_, it) => it.vg,
  lv_uuid: (_, it) => it.uuid,
  lv_size: (_, it) => it.sizeBytes,
  lv_attr: attr,
  lv_tags: (_, it) => it.tags.join(','),
  lv_time: (_, it) => `${new Date(it.createdAt).toISOString().slice(0, 19).replace('T', ' ')} +0000`,
  pool_lv: (_, it) => it.pool ?? '',
  origin: (model, it) => originOf(model, it)?.name ?? '',
  segtype: (_, it) =>
    ({ thin: 'thin', 'thin-pool': 'thin-pool', thick: 'linear', 'thick-snapshot': 'linear' })[it.kind],
  data_percent: dataPercent,
  metadata_percent: (model, it) => (it.kind === 'thin-pool' ? metadataPercent(model, it).toFixed(2) : ''),
  snap_percent: (_, it) => (it.kind === 'thick-snapshot' ? '0.00' : ''),
  lv_active: (_, it) => (it.active ? 'active' : ''),
  lv_device_open: (model, it) => (it.active ? (isOpen(model, it) ? 'open' : '') : 'unknown'),
  lv_skip_activation: (_, it) => (it.skipActivation ? 'skip activation' : ''),
  lv_health_status: (model, it) => (it.kind === 'thin-pool' && isPoolFull(model, it) ? 'out_of_data' : ''),
  lv_when_full: (_, it) => (it.kind === 'thin-pool' ? it.whenFull : ''),
  lv_metadata_size: (model, it) => {
    const group = it.kind === 'thin-pool' ? findGroup(model, it.vg) : undefined;
    return group === undefined ? '' : metadataBytes(it, group);
  },
  chunk_size: (_, it) => (it.kind === 'thin-pool' ? 65_536 : 0),
  seg_monitor: (_, it) => (it.kind !== 'thin-pool' ? '' : it.unmonitored === true ? 'not monitored' : 'monitored'),
  lv_permissions: () => 'writeable',
  lv_merging: () => '',
  thin_count: (model, it) => (it.kind === 'thin-pool' ? String(drawingFrom(model, it).length) : ''),
  lv_kernel_major: () => '253',
  lv_kernel_minor: (model, it) => String(kernelMinor(model, it.uuid)),
  move_pv: () => '',
  mirror_log: () => '',
  copy_percent: () => '',
  convert_lv: () => '',
};

/** Ten letters, as in lvs(8). */
function attr(model: HostModel, it: Volume): string {
  const hasSnapshot = model.volumes.some((other) => other.kind === 'thick-snapshot' && other.origin === it.uuid);
  const type = { thin: 'V', 'thin-pool': 't', thick: hasSnapshot ? 'o' : '-', 'thick-snapshot': 's' }[it.kind];
  const target = { thin: 't', 'thin-pool': 't', thick: hasSnapshot ? 's' : '-', 'thick-snapshot': 's' }[it.kind];
  const thin = it.kind === 'thin' || it.kind === 'thin-pool';
  const health = it.kind === 'thin-pool' && isPoolFull(model, it) ? 'D' : '-';
  return [
    type,
    'w',
    'i',
    '-',
    it.active ? 'a' : '-',
    it.active && isOpen(model, it) ? 'o' : '-',
    target,
    thin ? 'z' : '-',
    health,
    it.skipActivation ? 'k' : '-',
  ].join('');
}

function dataPercent(model: HostModel, it: Volume): string {
  if (!it.active || it.kind === 'thick') return '';
  if (it.kind === 'thick-snapshot') return '0.00';
  const used = it.kind === 'thin-pool' ? Math.min(poolUsed(model, it), it.sizeBytes) : it.mappedBytes;
  // LVM cuts off, it doesn't round: 3.125 reads 3.12.
  return (Math.floor((used / it.sizeBytes) * 10_000) / 100).toFixed(2);
}

/** About what was measured: a base, and a little for each chunk in use. */
function metadataPercent(model: HostModel, it: Volume): number {
  return it.metadataPercent + (Math.min(poolUsed(model, it), it.sizeBytes) / it.sizeBytes) * 2;
}

export const groupFields: Readonly<Record<string, Field<Group>>> = {
  vg_name: (_, it) => it.name,
  pv_count: () => '1',
  lv_count: (model, it) => String(volumesOf(model, it.name).length),
  snap_count: (model, it) => String(volumesOf(model, it.name).filter((lv) => lv.kind === 'thick-snapshot').length),
  vg_attr: () => 'wz--n-',
  vg_size: (_, it) => it.extents * it.extentBytes,
  vg_free: (model, it) => freeExtents(model, it) * it.extentBytes,
  vg_extent_size: (_, it) => it.extentBytes,
  vg_extent_count: (_, it) => String(it.extents),
  vg_free_count: (model, it) => String(freeExtents(model, it)),
  vg_uuid: (_, it) => it.uuid,
  vg_tags: () => '',
};

export const diskFields: Readonly<Record<string, Field<Group>>> = {
  pv_name: (_, it) => it.device,
  vg_name: (_, it) => it.name,
  pv_fmt: () => 'lvm2',
  pv_attr: () => 'a--',
  pv_size: (_, it) => it.extents * it.extentBytes,
  pv_free: (model, it) => freeExtents(model, it) * it.extentBytes,
};
