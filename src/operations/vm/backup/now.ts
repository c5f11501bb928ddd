import { z } from 'zod';
import {
  type BackupBase,
  type BackupFile,
  type BackupPaths,
  BackupVm,
  backupPaths,
  fullBackupName,
  nextNumber,
  storedBytes,
} from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { inNames } from '../../../domain/marks.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { snapshotWorstBytes } from '../../../domain/pool.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSize, formatSpan } from '../../../domain/size.ts';
import { CONSISTENCIES, CONSISTENCY_WORDS, consistencyOf } from '../../../domain/snapshot.ts';
import { diskBytes, fullName, type Vm } from '../../../domain/vm.ts';
import type { Manifest, TargetSeen } from '../../backup-verbs.ts';
import type { Driver } from '../../driver.ts';
import { refresh } from '../../observe.ts';
import { roomInPool } from '../../pool-room.ts';
import {
  chooseHold,
  consistencyTaken,
  disksFor,
  type LookedAt,
  lookForSnapshot,
  refuseUnfit,
  specOf,
  TakeFacts,
} from '../../snapshot/common.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import type { Step } from '../../step.ts';
import { dropSnapshot, finishFile, storeDisk, sumFiles } from '../../steps/backups.ts';
import { changesText, dropBase, dropRanges, findChanges, storeChanges } from '../../steps/changes.ts';
import { letGuestGoOn, takeSnapshot } from '../../steps/snapshots.ts';
import { patience } from '../../steps/units.ts';
import { writeFile } from '../../steps/volumes.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, settleLife, VmField, vmLock } from '../common.ts';
import { backupLock, lookAtTarget, targetOf } from './common.ts';
import { type AbleToBuildOn, type BuildsOn, basesOf, buildsOn, keepsBase, lookAtChain } from './increment.ts';

const Input = z.strictObject({
  vm: VmField,
  freeze: z
    .boolean()
    .default(true)
    .meta({ title: 'Freeze', description: 'Freeze the guest’s filesystems for the moment, where its agent can' }),
  full: z
    .boolean()
    .default(false)
    .meta({ title: 'Full', description: 'All of the disks, not only what has changed since the last backup' }),
});
type Input = z.infer<typeof Input>;

const Base = z.object({
  snapshot: z.string(),
  disks: z.array(z.object({ target: z.string(), vg: z.string(), volume: z.string() })),
});

const Facts = TakeFacts.extend({
  consistency: z.enum(CONSISTENCIES),
  madeBy: z.string(),
  origin: z.enum(['person', 'schedule']),
  backupId: z.string(),
  directory: z.string(),
  was: BackupVm,
  held: z.array(z.number()),
  pool: z.string(),
  /** Hostler’s own directory on the host. */
  scratch: z.string(),
  /** The backup that it builds on, and what is read to find what has changed; null: it is a full one. */
  since: z.object({ id: z.string(), name: z.string(), chain: z.array(z.string()), base: Base }).nullable(),
  /** The snapshot stays for the next one. */
  keepsBase: z.boolean(),
  /** What is kept of earlier ones, and goes when this one is there. */
  bases: z.array(z.object({ id: z.string(), base: Base })),
  encryptedTo: z.string().nullable().default(null),
});
type Facts = z.infer<typeof Facts>;

const Changed = z.object({ ranges: z.number(), bytes: z.number() });
const Summed = z.object({
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })),
});

interface Looked extends LookedAt {
  readonly target: TargetSeen;
  readonly xml: string;
  readonly able: AbleToBuildOn | null;
}

