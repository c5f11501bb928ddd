import type { Seen, Step } from '../step.ts';
import type { At } from './domains.ts';
import { throughAgent } from './guests.ts';

/** A backup does not wait for it longer. */
const FOR_MS = 15_000;

/** Reads the checksum of a file in the guest, where its agent will; null where not, which is no failure. */
export function readMarker({ driver, host, uuid, vm }: At, path: string, name: string): Step {
  return {
    name,
    title: `Read the checksum of ${path} in ${vm}`,
    host,
    act: null,
    look: throughAgent(driver.guests.sha256(uuid, path), (sha256): Seen => ({ state: 'done', output: { sha256 } })),
    wait: { forMs: FOR_MS, everyMs: 5_000, late: 'go-on' },
    undo: 'nothing-to-undo',
  };
}
