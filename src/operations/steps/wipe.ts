import type { Settings } from '../../domain/settings.ts';
import { formatSize } from '../../domain/size.ts';
import type { Disk } from '../../domain/vm.ts';
import type { Marks, VolumeName } from '../driver.ts';
import type { Step } from '../step.ts';
import { both } from './call.ts';
import { type At, patience, releaseUnit, unitStep } from './units.ts';
import { createVolume, extendVolume } from './volumes.ts';

/**
 * An empty volume that shows nothing of what lay there before: a thin pool sees to that itself, a thick volume is written over with
 * zeros before anything may read it.
 */
export function emptyVolume(
  at: At,
  volume: VolumeName & { readonly pool: string | null; readonly sizeBytes: number; readonly marks: Marks },
  settings: Settings,
): Step[] {
  const made = createVolume(at, volume);
  return volume.pool === null
    ? [made, ...wipeVolume(at, { ...volume, fromBytes: 0 }, volume.marks.op, settings)]
    : [made];
}

/** Writes zeros over a thick volume from there to its end. Neither the link nor the bot ends it; undo does. */
function wipeVolume(
  at: At,
  volume: VolumeName & { readonly fromBytes: number },
  opId: string,
  settings: Settings,
): Step[] {
  const { driver, host } = at;
  const { vg, name, fromBytes } = volume;
  const unit = `hostler-${opId}-wipe`;
  const wipe = driver.volumes.wipe({ vg, name, fromBytes, unit });
  const what = `Wiping ${name}`;
  const from = fromBytes === 0 ? '' : ` from ${formatSize(fromBytes)} on`;
  return [
    unitStep(at, {
      name: `wipe-volume:${name}`,
      title: `Write zeros over ${name}${from}, where another’s data may have lain`,
      unit,
      // What is left of a try that failed would be in its way.
      act: { ...both(driver.images.stopPouring(unit), wipe), title: wipe.title },
      forMs: patience(settings, host),
      what,
      failed: `${what} failed`,
    }),
    { ...releaseUnit(at, unit), name: `release-unit:${name}`, title: 'Clean up behind the wiping' },
  ];
}

/**
 * A volume made larger. What a thick one gains is wiped before the guest is told of it, and from its start on there is only forward:
 * a volume that is larger already must not be left with another's data in it.
 */
export function growVolume(
  at: At,
  volume: VolumeName & { readonly kind: Disk['kind']; readonly fromBytes: number; readonly sizeBytes: number },
  opId: string,
  settings: Settings,
): Step[] {
  const grown = extendVolume(at, volume);
  if (volume.kind !== 'thick') return [grown];
  return [grown, ...wipeVolume(at, volume, opId, settings)].map((step) => ({ ...step, undo: 'no-way-back' }));
}
