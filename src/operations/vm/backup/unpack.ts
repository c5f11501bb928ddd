import { z } from 'zod';
import { type Backup, backupPaths } from '../../../domain/backup.ts';
import { inNames } from '../../../domain/marks.ts';
import type { Settings } from '../../../domain/settings.ts';
import type { Driver } from '../../driver.ts';
import type { Step } from '../../step.ts';
import { unpackDisk } from '../../steps/backups.ts';
import { applyIncrement } from '../../steps/compare.ts';
import { patience, releaseUnit } from '../../steps/units.ts';
import { createVolume } from '../../steps/volumes.ts';

/** A disk of a backup, and the volume that is made for it. */
export interface Unpacking {
  readonly target: string;
  /** The file that holds all of it. */
  readonly path: string;
  /** Those that hold what has changed since, in their order. */
  readonly increments: readonly string[];
  readonly vg: string;
  readonly name: string;
  readonly sizeBytes: number;
}

/** The same as part of an operation's facts. */
export const UnpackedFiles = { path: z.string(), increments: z.array(z.string()).default([]) };

interface Into {
  readonly driver: Driver;
  readonly host: string;
  readonly settings: Settings;
  readonly pool: string;
  readonly directory: string;
  readonly opId: string;
  /** The VM that the volume is for. */
  readonly vmId: string;
}

/** Makes a thin volume and unpacks a disk into it; then what has changed since. `between`: what is done before that. */
export function unpackInto(disk: Unpacking, into: Into, between: readonly Step[] = []): Step[] {
  const { driver, host, settings, pool, directory, opId, vmId } = into;
  const { target, path, increments, vg, name, sizeBytes } = disk;
  const at = { driver, host };
  const unit = `hostler-${opId}-${target}`;
  const forMs = patience(settings, host);
  const rate = settings.backups.rateBytes;
  const volume = { vg, name };
  const scratch = `${settings.hosts.find((each) => each.name === host)?.directory ?? ''}/${inNames(opId)}-${target}`;
  return [
    createVolume(at, { ...volume, pool, sizeBytes, marks: { op: opId, vm: vmId } }),
    unpackDisk(at, { target, volume, path, unit, directory, forMs, rate }),
    { ...releaseUnit(at, unit), name: `release-unit:${target}`, title: `Clean up behind the unpacking of ${target}` },
    ...between,
    ...increments.flatMap((file, index) => {
      const each = (what: string) => ({
        file: `${what}-${index + 1}-file`,
        volume: `${what}-${index + 1}-volume`,
      });
      const units = each(unit);
      const sums = each(scratch);
      const into = { file: `${sums.file}.sum`, volume: `${sums.volume}.sum` };
      return applyIncrement(at, { target, path: file, volume, into, units, forMs, rate }, index + 1);
    }),
  ];
}

/** The files that hold this disk of a backup, by the chain that it is restored of: the full one first. */
export function filesOf(
  chain: readonly Backup[],
  target: string,
): { readonly path: string; readonly increments: string[] } {
  const [path = '', ...increments] = chain.map(
    (backup) => backupPaths(backup).disks.find((each) => each.target === target)?.path ?? '',
  );
  return { path, increments };
}
