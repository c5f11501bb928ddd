/** The steps of `/vm backup now`. */
import { inNames } from '../../../domain/marks.ts';
import type { Settings } from '../../../domain/settings.ts';
import { fullName } from '../../../domain/vm.ts';
import type { Manifest } from '../../backup-verbs.ts';
import type { Driver } from '../../driver.ts';
import { specOf } from '../../snapshot/common.ts';
import type { Step } from '../../step.ts';
import { dropSnapshot, finishFile, storeDisk, sumFiles } from '../../steps/backups.ts';
import { dropBase, dropRanges, findChanges, storeChanges } from '../../steps/changes.ts';
import { readMarker } from '../../steps/markers.ts';
import { letGuestGoOn, takeSnapshot } from '../../steps/snapshots.ts';
import { patience } from '../../steps/units.ts';
import { writeFile } from '../../steps/volumes.ts';
import { type Facts, pathsOf } from './now-facts.ts';

/** A snapshot, each disk of it stored, and the words about them; then what was kept of the last backup is removed. */
export function steps(facts: Facts, driver: Driver, settings: Settings, opId: string): Step[] {
  const at = { driver, host: facts.host, vm: fullName(facts) };
  const spec = specOf(facts, opId);
  const { directory, since } = facts;
  const paths = pathsOf(facts);
  const forMs = patience(settings, facts.host);
  const rate = settings.backups.rateBytes;
  const files = [...paths.disks.map(({ path }) => path), paths.manifest];
  const sumUnit = `hostler-${opId}-sums`;
  // Read twice: what is the same before and after was the same at the moment between.
  const marked = (name: string) =>
    facts.marker === null ? [] : [readMarker({ ...at, uuid: facts.uuid }, facts.marker, name)];
  return [
    ...marked('read-marker-before'),
    takeSnapshot(at, spec),
    ...letGuestGoOn(at, spec),
    ...marked('read-marker-after'),
    ...facts.disks.flatMap(({ target, vg, volume }, index): Step[] => {
      const path = paths.disks[index]?.path ?? '';
      const unit = `hostler-${opId}-${target}`;
      const copy = {
        ...{ target, volume: { vg, name: volume }, path, unit, directory, forMs, rate },
        encryptTo: facts.encryptedTo,
      };
      const finish = finishFile(at, path, unit, `Name the copy of ${target}`);
      const base = since?.base.disks[index];
      if (base === undefined) return [storeDisk(at, copy), finish];
      const ranges = `${facts.scratch}/${inNames(facts.backupId)}-${target}.ranges`;
      const changes = {
        ...copy,
        pool: { vg, name: facts.pool },
        base: { vg: base.vg, name: base.volume },
        ranges,
        unit: `${unit}-changes`,
      };
      return [findChanges(at, changes), storeChanges(at, { ...copy, ranges }), finish, dropRanges(at, changes)];
    }),
    ...(facts.keepsBase ? [] : [dropSnapshot(at, spec)]),
    manifestStep(facts, paths.manifest, driver),
    sumFiles(at, { paths: files, into: paths.sums, unit: sumUnit, directory, forMs }),
    finishFile(at, paths.sums, sumUnit, 'Name the file of checksums: the backup is whole'),
    ...facts.bases.map(({ base }) => dropBase(at, base)),
  ];
}

function manifestStep(facts: Facts, path: string, driver: Driver): Step {
  const { xml, network, mac, vcpus, memoryBytes, image } = facts.was;
  const stored = pathsOf({ ...facts, directory: '' }).disks;
  const manifest: Manifest = {
    id: facts.backupId,
    vm: facts.name,
    team: facts.team,
    host: facts.host,
    ...{ network, mac, vcpus, memoryBytes, image },
    consistency: facts.consistency,
    madeBy: facts.madeBy,
    buildsOn: facts.since?.chain ?? [],
    disks: facts.disks.map(({ target, sizeBytes }, index) => ({
      target,
      sizeBytes,
      file: stored[index]?.path.slice(1) ?? '',
    })),
    domainXml: xml,
  };
  const at = { driver, host: facts.host };
  return writeFile(at, {
    path,
    ...driver.backups.manifest(manifest),
    label: 'what the VM was: definition, team, network',
  });
}
