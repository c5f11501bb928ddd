import { BotError } from '../../domain/error.ts';
import { nearest } from '../../domain/names.ts';
import type { HostSettings, ImageSettings, Settings } from '../../domain/settings.ts';
import type { VolumeName } from '../driver.ts';
import type { ImageRow } from '../image-rows.ts';
import type { Rows } from '../store.ts';

/** How old a host's report may be for the question whether its pool has room. */
export const REPORT_AGE_MS = 60_000;

/** Where its file lies on the host. Throws for one that comes from the net. */
export function fileOf(image: Pick<ImageSettings, 'name' | 'file'>, host: HostSettings): string {
  const { file, name } = image;
  if (file === null) {
    throw new BotError('wrong_state', `Image ${name} is downloaded, and no file of a host`, {
      field: 'name',
      hint: `\`/image refresh ${name}\` brings it from its source onto the hosts that lack it.`,
    });
  }
  return file.startsWith('/') ? file : `${host.directory}/images/${file}`;
}

/** The pool that its golden volumes are in. */
export function poolOf({ vg, pool }: HostSettings): VolumeName {
  return { vg, name: pool };
}

/** The number of the version to come. */
export function nextVersion(images: readonly Pick<ImageRow, 'version'>[]): number {
  return 1 + Math.max(0, ...images.map(({ version }) => version));
}

/** An image that is there and of which no VMs are to be made: adding it would undo what somebody decided. */
export function refuseWithdrawn(name: string, rows: Rows): void {
  const images = rows.images.list(name);
  const [last] = images.filter(({ state }) => state === 'retired' || state === 'old');
  if (last === undefined || images.some(({ state }) => state === 'ready' || state === 'adding')) return;
  throw new BotError('wrong_state', `Image ${name} is retired`, {
    field: 'name',
    hint: `\`/image restore ${name} --version ${last.version}\` takes that back.`,
  });
}

/** Throws for an image that neither the configuration nor the hosts have. */
export function refuseUnknown(name: string, settings: Settings, rows: Rows): void {
  const known = [
    ...new Set([...settings.images.map((image) => image.name), ...rows.images.list().map((row) => row.name)]),
  ];
  if (known.includes(name)) return;
  const near = nearest(name, known);
  throw new BotError('not_found', `There is no image ${name}`, {
    field: 'name',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are: ${known.join(', ') || 'none yet'}.`,
  });
}

/** How many VMs hang on a version, on all hosts. */
export function hangingOn(rows: Rows, name: string, version: number): number {
  return rows.images
    .list(name)
    .filter((image) => image.version === version)
    .reduce((sum, { id }) => sum + rows.images.hanging(id), 0);
}

/** `3 VMs hang`. */
export function vmsHang(many: number): string {
  return many === 1 ? '1 VM hangs' : `${many} VMs hang`;
}
