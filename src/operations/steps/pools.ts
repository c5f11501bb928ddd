import { formatSize } from '../../domain/size.ts';
import type { Driver, VolumeName } from '../driver.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';
import type { At as GuestAt } from './domains.ts';
import { extendVolume } from './volumes.ts';

interface At {
  readonly driver: Driver;
  readonly host: string;
}

/** A pool's data made larger. No pool can be made smaller again. */
export function extendPool(at: At, pool: VolumeName & { readonly sizeBytes: number }): Step {
  return {
    ...extendVolume(at, pool),
    title: `Extend thin pool ${pool.name} to ${formatSize(pool.sizeBytes)}`,
    undo: 'no-way-back',
  };
}

/** Room for a pool's metadata; not to be had back either. */
export function extendPoolMetadata({ driver, host }: At, pool: VolumeName & { readonly sizeBytes: number }): Step {
  return {
    name: `extend-metadata:${pool.name}`,
    title: `Extend the metadata of thin pool ${pool.name} to ${formatSize(pool.sizeBytes)}`,
    host,
    act: driver.pools.extendMetadata(pool),
    look: reading(
      driver.pools.look(pool),
      (seen): Seen => ({ state: (seen?.metadataBytes ?? 0) >= pool.sizeBytes ? 'done' : 'absent' }),
    ),
    undo: 'no-way-back',
  };
}

/** How full the pool is then, as the step's output. `before` what is done about it, or `after`. */
export function measurePool({ driver, host }: At, { vg, name }: VolumeName, when: 'before' | 'after'): Step {
  return {
    name: measured(when),
    title: `See how full thin pool ${name} is`,
    host,
    act: null,
    look: reading(
      driver.pools.look({ vg, name }),
      (seen): Seen =>
        seen === null
          ? { state: 'foreign', what: `No thin pool ${vg}/${name}: its absence` }
          : { state: 'done', output: seen },
    ),
    wait: { forMs: 60_000, everyMs: 1_000, late: 'go-on' },
    undo: 'nothing-to-undo',
  };
}

/** The name of that step, and the key of its output. */
export function measured(when: 'before' | 'after'): string {
  return `measure-pool:${when}`;
}

/** Has one guest give back what its filesystems don't use; its output says what came of that. No guest's trouble is another's. */
export function trimGuest({ driver, host, uuid, vm }: GuestAt): Step {
  return {
    name: trimmed(uuid),
    title: `Have the guest of ${vm} trim its filesystems`,
    host,
    act: driver.disks.trim(uuid),
    // Nothing shows whether it has; a second time costs little.
    look: reading(driver.domains.look(uuid), (): Seen => ({ state: 'absent' })),
    undo: 'nothing-to-undo',
  };
}

/** The name of that step, and the key of its output. */
export function trimmed(uuid: string): string {
  return `trim-guest:${uuid}`;
}
