import type { ImageState } from '../domain/image.ts';

/** A version of an image on a host: its golden volume. */
export interface ImageRow {
  readonly id: string;
  readonly name: string;
  /** From 1; the same content on every host that has it. */
  readonly version: number;
  readonly host: string;
  readonly state: ImageState;
  readonly vg: string;
  readonly volume: string;
  readonly sizeBytes: number;
  readonly file: string;
  /** Checksum of the file that it was poured from, `sha512:…`; null where nobody told. */
  readonly digest: string | null;
  /** The VM that it was made of, `team/name`; null where its file is a vendor's. */
  readonly builtOf: string | null;
  /** It was made of a VM, and what only that one should have was taken out of it. */
  readonly cleaned: boolean;
  readonly osinfo: string;
  readonly login: string;
  readonly addedAt: number;
  /** When it came into its state. */
  readonly changedAt: number;
}

/** An image that was built is to come onto a host. */
export interface ImageWanted {
  /** The operation that built it. */
  readonly operationId: string;
  readonly name: string;
  readonly host: string;
}

export interface ImageRows {
  /** All versions, newest first in each name; of one image, or of all. */
  readonly list: (name?: string) => readonly ImageRow[];
  /** The one that new VMs are made of on this host; else one that is on its way, or failed. */
  readonly find: (name: string, host: string) => ImageRow | null;
  readonly insert: (row: ImageRow) => void;
  readonly setState: (id: string, state: ImageState, at: number) => void;
  readonly forget: (id: string) => void;
  /** Notes that a VM's disk is a clone of this one. */
  readonly hang: (vmId: string, imageId: string) => void;
  /** How many VMs hang on it, those in the trash too: they may be restored. Their snapshots go with them. */
  readonly hanging: (id: string) => number;
  /** The hosts that an image is to be brought onto, by itself. */
  readonly wanted: () => readonly ImageWanted[];
  readonly want: (row: ImageWanted) => void;
  readonly unwant: (row: Pick<ImageWanted, 'operationId' | 'host'>) => void;
}
