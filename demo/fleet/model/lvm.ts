/** Questions about volume groups and their volumes. */
import type { Group, HostModel, Volume } from './host-model.ts';

export function findGroup(model: HostModel, name: string): Group | undefined {
  return model.groups.find((it) => it.name === name);
}

export function findVolume(model: HostModel, vg: string, name: string): Volume | undefined {
  return model.volumes.find((it) => it.vg === vg && it.name === name);
}

/** Volumes of a group, by name as `lvs` lists them. */
export function volumesOf(model: HostModel, vg: string): Volume[] {
  return model.volumes.filter((it) => it.vg === vg).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function originOf(model: HostModel, volume: Volume): Volume | undefined {
  return volume.origin === null ? undefined : model.volumes.find((it) => it.uuid === volume.origin);
}

/** Thin volumes of a pool. */
export function drawingFrom(model: HostModel, pool: Volume): Volume[] {
  return model.volumes.filter((it) => it.vg === pool.vg && it.pool === pool.name);
}

/** Extents that nothing has. A pool costs its data, its metadata and, once a group, the spare of the metadata. */
export function freeExtents(model: HostModel, group: Group): number {
  let used = 0;
  let spare = 0;
  for (const volume of volumesOf(model, group.name)) {
    if (volume.kind === 'thin') continue;
    used += Math.ceil(volume.sizeBytes / group.extentBytes);
    if (volume.kind !== 'thin-pool') continue;
    const metadata = metadataBytes(volume, group) / group.extentBytes;
    used += metadata;
    spare = Math.max(spare, (volume.spareBytes ?? metadata * group.extentBytes) / group.extentBytes);
  }
  return group.extents - used - spare;
}

/** Size of a pool's metadata. Where nobody has extended it, about a thousandth of the data in whole extents: 20 MiB for 20 GiB, as recorded. */
export function metadataBytes(pool: Volume, { extentBytes }: Pick<Group, 'extentBytes'>): number {
  return pool.metadataBytes ?? Math.max(1, Math.ceil(pool.sizeBytes / 1024 / extentBytes)) * extentBytes;
}

/** Another size for a pool's metadata. The spare stays as it is, and what is in use is less of it. */
export function resizeMetadata(pool: Volume, group: Group, bytes: number): void {
  const before = metadataBytes(pool, group);
  pool.spareBytes ??= before;
  pool.metadataBytes = bytes;
  pool.metadataPercent *= before / bytes;
}

/** Bytes in use in a pool. */
export function poolUsed(model: HostModel, pool: Volume): number {
  return drawingFrom(model, pool).reduce((sum, it) => sum + it.ownBytes, pool.mappedBytes);
}

export function isPoolFull(model: HostModel, pool: Volume): boolean {
  return poolUsed(model, pool) >= pool.sizeBytes;
}

/** A running domain that has it as a disk holds it open; so does a unit that writes into it. */
export function isOpen(model: HostModel, volume: Volume): boolean {
  if (volume.kind === 'thin-pool') return drawingFrom(model, volume).length > 0;
  const paths = [`/dev/${volume.vg}/${volume.name}`, `/dev/mapper/${mapperName(volume)}`];
  return (
    model.domains.some((it) => it.live?.facts.disks.some((disk) => paths.includes(disk.source ?? ''))) ||
    model.domains.some((it) => Object.values(it.live?.mirrors ?? {}).some(({ to }) => paths.includes(to))) ||
    model.units.some(
      (unit) =>
        unit.state === 'active' &&
        unit.endsAt > unit.startedAt &&
        unit.argv.some((it) => it.split(/[\s'=]+/).some((word) => paths.includes(word))),
    )
  );
}

function mapperName(volume: Volume): string {
  return `${volume.vg.replaceAll('-', '--')}-${volume.name.replaceAll('-', '--')}`;
}

/** The volume behind `/dev/VG/NAME` or `/dev/mapper/VG-NAME`. */
export function volumeAt(model: HostModel, path: string): Volume | undefined {
  return model.volumes.find((it) => path === `/dev/${it.vg}/${it.name}` || path === `/dev/mapper/${mapperName(it)}`);
}

/** What LVM's free extents hold: the data of whoever had them before. A thick volume shows it until it is written over. */
export const LEFTOVERS = 'leftovers';
const MORE_LEFTOVERS = ` and ${LEFTOVERS}`;

/** The content of a thick volume that has grown. */
export function withLeftovers(content: string): string {
  return content.endsWith(LEFTOVERS) ? content : `${content}${MORE_LEFTOVERS}`;
}

/** The content once its new end is written over. */
export function withoutLeftovers(content: string): string {
  return content.endsWith(MORE_LEFTOVERS) ? content.slice(0, -MORE_LEFTOVERS.length) : content;
}

/** Takes a volume away. What its snapshots still share with it goes to the first of them. */
export function dropVolume(model: HostModel, volume: Volume): void {
  const heir = model.volumes.find((it) => it.origin === volume.uuid);
  if (heir !== undefined) heir.ownBytes += volume.ownBytes;
  for (const it of model.volumes) if (it.origin === volume.uuid) it.origin = null;
  model.volumes.splice(model.volumes.indexOf(volume), 1);
}
