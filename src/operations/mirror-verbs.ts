import type { HostCall } from './ports.ts';

/** A disk of a running domain, by the block device that it has now and the one that it is to have. */
export interface MirrorPair {
  readonly from: string;
  readonly to: string;
}

/**
 * A disk mirrored while its guest runs, by libvirt, so that neither the link nor the bot ends it. `DiskVerbs.seen` tells how far it is.
 * The disk is named by what it has now, so a call that comes too late, when it has the other already, finds none and is content.
 */
export interface MirrorVerbs {
  /** Begins to copy `from` into `to`, with all that the guest writes meanwhile. Content where it is mirrored already. */
  readonly begin: (uuid: string, pair: MirrorPair) => HostCall<void>;
  /** Gives the mirroring up: the guest goes on with `from`. Content where nothing is mirrored. */
  readonly giveUp: (uuid: string, pair: MirrorPair) => HostCall<void>;
  /** The guest goes on with `to`, and so does the definition. Throws BotError `host_fault` while they don't hold the same yet. */
  readonly pivot: (uuid: string, pair: MirrorPair) => HostCall<void>;
  /** Goes on by one step, whatever came before: pivots where that can be, else begins. Given again and again it ends with `to`. */
  readonly advance: (uuid: string, pair: MirrorPair) => HostCall<void>;
}
