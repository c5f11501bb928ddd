/** What is done inside a guest that nobody uses yet, through its agent. */
import { asBotError } from '../../domain/error.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step } from '../step.ts';
import { reading } from './call.ts';
import type { At } from './domains.ts';

/** A look through the agent. That it does not answer is no reason to stop: it is told when the time is over. */
export function throughAgent<T>(call: HostCall<T>, as: (value: T) => Seen): HostCall<Seen> {
  return {
    ...call,
    parse: (ran): Seen => {
      try {
        return as(call.parse(ran));
      } catch (cause) {
        return { state: 'absent', why: asBotError(cause).message };
      }
    },
  };
}

/** Takes out of a guest what one machine alone should have, and looks that nothing of it is left. It is gone for good: undo of its disk. */
export function cleanGuest({ driver, host, uuid, vm }: At): Step {
  return {
    name: 'clean-guest',
    title: `Clean what is of ${vm} alone: keys, machine-id, logs`,
    host,
    act: driver.guests.clean(uuid),
    look: throughAgent(driver.guests.traces(uuid), ({ clean, left, cloudInit }): Seen => {
      if (left.length === 0) return { state: 'done', output: { clean, cloudInit } };
      return { state: 'absent', why: left.map(({ kind, where }) => `${kind} (${where})`).join(', ') };
    }),
    wait: {
      forMs: 0,
      everyMs: 1_000,
      late: {
        message: `The guest was cleaned, and something is left`,
        hint: 'Clean it by hand in the VM, shut it down, and build it with `--no-clean`.',
      },
    },
    undo: 'nothing-to-undo',
  };
}

/**
 * Its filesystems are whole on its disks from here on, and nothing is written any more: what was looked at is what stays. One that can't
 * freeze has written all by now (`sync`).
 */
export function freezeGuest({ driver, host, uuid }: At): Step {
  return {
    name: 'freeze-guest',
    title: 'Freeze its filesystems, so that its disk stays as it was looked at',
    host,
    act: driver.guests.freeze(uuid),
    look: reading(
      driver.snapshots.freezeState(uuid),
      (seen): Seen => ({ state: seen === 'thawed' ? 'absent' : 'done' }),
    ),
    undo: 'nothing-to-undo',
  };
}