export const backupNow = defineChange({
  name: 'vm.backup.now',
  summary: 'Store a VM’s disks and definition on the backup target: all of it, or what has changed since the last',
  details:
    'All disks are caught at one point, as a snapshot does it; then each is copied, compressed, while the VM goes on. The copy outlives host and VM: `/vm backup restore` makes a new VM of it, or puts the disks back. One backup at a time is made on a host. Where the thin pool can tell what has changed since the last backup, only that is read and stored, and the backup builds on the last one; each seventh (`backups.full_every`) is a full one, and so is one with `--full`. For that the snapshot of the newest backup stays in the pool.',
  input: Input,
  positional: ['vm'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm backup now web-01', '/vm backup now web-01 --full'],
  facts: Facts,
  look,
  plan,
  steps: (facts, driver, settings, opId) => {
    const at = { driver, host: facts.host, vm: fullName(facts) };
    const spec = specOf(facts, opId);
    const { directory, since } = facts;
    const paths = pathsOf(facts);
    const forMs = patience(settings, facts.host);
    const rate = settings.backups.rateBytes;
    const files = [...paths.disks.map(({ path }) => path), paths.manifest];
    const sumUnit = `hostler-${opId}-sums`;
    return [
      takeSnapshot(at, spec),
      ...letGuestGoOn(at, spec),
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
  },
  begin: (facts, rows, now) => {
    const { vmId, team, name, host, directory, origin, consistency, madeBy } = facts;
    const namesakes = rows.backups.list(team).filter(({ vmName }) => vmName === name);
    rows.backups.insert({
      id: facts.backupId,
      vmId,
      team,
      vmName: name,
      number: nextNumber(namesakes),
      host,
      directory,
      origin,
      state: 'making',
      consistency,
      encryptedTo: facts.encryptedTo,
      disks: facts.disks.map(({ target, sizeBytes }, index) => ({
        target,
        sizeBytes,
        heldBytes: facts.held[index] ?? sizeBytes,
      })),
      vm: facts.was,
      files: [],
      madeBy,
      takenAt: now,
      verifiedAt: null,
      parent: facts.since?.id ?? null,
      base: null,
    });
  },
  settle: (facts, end, rows, outputs) => {
    settleLife(rows, facts.vmId, end);
    if (end === 'failed') return rows.backups.forget(facts.backupId);
    if (end === 'stuck') return rows.backups.update(facts.backupId, { state: 'faulted' });
    rows.backups.update(facts.backupId, {
      state: 'ready',
      consistency: consistencyTaken(facts, outputs) ?? 'crash',
      files: filesOf(outputs),
    });
    for (const { id } of facts.bases) rows.backups.keepBase(id, null);
    if (facts.keepsBase) rows.backups.keepBase(facts.backupId, baseOf(facts));
  },
  report: (facts, rows, _settings, outputs) => {
    const backup = rows.backups.byId(facts.backupId);
    if (backup === null) return { facts: [], buttons: [] };
    const input = { backup: fullBackupName(backup) };
    return {
      facts: [
        { name: 'Backup', value: fullBackupName(backup) },
        { name: 'Kind', value: CONSISTENCY_WORDS[backup.consistency] },
        ...(facts.since === null
          ? []
          : [
              {
                name: 'Changed',
                value: `${changedText(facts, outputs)} since ${facts.since.name}, which it builds on`,
              },
            ]),
        { name: 'Stored', value: `${formatSize(storedBytes(backup))} in ${facts.directory}` },
      ],
      buttons: [{ label: 'Verify', press: { do: 'run', name: 'vm.backup.verify', input } }],
    };
  },
});

/** How old a host's report may be for the question whether its pool has room. */
const REPORT_AGE_MS = 60_000;

async function look(input: Input, context: ReadContext): Promise<Looked> {
  const directory = targetOf(context.settings);
  const vm = liveVm(context.rows, input.vm, context.team);
  await refresh(context, [vm.host], REPORT_AGE_MS);
  const looked = await lookForSnapshot(input.vm, context);
  const target = await lookAtTarget(vm.host, directory, context);
  const able = input.full ? null : await lookAtChain(vm, context);
  const xml = await context.fleet.run(vm.host, context.driver.domains.xml(vm.uuid, { inactive: true }));
  if (xml.outcome !== 'done') throw xml.error;
  return { ...looked, target, able, xml: xml.value ?? '' };
}

function plan(input: Input, context: PlanContext, looked: Looked): Draft<Facts> {
  const { rows, settings, actor } = context;
  const vm = liveVm(rows, input.vm, context.team);
  refuseUnfit(vm, looked, 'backups');
  const volumes = looked.volumes.filter(({ name }) => vm.disks.some(({ volume }) => volume === name));
  const worst = snapshotWorstBytes(volumes);
  roomInPool(context, vm.host, worst, `No room for the snapshot that a backup of ${fullName(vm)} is read from`);
  const directory = targetOf(settings);
  const room = looked.target.freeBytes ?? 0;
  if (room === 0) {
    throw new BotError('no_capacity', `No room for a backup of ${fullName(vm)}: ${directory} on ${vm.host} is full`, {
      hint: 'Delete backups that nobody needs, or have an admin make the target larger.',
    });
  }
  const snapshotId = context.mint('snapshot', 'snap-id');
  const backupId = context.mint('backup', 'bak-id');
  const hold = chooseHold(vm, looked, input.freeze, context.keep);
  const consistency = consistencyOf(looked.domain, hold);
  const { uuid, vcpus, memoryBytes, flavor, image, login, network, mac, autostart } = vm;
  const held = heldBy(vm, looked, context.keep);
  const holds = held.reduce((sum, bytes) => sum + bytes, 0);
  inTime(vm, held, settings);
  const host = settings.hosts.find(({ name }) => name === vm.host);
  const built = buildsOn(vm, { full: input.full, directory, able: looked.able, looked }, { rows, settings });
  const keeps = context.keep('keeps-base', keepsBase(host, settings, rows) ? 'yes' : 'no') === 'yes';
  return {
    facts: {
      ...factsOf(vm),
      snapshotId,
      snapshot: backupId,
      hold,
      disks: disksFor(vm, snapshotId),
      parent: rows.snapshots.head(vm.id),
      consistency,
      madeBy: actor.person,
      origin: actor.via === 'schedule' ? 'schedule' : 'person',
      backupId,
      directory,
      was: {
        ...{ uuid, vcpus, memoryBytes, flavor, image, login, network, mac, autostart },
        seeded: vm.seed !== null,
        xml: looked.xml,
      },
      held,
      pool: host?.pool ?? '',
      scratch: host?.directory ?? '',
      since:
        built.on === null
          ? null
          : {
              id: built.on.id,
              name: fullBackupName(built.on),
              chain: built.chain.map(({ id }) => id),
              base: plainBase(built.on.base),
            },
      keepsBase: keeps,
      bases: basesOf(rows, vm.id).map(({ id, base }) => ({ id, base: plainBase(base) })),
      encryptedTo: settings.backups.encryptTo,
    },
    title: `Back up ${fullName(vm)}`,
    verb: 'Back up',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm), backupLock(vm.host), ...(built.on === null ? [] : [`backup:${fullBackupName(built.on)}`])],
    adds: NOTHING,
    notes: [
      `It will be ${CONSISTENCY_WORDS[consistency]}.`,
      ...buildNotes(built),
      `Its disks hold ${formatSize(holds)} of ${formatSize(diskBytes(vm))}, before they are compressed; ${directory} has ${formatSize(room)} left${room < holds ? ', which may not do' : ''}.`,
      ...pace(holds, settings.backups),
      ...(settings.backups.encryptTo === null ? [] : [`Its disks are encrypted to ${settings.backups.encryptTo}.`]),
      'Nothing else can change the VM meanwhile; a cancel takes back what was stored.',
    ],
  };
}

