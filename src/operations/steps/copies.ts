import type { VolumePair } from '../copy-verbs.ts';
import type { Step } from '../step.ts';
import { both, reading } from './call.ts';
import { type At, unitStep } from './units.ts';

/** A copy of a volume: what is copied, and the two units that do it. */
export interface VolumeCopy extends VolumePair {
  /** The new volume reads as zeros all over. */
  readonly blank: boolean;
  readonly units: { readonly copy: string; readonly compare: string };
  readonly forMs: number;
}

/** The units of an operation that copies one volume. */
export function unitsOf(opId: string): VolumeCopy['units'] {
  return { copy: `hostler-${opId}-copy`, compare: `hostler-${opId}-compare` };
}

/** A volume that nobody writes to, into one that was made for it. */
export function copyVolume(at: At, { from, to, blank, units, forMs }: VolumeCopy): Step {
  const what = `Copying ${from.name}`;
  return unitStep(at, {
    name: `copy-volume:${from.name}`,
    title: `Copy ${from.name} into ${to.name}`,
    unit: units.copy,
    act: at.driver.copies.copy({ from, to, blank, unit: units.copy }),
    forMs,
    what,
    failed: `${what} failed: a disk of ${at.host} may be at fault, or full`,
  });
}

/** Proves that the copy holds what was copied, byte by byte, as it lies on the medium. */
export function compareVolumes(at: At, { from, to, units, forMs }: VolumeCopy): Step {
  return unitStep(at, {
    name: `compare-volumes:${from.name}`,
    title: `Compare ${to.name} with ${from.name}, byte by byte`,
    unit: units.compare,
    act: at.driver.copies.compare({ from, to, unit: units.compare }),
    forMs,
    what: `Comparing ${from.name} and ${to.name}`,
    failed: `The copy ${to.name} is not what ${from.name} holds, or can’t be read`,
  });
}

/** Lets systemd forget both units. */
export function releaseCopy({ driver, host }: At, { units }: VolumeCopy): Step {
  const states = both(driver.images.pouring(units.copy), driver.images.pouring(units.compare));
  return {
    name: 'release-units',
    title: 'Clean up behind the copying',
    host,
    act: both(driver.images.stopPouring(units.copy), driver.images.stopPouring(units.compare)),
    look: reading(states, ([copy, compare]) => ({ state: copy === 'none' && compare === 'none' ? 'done' : 'absent' })),
    undo: 'nothing-to-undo',
  };
}
