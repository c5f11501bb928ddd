/** One version of an image, on all hosts that have it: what is retired, restored and purged. */
import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { ImageName } from '../../domain/names.ts';
import { NOTHING } from '../../domain/plan.ts';
import type { ImageRow } from '../image-rows.ts';
import type { Draft, PlanContext } from '../spec.ts';
import type { Rows } from '../store.ts';
import { imageLock } from './bring.ts';
import { hangingOn, refuseUnknown } from './common.ts';

export const NameField = ImageName.meta({ title: 'Image', description: 'An image, by its name', choices: 'image' });
export const VersionField = z.int().min(1).max(1_000_000);

export const VersionFacts = z.object({
  name: z.string(),
  version: z.number(),
  images: z.array(
    z.object({
      id: z.string(),
      host: z.string(),
      vg: z.string(),
      volume: z.string(),
      state: z.string(),
      /** Where it is stored for other hosts; null for what is not ours to remove. */
      stored: z.string().nullable(),
    }),
  ),
});
export type VersionFacts = z.infer<typeof VersionFacts>;

/** Its golden volumes. Throws where there is no such version, or one that something else has in hands. */
export function versionOf(
  rows: Rows,
  context: Pick<PlanContext, 'settings'>,
  name: string,
  version: number,
): readonly ImageRow[] {
  const images = rows.images.list(name);
  if (images.length === 0) refuseUnknown(name, context.settings, rows);
  const found = images.filter((image) => image.version === version);
  const [first] = found;
  if (first === undefined) {
    const numbers = [...new Set(images.map((image) => image.version))].join(', ');
    throw new BotError('not_found', `Image ${name} has no version ${version}`, {
      field: 'version',
      hint: numbers === '' ? `\`/image add ${name}\` makes its first one.` : `It has ${numbers}: see \`/image list\`.`,
    });
  }
  return found;
}

/** What the three have in common. */
export function versionDraft(
  { name, version, images }: { readonly name: string; readonly version: number; readonly images: readonly ImageRow[] },
  rows: Rows,
  text: Pick<Draft<VersionFacts>, 'title' | 'verb' | 'risk' | 'notes'>,
): Draft<VersionFacts> {
  return {
    facts: {
      name,
      version,
      images: images.map(({ id, host, vg, volume, state, builtOf, file }) => ({
        ...{ id, host, vg, volume, state },
        stored: builtOf === null || file === '' ? null : file,
      })),
    },
    team: null,
    subject: `image:${name}`,
    host: images[0]?.host ?? '',
    vmId: null,
    // Of every host that has any version: which one is in force is the same everywhere.
    locks: [...new Set(rows.images.list(name).map(({ host }) => imageLock(name, host)))],
    adds: NOTHING,
    ...text,
  };
}

/** Throws while VMs hang on it. */
export function refuseHanging(rows: Rows, name: string, version: number): void {
  const many = hangingOn(rows, name, version);
  if (many === 0) return;
  throw new BotError(
    'wrong_state',
    `${many === 1 ? 'A VM hangs' : `${many} VMs hang`} on version ${version} of ${name}`,
    {
      field: 'version',
      hint: 'VMs in the trash count too: purge those, or wait until they are gone. `/image list` tells how many there are.',
    },
  );
}
