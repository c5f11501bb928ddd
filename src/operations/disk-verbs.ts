import type { DiskCounters } from '../domain/disk-io.ts';
import type { FilesystemSeen } from '../domain/guest-filesystem.ts';
import type { HostCall } from './ports.ts';

/** A disk in a domain's definition, or of the domain as it runs. */
export interface DiskSeen {
  readonly target: string;
  /** Block device or file; null for what is neither. */
  readonly source: string | null;
  /** The guest may boot from it: it says so itself, or is the first of its kind. */
  readonly boot: boolean;
  /** The block device that it is mirrored into just now, and whether that holds the same already; null where into none. */
  readonly mirror: { readonly to: string | null; readonly ready: boolean } | null;
  /** What its guest finds it by; null where it has none. */
  readonly serial: string | null;
  /** The element as it stands, without the place that libvirt gave it: what attaches the same disk again. */
  readonly xml: string;
  /** The same with its place: what it is changed by where it is. */
  readonly placed: string;
}

export interface DisksSeen {
  /** Null where it is off. A disk that its guest was asked to let go of stands here until it has. */
  readonly live: readonly DiskSeen[] | null;
  readonly kept: readonly DiskSeen[];
}

/** A disk of a domain, by where the guest has it and what lies behind. */
export interface DiskAt {
  readonly target: string;
  readonly source: string;
}

/** What is grown in a guest. */
export interface Growth {
  readonly mountpoint: string;
  readonly type: string;
  /** `/dev/vda`. */
  readonly disk: string;
  /** Number of its partition; null where it lies on the whole disk. */
  readonly partition: number | null;
}

/** What came of having a guest give back what its filesystems don't use. */
export type Trim = { readonly trimmed: true } | { readonly trimmed: false; readonly why: string };

/** Disks of a domain that is there, while it runs and in its definition. */
export interface DiskVerbs {
  /** The XML of a new disk, with the settings that all of ours have. Pure. */
  readonly xmlOf: (disk: DiskAt & { readonly serial: string }) => string;
  /** The same disk at another place in the guest, and by another serial where one is given. Throws BotError `host_fault` for what isn't a disk's XML. */
  readonly moved: (xml: string, target: string, serial?: string) => string;
  /** What a guest finds it by; null where that is not said. Pure. Throws as `moved` does. */
  readonly serialIn: (xml: string) => string | null;
  /** The same disk with another block device behind it. Throws as `moved` does. */
  readonly behind: (xml: string, source: string) => string;
  /** Null where there is no such domain. */
  readonly seen: (uuid: string) => HostCall<DisksSeen | null>;
  /** Into the definition, and into the domain where it runs. Content where it is there; a look tells whether that is the same one. */
  readonly attach: (uuid: string, disk: DiskAt & { readonly xml: string }) => HostCall<void>;
  /** Into the domain that runs, and not into its definition. */
  readonly plug: (uuid: string, disk: DiskAt & { readonly xml: string }) => HostCall<void>;
  /**
   * Out of the domain where it runs, and out of its definition; only the disk of that source. The host answers before the guest has let
   * go, and content when it isn't there. Throws BotError `wrong_state` where the guest refuses.
   */
  readonly detach: (uuid: string, disk: DiskAt) => HostCall<void>;
  /** Changes the disk at its target in the definition. What runs goes on with what it has. */
  readonly redefine: (uuid: string, disk: { readonly target: string; readonly xml: string }) => HostCall<void>;
  /** Counters of each disk; null where the domain is off, or there is none. */
  readonly counters: (uuid: string) => HostCall<readonly DiskCounters[] | null>;
  /** Asks the guest's agent; null where none answers. */
  readonly filesystems: (uuid: string) => HostCall<readonly FilesystemSeen[] | null>;
  /** Asks the agents of several guests, one after the other, by UUID; one that doesn't answer in time is missing. */
  readonly filesystemsOf: (uuids: readonly string[]) => HostCall<ReadonlyMap<string, readonly FilesystemSeen[]>>;
  /**
   * Has the agent start growing a partition and its filesystem: a look tells whether they have. Throws BotError `wrong_state` where the
   * agent may not run commands.
   */
  readonly grow: (uuid: string, what: Growth) => HostCall<void>;
  /** Has the agent discard what its filesystems don't use, so that a thin pool has it back. A guest that can't is an answer, with why. */
  readonly trim: (uuid: string) => HostCall<Trim>;
}
