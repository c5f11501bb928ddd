import { z } from 'zod';
import { ago } from '../../../domain/ago.ts';
import { fullBackupName, heldBytes } from '../../../domain/backup.ts';
import { diskVolume } from '../../../domain/disk.ts';
import { BotError } from '../../../domain/error.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import { CONSISTENCY_WORDS } from '../../../domain/snapshot.ts';
import { diskBytes, fullName } from '../../../domain/vm.ts';
import { madeBackup } from '../../backup-ref.ts';
import { chooseHost } from '../../candidates.ts';
import type { Driver } from '../../driver.ts';
import { withinQuota } from '../../planning.ts';
import { roomInPool } from '../../pool-room.ts';
import type { Draft, End, PlanContext, Report } from '../../spec.ts';
import type { Step } from '../../step.ts';
import { awaitAddress, beRunning, defineDomain, setAutostart } from '../../steps/domains.ts';
import { writeFile } from '../../steps/volumes.ts';
import type { Rows } from '../../store.ts';
import { beginBirth, settleBirth } from '../birth.ts';
import { addressFrom, loginFacts, sawState, VmFacts, vmLock, vmReport } from '../common.ts';
import { wantsOf } from '../create-look.ts';
import { freeDomainName, keysOf, SEED_TARGET } from '../create-plan.ts';
import { teamNamed } from '../flavor-of.ts';
import type { Looked, RestoreInput } from './restore.ts';
import { fileOf, unpackInto } from './unpack.ts';

export const NewFacts = VmFacts.extend({
  how: z.literal('new'),
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
    z.object({ target: z.string(), path: z.string(), vg: z.string(), name: z.string(), sizeBytes: z.number() }),
  ),
  seed: z.object({ path: z.string(), base64: z.string(), bytes: z.number() }).nullable(),
  xml: z.string(),
  createdBy: z.string(),
  autostart: z.boolean(),
  start: z.boolean(),
  addressMs: z.number(),
});
export type NewFacts = z.infer<typeof NewFacts>;

export const newVm = { steps, begin, settle, report };

/** The plan of a VM that is made of a backup: room on a host that has the files, ids minted, the definition made its own. */
export function planNew(input: RestoreInput, context: PlanContext, { hosts }: Looked): Draft<NewFacts> {
  const { settings, rows, actor, driver } = context;
  const backup = madeBackup(rows, input.backup, context.team);
  const name = fullBackupName(backup);
  const team = teamNamed(settings, backup.team);
  const names = { team: team.name, name: input.as ?? '' };
  const domainName = freeDomainName(rows, names);
  const { vcpus, memoryBytes, flavor, image, login, network, autostart } = backup.vm;
  const sizeBytes = diskBytes(backup);
  const wants = wantsOf({ vcpus, memoryBytes }, sizeBytes);
  withinQuota(team, wants, context.opId, rows);
  const placed = chooseHost(rows, settings, {
    wants,
    only: context.pinned ?? input.host ?? null,
    opId: context.opId,
    lacks: (host) =>
      hosts.includes(host.name)
        ? []
        : [{ why: `does not have the files of ${name}`, cure: `Mount ${backup.directory} there.` }],
  });
  const { host } = placed;
  const held = heldBytes(backup);
  roomInPool(context, host.name, held, `No room for ${fullName(names)}`);
  const vmId = context.mint('vm', 'vm-id');
  const uuid = context.mint('uuid', 'uuid');
  const mac = context.mint('mac', 'mac');
  const disks = backup.disks.map(({ target, sizeBytes: bytes }, index) => ({
    target,
    path: fileOf(backup, target),
    vg: host.vg,
    name: diskVolume(vmId, index),
    sizeBytes: bytes,
  }));
  // Another instance: the guest takes its new name, address and keys from it.
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
  });
  return {
    facts: {
      how: 'new',
      backup: name,
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
      start: input.start,
      addressMs: settings.addressMs,
    },
    title: `Make ${fullName(names)} of backup ${name}`,
    verb: 'Restore',
    team: team.name,
    subject: `vm:${fullName(names)}`,
    host: host.name,
    vmId,
    risk: 'safe',
    locks: [vmLock({ id: vmId, ...names }), `backup:${name}`],
    adds: wants,
    notes: [
      `Its disks are those of ${new Date(backup.takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC (${ago(backup.takenAt, context.now)}). The backup is ${CONSISTENCY_WORDS[backup.consistency]}.`,
      `${vcpus} vCPU, ${formatSize(memoryBytes)} of memory, ${formatSize(sizeBytes)} of disk, of which about ${formatSize(held)} are unpacked`,
      ...placed.why,
      'It is another VM: its address is another, its drives are empty, and its firmware forgets what it was told. Inside, it is a copy with all secrets of the first.',
    ],
  };
}

function steps(facts: NewFacts, driver: Driver, settings: Settings, opId: string): Step[] {
  const { host, uuid, pool, directory, vmId, seed } = facts;
  const at = { driver, host, uuid, vm: fullName(facts) };
  return [
    ...facts.disks.flatMap((disk) => unpackInto(disk, { driver, host, settings, pool, directory, opId, vmId })),
    ...(seed === null ? [] : [writeFile(at, { ...seed, label: `the seed of ${fullName(facts)} (name, ssh keys)` })]),
    defineDomain(at, facts.xml),
    ...(facts.autostart ? [setAutostart(at, true, false)] : []),
    ...(facts.start ? [beRunning(at, 'off')] : []),
    ...(facts.start && seed !== null ? [awaitAddress(at, facts.mac, facts.addressMs)] : []),
  ];
}

function begin(facts: NewFacts, rows: Rows, now: number): void {
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

function settle(facts: NewFacts, end: End, rows: Rows, outputs: ReadonlyMap<string, unknown>, now: number): void {
  if (!settleBirth(rows, facts.vmId, end, addressFrom(outputs))) return;
  if (facts.start) sawState(rows, facts.vmId, 'running', 'booted', now);
  else sawState(rows, facts.vmId, 'shut off', '', now);
}

function report(facts: NewFacts, rows: Rows): Report {
  const vm = rows.vms.byId(facts.vmId);
  return vmReport(
    facts.vmId,
    rows,
    vm === null
      ? []
      : [
          { name: 'VM', value: fullName(vm) },
          { name: 'Host', value: vm.host },
          { name: 'Made of', value: facts.backup },
          ...(facts.start ? loginFacts(vm) : []),
        ],
  );
}
