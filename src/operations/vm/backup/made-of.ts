import { z } from 'zod';
import { type Backup, fullBackupName } from '../../../domain/backup.ts';
import { diskVolume } from '../../../domain/disk.ts';
import { BotError } from '../../../domain/error.ts';
import type { HostSettings, Settings } from '../../../domain/settings.ts';
import { fullName } from '../../../domain/vm.ts';
import type { CloneSpec, Driver } from '../../driver.ts';
import type { PlanContext } from '../../spec.ts';
import type { Step } from '../../step.ts';
import { writeFile } from '../../steps/volumes.ts';
import type { Rows } from '../../store.ts';
import { beginBirth } from '../birth.ts';
import { VmFacts } from '../common.ts';
import { freeDomainName, keysOf, SEED_TARGET } from '../create-plan.ts';
import { chainToRestore } from './common.ts';
import { filesOf, UnpackedFiles, type Unpacking, unpackInto } from './unpack.ts';

/** A VM that is made of a backup: all that its steps and its row need. */
export const MadeOf = VmFacts.extend({
  backup: z.string(),
  directory: z.string(),
  domainName: z.string(),
  mac: z.string(),
  vcpus: z.number(),
  memoryBytes: z.number(),
  flavor: z.string(),
  image: z.string().nullable(),
  login: z.string().nullable(),
  network: z.string(),
  pool: z.string(),
  disks: z.array(
    z.object({ target: z.string(), ...UnpackedFiles, vg: z.string(), name: z.string(), sizeBytes: z.number() }),
  ),
  seed: z.object({ path: z.string(), base64: z.string(), bytes: z.number() }).nullable(),
  xml: z.string(),
  createdBy: z.string(),
  autostart: z.boolean(),
});
export type MadeOf = z.infer<typeof MadeOf>;

interface Place {
  readonly host: HostSettings;
  readonly names: { readonly team: string; readonly name: string };
  /** The network that it is alone on; where left out it is on those that it was on. */
  readonly alone?: CloneSpec['alone'];
}

/** Ids minted, the definition made its own. Another instance: the guest takes its new name, address and keys from its seed. */
export function madeOf(backup: Backup, { host, names, alone }: Place, context: PlanContext): MadeOf {
  const { settings, rows, actor, driver } = context;
  const chain = chainToRestore(backup, rows);
  const domainName = freeDomainName(rows, names);
  const vmId = context.mint('vm', 'vm-id');
  const uuid = context.mint('uuid', 'uuid');
  const mac = context.mint('mac', 'mac');
  const disks = backup.disks.map(({ target, sizeBytes }, index) => ({
    target,
    ...filesOf(chain, target),
    vg: host.vg,
    name: diskVolume(vmId, index),
    sizeBytes,
  }));
  const keys = keysOf(settings, rows, actor.person);
  const seed = backup.vm.seeded ? driver.seed({ hostname: names.name, instanceId: vmId, sshKeys: keys }) : null;
  const seedPath = `${host.directory}/seed/${vmId}.img`;
  const xml = driver.domains.cloneXml(backup.vm.xml, {
    op: context.opId,
    vm: vmId,
    uuid,
    domainName,
    ...names,
    mac,
    disks: disks.map(({ target, vg, name: volume }) => ({
      target,
      path: driver.volumes.devicePath({ vg, name: volume }),
    })),
    seed: seed === null ? null : { target: SEED_TARGET, path: seedPath },
    ...(alone === undefined ? {} : { alone }),
  });
  const { vcpus, memoryBytes, flavor, image, login, network, autostart } = backup.vm;
  return {
    backup: fullBackupName(backup),
    directory: backup.directory,
    vmId,
    uuid,
    host: host.name,
    ...names,
    domainName,
    mac,
    ...{ vcpus, memoryBytes, flavor, image, login, network, autostart },
    pool: host.pool,
    disks,
    seed: seed === null ? null : { path: seedPath, ...seed },
    xml,
    createdBy: actor.person,
  };
}

/** Its disks and its seed: all but the domain. `between`: what is done with a disk before what has changed since is applied to it. */
export function unpackAll(
  facts: MadeOf,
  driver: Driver,
  settings: Settings,
  opId: string,
  between: (disk: Unpacking) => readonly Step[] = () => [],
): Step[] {
  const { host, pool, directory, vmId, seed } = facts;
  return [
    ...facts.disks.flatMap((disk) =>
      unpackInto(disk, { driver, host, settings, pool, directory, opId, vmId }, between(disk)),
    ),
    ...(seed === null
      ? []
      : [writeFile({ driver, host }, { ...seed, label: `the seed of ${fullName(facts)} (name, ssh keys)` })]),
  ];
}

/** Its row, when it is queued. */
export function beginMade(facts: MadeOf, rows: Rows, now: number): void {
  if (rows.vms.byName(facts.team, facts.name) !== null)
    throw new BotError('already_exists', `${fullName(facts)} exists already`);
  const { vmId, uuid, team, name, domainName, host, vcpus, memoryBytes, flavor, image, login, network, mac } = facts;
  const machine = { uuid, team, name, domainName, host, vcpus, memoryBytes, flavor, image, login, network, mac };
  const disks = facts.disks.map(
    (disk) =>
      ({ target: disk.target, vg: disk.vg, volume: disk.name, sizeBytes: disk.sizeBytes, kind: 'thin' }) as const,
  );
  const { autostart, createdBy, seed } = facts;
  beginBirth(rows, { id: vmId, ...machine, disks, seed: seed?.path ?? null, autostart, createdBy }, now);
}
