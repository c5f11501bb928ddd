import type { HostCall } from './ports.ts';

/** What a look at the host found of the state that a step is to bring about. */
export type Seen =
  | { readonly state: 'done'; readonly output?: unknown }
  /** Nothing of it is there, or not yet; why, where that tells people something when the time is over. */
  | { readonly state: 'absent'; readonly why?: string }
  /** It is on its way there by itself: only wait. */
  | { readonly state: 'under-way' }
  /** It was tried on the host, and failed there. */
  | { readonly state: 'failed'; readonly what: string }
  /** Something is in the way that this operation did not make. */
  | { readonly state: 'foreign'; readonly what: string };

/**
 * One step of a change, as data: calls that the plan can show before they run. It brings about a state and doesn't perform an act,
 * so `act` and `undo.act` may each run twice, and `look` tells where one stands after a crash, a failure or a cut link.
 */
export interface Step {
  /** Unique in its operation; the journal's key. */
  readonly name: string;
  readonly title: string;
  readonly host: string;
  /** Null for a step that only waits until `look` says done. */
  readonly act: HostCall<unknown> | null;
  /**
   * Given in the act's place where one before it may have been cut off and `look` finds it wanting. For an act of several commands, of which
   * the first doesn't bear to be given twice.
   */
  readonly anew?: HostCall<unknown>;
  readonly look: HostCall<Seen>;
  /** After the act, `look` is asked until it says done. Without it, exit code 0 is trusted: give one wherever the host's word isn't enough. */
  readonly wait?: Wait;
  readonly undo: Undo | 'nothing-to-undo' | 'no-way-back';
  /**
   * It is brief, and exit code 0 is trusted: it goes to the host in one round trip with the step behind it, where that one is
   * on the same host. What each has done is told apart, and whatever goes wrong is settled step by step, as else.
   */
  readonly withNext?: true;
}

export interface Wait {
  readonly forMs: number;
  readonly everyMs: number;
  /** Gives the act again so often while waiting: a guest may miss the first press of its power button (Nova repeats it as well). */
  readonly askAgainMs?: number;
  /** What it says when the time is over: `The guest did not shut down in 2 min`, with what to do. */
  readonly late: { readonly message: string; readonly hint: string } | 'go-on';
}

export interface Undo {
  readonly act: HostCall<unknown>;
  /** `absent` when nothing of ours is left (or the state of before is back): then the undo is done. */
  readonly look: HostCall<Seen>;
  readonly wait?: Wait;
  /**
   * What was only asked for may still come after the asking failed or was given up (a guest that is told to shut down):
   * it is watched for so long before the undo, else it would come behind it.
   */
  readonly mayStillCome?: { readonly look: HostCall<Seen>; readonly forMs: number; readonly everyMs: number };
}
