import type { Algorithm, SumsSignature } from '../domain/image.ts';
import type { VolumeName } from './driver.ts';
import type { HostCall } from './ports.ts';

/** How work in a unit of the host's own systemd stands; `none` where no such unit is known. */
export type UnitState = 'running' | 'done' | 'failed' | 'none';

export interface ImageVerbs {
  /** Format and virtual size of an image file; null where there is none. */
  readonly inspect: (path: string) => HostCall<{ readonly format: string; readonly virtualBytes: number } | null>;
  /** Copies an image file's content into a volume that is there already. Long: runs so that neither link nor bot ends it. */
  readonly pour: (image: {
    readonly path: string;
    readonly format: string;
    readonly volume: VolumeName;
    readonly unit: string;
    /** The volume is fresh and reads as zeros: those of the image are left out, so that a thin volume doesn't hold them. */
    readonly zeroed?: boolean;
  }) => HostCall<void>;
  /** `running`, `done`, `failed`, or `none` where no such unit is known. */
  readonly pouring: (unit: string) => HostCall<UnitState>;
  readonly stopPouring: (unit: string) => HostCall<void>;
  /** The text of a small file in the net, such as a vendor's list of checksums. */
  readonly fetchText: (url: string) => HostCall<string>;
  /** The same where it must be signed; who signed it, by fingerprint. Throws where the signature is missing, wrong, or by nobody known. */
  readonly signedText: (file: {
    readonly url: string;
    readonly signature: SumsSignature;
  }) => HostCall<{ readonly text: string; readonly signer: string }>;
  /** Downloads a file, into one that is emptied first. Long, as `pour` is. */
  readonly fetch: (file: { readonly url: string; readonly path: string; readonly unit: string }) => HostCall<void>;
  /** How a download stands; why it failed, where curl's exit code tells. */
  readonly fetching: (unit: string) => HostCall<{ readonly state: UnitState; readonly why: string | null }>;
  /** A file's checksum, written into another. Long. */
  readonly digest: (of: {
    readonly path: string;
    readonly algorithm: Algorithm;
    readonly into: string;
    readonly unit: string;
  }) => HostCall<void>;
  /** What `digest` wrote; null where there is none. */
  readonly digestIn: (into: string) => HostCall<string | null>;
  /** The operating systems that virt-install knows there. */
  readonly variants: () => HostCall<readonly Variant[]>;
  /** The ISO files in a directory; none where there is no such directory. */
  readonly isos: (directory: string) => HostCall<readonly { readonly file: string; readonly sizeBytes: number }[]>;
}

/** An operating system, as libosinfo has it. */
export interface Variant {
  /** `debian12`: what `--osinfo` takes. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly family: string;
}
