/**
 * What a disk goes through on its way into a backup, and on its way back: read → compress → file, and file → unpack → volume.
 * All that is done to its bytes is put together here, and only here.
 */
import type { Command, Detached, Stage } from '../../domain/command.ts';
import { poolDevice } from '../lvm/mapper.ts';
import { devicePath } from '../lvm/volumes.ts';
import { FIND_CHANGES, READ_RANGES, TO_RANGES, WRITE_RANGES } from './scripts.ts';

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

/** What differs between two thin volumes of a pool, as the head of an increment, onto stdout. */
export function changes(pool: VolumeAt, base: VolumeAt, volume: VolumeAt): Pipeline {
  const names = [pool, poolDevice(pool), base, volume].map((it) =>
    typeof it === 'string' ? it : `${it.vg}/${it.name}`,
  );
  return [{ argv: ['bash', '-c', FIND_CHANGES, 'hostler', ...names], sudo: true }, { argv: ['awk', TO_RANGES] }];
}

/** What a volume holds in ranges whose list comes on stdin, as an increment's file has it, onto stdout. */
export function changedRanges(volume: VolumeAt): Pipeline {
  return [
    { argv: ['bash', '-c', READ_RANGES, 'hostler', devicePath(volume)], sudo: true },
    { argv: ['zstd', '-q', '-T0', '-c'] },
  ];
}

/** An increment's file, which comes on stdin, onto a volume; the checksum of what is there then onto stdout. */
export function appliedTo(volume: VolumeAt): Pipeline {
  return [
    { argv: ['zstd', '-q', '-d', '-c'] },
    { argv: ['bash', '-c', WRITE_RANGES, 'hostler', devicePath(volume)], sudo: true },
    { argv: ['sha256sum'] },
  ];
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
function piped([first, ...behind]: Pipeline): Pick<Command, 'argv' | 'sudo' | 'pipe'> {
  return behind.length === 0 ? first : { ...first, pipe: behind };
}

/** Work on a backup, as a unit of the host's own. */
export function work(pipeline: Pipeline, detached: Detached): Command {
  return { ...piped(pipeline), limit: 'long', detached };
}
