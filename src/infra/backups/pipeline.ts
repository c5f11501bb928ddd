/**
 * What a disk goes through on its way into a backup, and on its way back: read → compress → file, and file → unpack → volume.
 * All that is done to its bytes is put together here, and only here.
 */
import type { Command, Stage } from '../../domain/command.ts';
import { devicePath } from '../lvm/volumes.ts';

/** Programs in a row, each reading what the one before it wrote. */
export type Pipeline = readonly [Stage, ...Stage[]];

interface VolumeAt {
  readonly vg: string;
  readonly name: string;
}

/** A volume's content as a backup's file has it, onto stdout. -f: else zstd takes no block device, and no symbolic link, as which LVM names them. */
export function packed(volume: VolumeAt): Pipeline {
  return [{ argv: ['zstd', '-q', '-T0', '-c', '-f', '--', devicePath(volume)], sudo: true }];
}

/** A backup's file, which comes on stdin, into a volume. --sparse: what reads as zeros is left out, so that a thin volume doesn't hold it. */
export function unpackedInto(volume: VolumeAt): Pipeline {
  return [{ argv: ['zstd', '-q', '-d', '-f', '--sparse', '-o', devicePath(volume)], sudo: true }];
}

/** The checksum of what a backup's file holds, onto stdout. */
export function contentSummed(path: string): Pipeline {
  return [{ argv: ['zstd', '-q', '-d', '-c', '--', path] }, { argv: ['sha256sum'] }];
}

/** Unpacks files into nothing. */
export function tested(paths: readonly string[]): Pipeline {
  return [{ argv: ['zstd', '-q', '-t', '--', ...paths] }];
}

/** As a command has it. */
export function piped([first, ...behind]: Pipeline): Pick<Command, 'argv' | 'sudo' | 'pipe'> {
  return behind.length === 0 ? first : { ...first, pipe: behind };
}
