import type { VolumeName } from './driver.ts';
import type { UnitState } from './image-verbs.ts';
import type { HostCall } from './ports.ts';

/** A file's checksum, as a host worked it out. */
export interface FileSum {
  readonly path: string;
  readonly sha256: string;
}

/** The directory that backups go to, as a host has it. */
export interface TargetSeen {
  readonly writable: boolean;
  /** Null where there is no such directory. */
  readonly freeBytes: number | null;
  /** Why it could not be asked, where it is another machine's; null where it was. */
  readonly unreached: string | null;
}

/** What a backup's manifest says, beside the files: enough for a person to bring the VM back without Hostler's rows. */
export interface Manifest {
  readonly id: string;
  readonly vm: string;
  readonly team: string;
  readonly host: string;
  readonly network: string;
  readonly mac: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly image: string | null;
  readonly consistency: string;
  readonly madeBy: string;
  /** The backups that must be unpacked before it, by id, the full one first; empty for a full one. */
  readonly buildsOn: readonly string[];
  readonly disks: readonly { readonly target: string; readonly sizeBytes: number; readonly file: string }[];
  /** The definition as libvirt kept it. */
  readonly domainXml: string;
}

interface VolumeCopy {
  readonly volume: VolumeName;
  readonly path: string;
  readonly unit: string;
  readonly rate: Rate;
}

/** How many bytes of a volume are read or written in a second at most; null for as fast as it goes. Zeros don't count. */
export type Rate = number | null;

/**
 * Volumes into compressed files and back. What takes long runs as a unit of the host's own systemd (`ImageVerbs.pouring` looks at it and
 * `stopPouring` ends it). Of root's it only reads or writes the volume: the files are opened as the bot's user. What is encrypted (by
 * its name, `isEncrypted`) is read with the private key of the configuration, which the host is told when the unit has begun and keeps nowhere.
 */
export interface BackupVerbs {
  readonly target: (directory: string) => HostCall<TargetSeen>;
  /** A volume's content, compressed, into a file that is emptied first. */
  readonly store: (copy: VolumeCopy & { readonly encryptTo: string | null }) => HostCall<void>;
  /** A file's content into a volume that is there and reads as zeros. Fails where the file is damaged. */
  readonly unpack: (copy: VolumeCopy) => HostCall<void>;
  /** SHA-256 of files, written into another as `sha256sum` does. */
  readonly sum: (of: {
    readonly paths: readonly string[];
    readonly into: string;
    readonly unit: string;
  }) => HostCall<void>;
  /** Unpacks files into nothing, which proves that they can be. */
  readonly test: (of: { readonly paths: readonly string[]; readonly unit: string }) => HostCall<void>;
  /** How a unit of `sum` stands, and whether it reached the machine that the files lie on. */
  readonly summing: (unit: string) => HostCall<{
    readonly state: UnitState;
    readonly reached: boolean;
    /** False where its time was over before it had read all, or had been told the key. */
    readonly inTime: boolean;
  }>;
  /** What `sum` wrote; null where there is no such file. */
  readonly sums: (path: string) => HostCall<readonly FileSum[] | null>;
  /** SHA-256 of what a file holds when it is unpacked, and of a volume's content; into files of their own. */
  readonly sumContent: (of: { readonly path: string; readonly into: string; readonly unit: string }) => HostCall<void>;
  readonly sumVolume: (of: {
    readonly volume: VolumeName;
    readonly into: string;
    readonly unit: string;
    readonly rate: Rate;
  }) => HostCall<void>;
  /** What either of them wrote; null where there is no such file. */
  readonly contentSum: (path: string) => HostCall<string | null>;
  /** Of the files that are there. */
  readonly sizes: (
    paths: readonly string[],
  ) => HostCall<readonly { readonly path: string; readonly sizeBytes: number }[]>;
  /** Takes back what was written, or begun. On a machine that does not answer it stays: nothing hangs on it. */
  readonly discard: (path: string) => HostCall<void>;
  /** Whether there is such a file, or the beginning of one, as far as the machine answers. */
  readonly left: (path: string) => HostCall<boolean>;
  /** Pure: the same content gives the same bytes. */
  readonly manifest: (content: Manifest) => { readonly base64: string; readonly bytes: number };
}
