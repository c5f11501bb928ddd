/** Work that a unit of the host's systemd does, so that neither the link nor the bot ends it. */
import type { Settings } from '../../domain/settings.ts';
import { formatSpan } from '../../domain/size.ts';
import type { Driver } from '../driver.ts';
import type { UnitState } from '../image-verbs.ts';
import type { HostCall } from '../ports.ts';
import type { Seen, Step, Undo, Wait } from '../step.ts';
import { reading } from './call.ts';

export interface At {
  readonly driver: Driver;
  readonly host: string;
}

/** How long the work on files may take, in milliseconds: as long as the host's time limit of long work allows, and a little for the looks. */
export function patience(settings: Settings, host: string): number {
  const seconds = settings.hosts.find(({ name }) => name === host)?.limits.long ?? 7200;
  return (seconds + 60) * 1000;
}

/**
 * What a unit's state means for its step. One that was begun and isn't known any more went down with its host: that is told at once, and not
 * when the time is over. Before it was begun that makes no difference: what failed is tried again then as what is absent.
 */
export function seenOf(
  state: UnitState,
  what: string,
  failed: () => string,
  done: () => Seen = () => ({ state: 'done' }),
): Seen {
  if (state === 'running') return { state: 'under-way' };
  if (state === 'none') return lost(what);
  return state === 'failed' ? { state: 'failed', what: failed() } : done();
}

export function lost(what: string): Seen {
  return { state: 'failed', what: `${what} came to no end: was the host restarted meanwhile?` };
}

/** Waits for a unit’s end. */
export function waitFor(forMs: number, what: string): Wait {
  return {
    forMs,
    everyMs: 2_000,
    late: {
      message: `${what} took longer than ${formatSpan(forMs)}`,
      hint: 'See how busy host and target are, or raise `limits.long` in the configuration.',
    },
  };
}

/** Undo of a unit that wrote no file: ended and forgotten. */
export function unitEnded({ driver }: Pick<At, 'driver'>, unit: string): Undo {
  return {
    act: driver.images.stopPouring(unit),
    look: reading(driver.images.pouring(unit), (state): Seen => ({ state: state === 'none' ? 'absent' : 'done' })),
  };
}

/** Work in one step, from its beginning to its end. Undo ends the unit: what it wrote to goes with the step that made it. */
export function unitStep(
  at: At,
  work: Pick<UnitWork, 'name' | 'title' | 'unit' | 'act' | 'forMs'> & {
    /** `Copying vm-01-d0`, for what is said when it fails or takes too long. */
    readonly what: string;
    /** Why it may have failed. Where its journal is comes behind that. */
    readonly failed: string;
  },
): Step {
  const { name, title, unit, act, forMs, what, failed } = work;
  const why = `${failed}: see \`journalctl --user -u ${unit}\` on ${at.host}`;
  return {
    name,
    title,
    host: at.host,
    act,
    look: reading(at.driver.images.pouring(unit), (state) => seenOf(state, what, () => why)),
    wait: waitFor(forMs, what),
    undo: unitEnded(at, unit),
  };
}

/** Lets systemd forget a unit that is done. */
export function releaseUnit(at: At, unit: string): Step {
  return {
    name: 'release-unit',
    title: 'Clean up behind the pouring',
    host: at.host,
    act: at.driver.images.stopPouring(unit),
    look: reading(
      at.driver.images.pouring(unit),
      (state): Seen => (state === 'none' ? { state: 'done' } : { state: 'absent' }),
    ),
    undo: 'nothing-to-undo',
  };
}

/** Work in two steps, its beginning and its end: so that many hosts work at once, though steps come one after another. */
export interface UnitWork {
  /** Of the step, with its host: `download@kvm-1`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly act: HostCall<unknown>;
  /** How it stands: done, under way or failed, and why. */
  readonly look: HostCall<Seen>;
  readonly undo: Undo;
  readonly forMs: number;
}

/** Begins it. How it ends is the other step's to say. */
export function beginUnit({ driver, host }: At, { name, title, unit, act, undo }: UnitWork): Step {
  return {
    name: `begin-${name}`,
    title,
    host,
    act,
    look: reading(driver.images.pouring(unit), (state): Seen => ({ state: state === 'none' ? 'absent' : 'done' })),
    undo,
  };
}

/** Waits for its end. */
export function endUnit({ host }: At, { name, title, look, forMs }: UnitWork): Step {
  return {
    name,
    title: `Wait: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    host,
    act: null,
    look,
    wait: waitFor(forMs, title),
    undo: 'nothing-to-undo',
  };
}
