import type { Driver, VolumeName } from '../driver.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';
import { unitEnded } from './units.ts';

interface At {
  readonly driver: Driver;
  readonly host: string;
}

/** How long filling a volume may take: as long as the `long` time class allows the command itself. */
const POUR_MS = 2 * 3_600_000;

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

/** Fills a volume from an image file, in a unit that neither the link nor the bot ends. Undo stops the unit. */
export function pourImage(
  { driver, host }: At,
  image: { readonly path: string; readonly format: string; readonly volume: VolumeName; readonly unit: string },
): Step {
  const { unit } = image;
  return {
    name: 'pour-image',
    title: `Pour ${image.path} into ${image.volume.name}`,
    host,
    act: driver.images.pour(image),
    look: reading(driver.images.pouring(unit), (state): Seen => {
      if (state === 'running') return { state: 'under-way' };
      if (state === 'failed')
        return {
          state: 'failed',
          what: `Pouring ${image.path} failed: see \`journalctl --user -u ${unit}\` on ${host}`,
        };
      return { state: state === 'done' ? 'done' : 'absent' };
    }),
    wait: {
      forMs: POUR_MS,
      everyMs: 1_000,
      late: { message: `Pouring ${image.path} took too long`, hint: 'See how busy the host’s disks are.' },
    },
    undo: unitEnded({ driver }, unit),
  };
}
