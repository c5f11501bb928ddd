/** Where an image's content comes from, and how one version is told from another. */

export const ALGORITHMS = ['sha256', 'sha512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A checksum, and of which kind. */
export interface Digest {
  readonly algorithm: Algorithm;
  /** In small letters. */
  readonly hex: string;
}

const HEX_DIGITS: Readonly<Record<Algorithm, number>> = { sha256: 64, sha512: 128 };

export const IMAGE_FORMATS = ['qcow2', 'raw'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** Who must have signed a vendor's list of checksums. */
export interface SumsSignature {
  /** Of the detached signature; null where the list is signed itself (`-----BEGIN PGP SIGNED MESSAGE-----`). */
  readonly url: string | null;
  /** Public keys, in base64: any of them will do. */
  readonly keyring: string;
  /** Where they were read from, for messages. */
  readonly keyFile: string;
}

/** A place in the net that hosts get an image from. */
export interface ImageSource {
  readonly url: string;
  /** The checksum itself, or the address of the vendor's file of them. */
  readonly check: Digest | { readonly sums: string; readonly signature: SumsSignature | null };
  readonly format: ImageFormat;
  /** How large the image's disk is. Null: as large as the version before. */
  readonly sizeBytes: number | null;
}

/**
 * What has become of a version on a host. `ready`: new VMs are made of it. `old`: another one took its place. `retired`: somebody said so.
 * The last two stay while VMs hang on them.
 */
export const IMAGE_STATES = ['adding', 'ready', 'old', 'retired', 'faulted'] as const;
export type ImageState = (typeof IMAGE_STATES)[number];

/** The file's name at the end of an address. */
export function fileNameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
}

/**
 * The checksum of a file in a vendor's list: `HEX  NAME` and `HEX *NAME` as sha256sum writes it, or `SHA256 (NAME) = HEX` as BSD does.
 * The strongest where there are more; null where there is none.
 */
export function digestIn(sums: string, file: string): Digest | null {
  const found = sums.split(/\r?\n/).flatMap((line): Digest[] => {
    const gnu = /^\\?([0-9a-f]+) [ *](?:\.\/)?(.+)$/i.exec(line);
    const bsd = /^SHA\d+ \((?:\.\/)?(.+)\) = ([0-9a-f]+)$/i.exec(line);
    const [name, hex] = gnu === null ? [bsd?.[1], bsd?.[2]] : [gnu[2], gnu[1]];
    if (name !== file || hex === undefined) return [];
    const algorithm = ALGORITHMS.find((each) => HEX_DIGITS[each] === hex.length);
    return algorithm === undefined ? [] : [{ algorithm, hex: hex.toLowerCase() }];
  });
  return found.toSorted((a, b) => b.hex.length - a.hex.length)[0] ?? null;
}

/** `sha256:…`, as it is kept and compared. */
export function digestText({ algorithm, hex }: Digest): string {
  return `${algorithm}:${hex}`;
}
