import type { Driver } from '../driver.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';

interface At {
  readonly driver: Driver;
  readonly host: string;
  readonly uuid: string;
  /** `team/name`, for titles. */
  readonly vm: string;
}

/** Tells a running guest that its disk has grown. The volume has by now, and nothing makes it smaller: so there is only forward. */
export function resizeDisk(
  { driver, host, uuid, vm }: At,
  { target, sizeBytes }: { readonly target: string; readonly sizeBytes: number },
): Step {
  return {
    name: `resize-disk:${target}`,
    title: `Tell the guest of ${vm} that ${target} has grown`,
    host,
    act: driver.domains.resizeDisk(uuid, { target, sizeBytes }),
    look: reading(
      driver.domains.diskBytes(uuid, target),
      (seen): Seen => ({ state: seen === null || seen >= sizeBytes ? 'done' : 'absent' }),
    ),
    undo: 'no-way-back',
  };
}
