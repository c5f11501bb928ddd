import type { VolumeName } from '../driver.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';
import { type At, seenOf, type UnitWork, unitEnded } from './units.ts';

/** Asks virt-install what a domain of this OS should look like on this host. Reads only; its output is the XML. */
export function makeTemplate({ driver, host }: At, osinfo: string): Step {
  const call = driver.domains.template({ osinfo, vcpus: 1, memoryBytes: 512 * 1024 ** 2 });
  return {
    name: 'make-template',
    title: `Ask virt-install for a template (${osinfo})`,
    host,
    act: call,
    look: reading(
      driver.domains.template({ osinfo, vcpus: 1, memoryBytes: 512 * 1024 ** 2 }),
      (xml): Seen => ({ state: 'done', output: xml }),
    ),
    undo: 'nothing-to-undo',
  };
}

/** Fills a volume from an image file. Undo ends the unit: the volume goes with the step that made it. */
export function pouring(
  at: At,
  image: {
    readonly path: string;
    readonly format: string;
    readonly volume: VolumeName;
    readonly unit: string;
    readonly zeroed: boolean;
  },
  forMs: number,
): UnitWork {
  const { driver, host } = at;
  const { unit, path } = image;
  const what = `Pouring ${path}`;
  return {
    name: `pour-image@${host}`,
    title: `Pour ${path} into ${image.volume.name}`,
    unit,
    act: driver.images.pour(image),
    look: reading(driver.images.pouring(unit), (state) =>
      seenOf(state, what, () => `${what} failed: see \`journalctl --user -u ${unit}\` on ${host}`),
    ),
    undo: unitEnded(at, unit),
    forMs,
  };
}
