import { type Backup, backupPaths } from '../../../domain/backup.ts';
import type { Settings } from '../../../domain/settings.ts';
import type { Driver } from '../../driver.ts';
import type { Step } from '../../step.ts';
import { unpackDisk } from '../../steps/backups.ts';
import { patience, releaseUnit } from '../../steps/units.ts';
import { createVolume } from '../../steps/volumes.ts';

/** A disk of a backup, and the volume that is made for it. */
export interface Unpacking {
  readonly target: string;
  readonly path: string;
  readonly vg: string;
  readonly name: string;
  readonly sizeBytes: number;
}

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

/** Makes a thin volume and unpacks a disk into it. */
export function unpackInto(disk: Unpacking, into: Into): Step[] {
  const { driver, host, settings, pool, directory, opId, vmId } = into;
  const { target, path, vg, name, sizeBytes } = disk;
  const at = { driver, host };
  const unit = `hostler-${opId}-${target}`;
  return [
    createVolume(at, { vg, name, pool, sizeBytes, marks: { op: opId, vm: vmId } }),
    unpackDisk(at, {
      target,
      volume: { vg, name },
      path,
      unit,
      directory,
      forMs: patience(settings, host),
      rate: settings.backups.rateBytes,
    }),
    { ...releaseUnit(at, unit), name: `release-unit:${target}`, title: `Clean up behind the unpacking of ${target}` },
  ];
}

/** The file that holds this disk. */
export function fileOf(backup: Backup, target: string): string {
  const { disks } = backupPaths(backup);
  return disks.find((each) => each.target === target)?.path ?? '';
}
