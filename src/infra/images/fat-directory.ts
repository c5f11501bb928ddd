/** The root directory of a FAT file system: its label, and each file under a long name. */
import type { PlacedFile } from './fat.ts';

/** Bytes of a directory entry. */
export const ENTRY = 32;
const LABEL = 0x08;
const ARCHIVE = 0x20;
const LONG_NAME = 0x0f;
/** Characters of a long name that one entry holds, and where. */
const PER_ENTRY = 13;
const PLACES = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;
/** 1980-01-01, FAT's first day: equal files give equal bytes. */
const DATE = (1 << 5) | 1;

/** The entries, with an empty one behind that ends them. */
export function directoryEntries(label: string, files: readonly PlacedFile[]): Buffer {
  if (label.length > 11) throw new RangeError(`a FAT label has 11 characters at most: ${label}`);
  const entries = files.flatMap((file, index) => {
    const short = shortName(file.name, index + 1);
    return [...longNames(file.name, short), entry(short, ARCHIVE, file)];
  });
  return Buffer.concat([entry(Buffer.from(label.padEnd(11), 'latin1'), LABEL), ...entries, Buffer.alloc(ENTRY)]);
}

function entry(name: Buffer, attributes: number, file?: PlacedFile): Buffer {
  const bytes = Buffer.alloc(ENTRY);
  name.copy(bytes);
  bytes.writeUInt8(attributes, 11);
  for (const at of [16, 18, 24]) bytes.writeUInt16LE(DATE, at);
  bytes.writeUInt16LE(file?.cluster ?? 0, 26);
  bytes.writeUInt32LE(file?.content.length ?? 0, 28);
  return bytes;
}

/** `META-D~1`: eight characters that no other of these files has, for readers without long names. */
function shortName(name: string, number: number): Buffer {
  const tail = `~${number}`;
  const plain = name.toUpperCase().replaceAll(/[^A-Z0-9-]/g, '');
  return Buffer.from(`${plain.slice(0, 8 - tail.length)}${tail}`.padEnd(11), 'latin1');
}

/** Entries of the long name, its last part first; each with the checksum of the short name that it belongs to. */
function longNames(name: string, short: Buffer): readonly Buffer[] {
  const sum = short.reduce((all, byte) => (((all & 1) << 7) + (all >> 1) + byte) & 0xff, 0);
  const count = Math.ceil(name.length / PER_ENTRY);
  const parts = Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.alloc(ENTRY);
    bytes.writeUInt8(index + 1 === count ? (index + 1) | 0x40 : index + 1, 0);
    bytes.writeUInt8(LONG_NAME, 11);
    bytes.writeUInt8(sum, 13);
    for (const [place, at] of PLACES.entries()) {
      const position = index * PER_ENTRY + place;
      const code = position < name.length ? name.charCodeAt(position) : position === name.length ? 0 : 0xffff;
      bytes.writeUInt16LE(code, at);
    }
    return bytes;
  });
  return parts.toReversed();
}
