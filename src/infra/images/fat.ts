/**
 * A small FAT12 file system with long names, as bytes: enough for a guest to read a few files from, and always the same bytes for the
 * same files. After Microsoft's "FAT: General Overview of On-Disk Format" 1.03 and "Long Filename Specification".
 *
 * Sector 0 boot sector · FAT · FAT again · root directory · one-sector clusters, each file in one run from cluster 2 on.
 */
import { directoryEntries, ENTRY } from './fat-directory.ts';

const SECTOR = 512;
const FATS = 2;
/** Sizes are multiples of it: a block device of a guest has whole pages. */
const GRAIN_SECTORS = 8;
/** More clusters than this would be read as FAT16. */
const MOST_CLUSTERS = 4084;
const END_OF_FILE = 0xfff;
const MEDIA = 0xf8;

export interface FatFile {
  readonly name: string;
  readonly content: Buffer;
}

/** Where a file's content lies. */
export interface PlacedFile extends FatFile {
  /** 0 for an empty file. */
  readonly cluster: number;
}

/** Throws RangeError for more than FAT12 can hold (about 2 MB), or a label over 11 characters. */
export function fatImage(label: string, files: readonly FatFile[]): Buffer {
  const placed = place(files);
  const root = directoryEntries(label, placed);
  const rootSectors = Math.ceil(root.length / SECTOR);
  const used = files.reduce((sum, { content }) => sum + sectorsOf(content), 0);
  if (used > MOST_CLUSTERS - GRAIN_SECTORS) throw new RangeError('too much for a FAT12 file system');
  const fatSectors = Math.ceil(((used + GRAIN_SECTORS + 2) * 3) / 2 / SECTOR);
  const dataAt = 1 + FATS * fatSectors + rootSectors;
  const total = Math.ceil((dataAt + Math.max(used, 1)) / GRAIN_SECTORS) * GRAIN_SECTORS;

  const image = Buffer.alloc(total * SECTOR);
  bootSector({ label, total, fatSectors, rootEntries: (rootSectors * SECTOR) / ENTRY }).copy(image);
  const fat = allocationTable(placed, fatSectors);
  for (let copy = 0; copy < FATS; copy += 1) fat.copy(image, (1 + copy * fatSectors) * SECTOR);
  root.copy(image, (1 + FATS * fatSectors) * SECTOR);
  for (const { cluster, content } of placed) content.copy(image, (dataAt + cluster - 2) * SECTOR);
  return image;
}

function sectorsOf(content: Buffer): number {
  return Math.ceil(content.length / SECTOR);
}

function place(files: readonly FatFile[]): readonly PlacedFile[] {
  let next = 2;
  return files.map((file) => {
    const cluster = file.content.length === 0 ? 0 : next;
    next += sectorsOf(file.content);
    return { ...file, cluster };
  });
}

function bootSector(of: { label: string; total: number; fatSectors: number; rootEntries: number }): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.set([0xeb, 0x3c, 0x90]);
  sector.write('HOSTLER ', 3, 'latin1');
  sector.writeUInt16LE(SECTOR, 11);
  sector.writeUInt8(1, 13); // sectors a cluster
  sector.writeUInt16LE(1, 14); // reserved: this one
  sector.writeUInt8(FATS, 16);
  sector.writeUInt16LE(of.rootEntries, 17);
  sector.writeUInt16LE(of.total, 19);
  sector.writeUInt8(MEDIA, 21);
  sector.writeUInt16LE(of.fatSectors, 22);
  sector.writeUInt16LE(32, 24); // sectors a track, for BIOSes of old
  sector.writeUInt16LE(2, 26); // heads
  sector.writeUInt8(0x80, 36); // a fixed disk
  sector.writeUInt8(0x29, 38); // the next three fields are there
  sector.writeUInt32LE(0x486f7374, 39); // serial number, always the same
  sector.write(of.label.padEnd(11), 43, 'latin1');
  sector.write('FAT12   ', 54, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** Twelve bits for each cluster: the next one of the file, or its end. */
function allocationTable(files: readonly PlacedFile[], fatSectors: number): Buffer {
  const fat = Buffer.alloc(fatSectors * SECTOR);
  const set = (cluster: number, value: number): void => {
    const at = Math.floor((cluster * 3) / 2);
    const pair = fat.readUInt16LE(at);
    const next = cluster % 2 === 0 ? (pair & 0xf000) | value : (pair & 0x000f) | (value << 4);
    fat.writeUInt16LE(next, at);
  };
  set(0, 0xf00 | MEDIA);
  set(1, END_OF_FILE);
  for (const { cluster, content } of files) {
    const last = cluster + sectorsOf(content) - 1;
    for (let at = cluster; content.length > 0 && at <= last; at += 1) set(at, at === last ? END_OF_FILE : at + 1);
  }
  return fat;
}