/** Throws where the rate makes a disk take longer than the host's limit of long work allows. */
function inTime(vm: Vm, held: readonly number[], settings: Settings): void {
  const { rateBytes } = settings.backups;
  const most = patience(settings, vm.host);
  if (rateBytes === null || held.every((bytes) => readMs(bytes, rateBytes) <= most)) return;
  const rate = `${formatSize(rateBytes)} a second`;
  throw new BotError('wrong_state', `At ${rate}, a backup of ${fullName(vm)} takes longer than ${formatSpan(most)}`, {
    hint: `Have an admin raise \`backups.rate\`, or \`limits.long\` of ${vm.host}, in the configuration.`,
  });
}

function pace(holds: number, { rateBytes }: Settings['backups']): string[] {
  if (rateBytes === null) return [];
  const about = formatSpan(Math.max(60_000, Math.ceil(readMs(holds, rateBytes) / 60_000) * 60_000));
  return [
    `They are read at ${formatSize(rateBytes)} a second at most, so that guests come first: that takes about ${about}.`,
  ];
}

function readMs(bytes: number, perSecond: number): number {
  return (bytes / perSecond) * 1000;
}

/** What the VM's thin disks hold, in their order. They go on writing, and that makes it no other plan. */
function heldBy(vm: Vm, { volumes }: LookedAt, keep: PlanContext['keep']): number[] {
  return vm.disks.map(({ target, volume, sizeBytes }) => {
    const percent = volumes.find(({ name }) => name === volume)?.dataPercent ?? 100;
    return Number(keep(`held-${target}`, String(Math.round((sizeBytes * percent) / 100))));
  });
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

/** Each file with its checksum, as the host worked it out. */
function filesOf(outputs: ReadonlyMap<string, unknown>): BackupFile[] {
  return Summed.parse(outputs.get('sum-files')).files;
}

function pathsOf(facts: Facts): BackupPaths {
  return backupPaths({ ...facts, id: facts.backupId, parent: facts.since?.id ?? null });
}

/** The snapshot that was read, where it stays. */
function baseOf({ snapshotId, disks }: Facts): BackupBase {
  return { snapshot: snapshotId, disks: disks.map(({ target, vg, volume }) => ({ target, vg, volume })) };
}

function plainBase({ snapshot, disks }: BackupBase): z.infer<typeof Base> {
  return { snapshot, disks: disks.map((disk) => ({ ...disk })) };
}

function buildNotes(built: BuildsOn): string[] {
  if (built.on !== null)
    return [
      `It holds what has changed since ${fullBackupName(built.on)}, and can only be restored together with that.`,
    ];
  return built.why === null ? [] : [`It is a full one: ${built.why}.`];
}

function changedText({ disks }: Facts, outputs: ReadonlyMap<string, unknown>): string {
  const found = disks.flatMap(({ target }) => Changed.safeParse(outputs.get(`find-changes:${target}`)).data ?? []);
  const sum = (of: (each: z.infer<typeof Changed>) => number) => found.reduce((all, each) => all + of(each), 0);
  return changesText({ ranges: sum(({ ranges }) => ranges), bytes: sum(({ bytes }) => bytes) });
}
