import type { VolumePair } from '../copy-verbs.ts';
import type { Step } from '../step.ts';
import { both, reading } from './call.ts';
import { type At, seenOf, unitEnded, waitFor } from './units.ts';

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

/** A volume that nobody writes to, into one that was made for it. Undo ends the unit: the volume goes with the step that made it. */
export function copyVolume(at: At, { from, to, blank, units, forMs }: VolumeCopy): Step {
  const { driver, host } = at;
  const what = `Copying ${from.name}`;
  return {
    name: `copy-volume:${from.name}`,
    title: `Copy ${from.name} into ${to.name}`,
    host,
    act: driver.copies.copy({ from, to, blank, unit: units.copy }),
    look: reading(driver.images.pouring(units.copy), (state) =>
      seenOf(
        state,
        what,
        () => `${what} failed: a disk of ${host} may be at fault, or full: see \`journalctl --user -u ${units.copy}\``,
      ),
    ),
    wait: waitFor(forMs, what),
    undo: unitEnded(at, units.copy),
  };
}

/** Proves that the copy holds what was copied, byte by byte, as it lies on the medium. */
export function compareVolumes(at: At, { from, to, units, forMs }: VolumeCopy): Step {
  const { driver, host } = at;
  const what = `Comparing ${from.name} and ${to.name}`;
  return {
    name: `compare-volumes:${from.name}`,
    title: `Compare ${to.name} with ${from.name}, byte by byte`,
    host,
    act: driver.copies.compare({ from, to, unit: units.compare }),
    look: reading(driver.images.pouring(units.compare), (state) =>
      seenOf(
        state,
        what,
        () =>
          `The copy ${to.name} is not what ${from.name} holds, or can’t be read: see \`journalctl --user -u ${units.compare}\` on ${host}`,
      ),
    ),
    wait: waitFor(forMs, what),
    undo: unitEnded(at, units.compare),
  };
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
