/** What `/vm backup now` asks the host beforehand, and its plan. */
import { fullBackupName } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { snapshotWorstBytes } from '../../../domain/pool.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSize, formatSpan } from '../../../domain/size.ts';
import { CONSISTENCY_WORDS, consistencyOf } from '../../../domain/snapshot.ts';
import { diskBytes, fullName, type Vm } from '../../../domain/vm.ts';
import type { TargetSeen } from '../../backup-verbs.ts';
import { refresh } from '../../observe.ts';
import { roomInPool } from '../../pool-room.ts';
import { chooseHold, disksFor, type LookedAt, lookForSnapshot, refuseUnfit } from '../../snapshot/common.ts';
import type { Draft, PlanContext, ReadContext } from '../../spec.ts';
import { patience } from '../../steps/units.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, vmLock } from '../common.ts';
import { teamNamed } from '../flavor-of.ts';
import { backupLock, lookAtTarget, targetOf } from './common.ts';
import { type AbleToBuildOn, type BuildsOn, basesOf, buildsOn, keepsBase, lookAtChain } from './increment.ts';
import { type Facts, type Input, plainBase } from './now-facts.ts';

interface Looked extends LookedAt {
  readonly target: TargetSeen;
  readonly xml: string;
  readonly able: AbleToBuildOn | null;
}

/** How old a host's report may be for the question whether its pool has room. */
const REPORT_AGE_MS = 60_000;

export async function look(input: Input, context: ReadContext): Promise<Looked> {
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

export function plan(input: Input, context: PlanContext, looked: Looked): Draft<Facts> {
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
      // An agent that comes or goes between plan and button makes no other plan of it.
      marker:
        context.keep('marker', (looked.agent === 'thawed' ? teamNamed(settings, vm.team).dr.marker : null) ?? '') ||
        null,
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
      'Nothing else can change the VM until all is stored: to take the snapshot back, at a fault or a cancel, lets the guest go on, whoever held it.',
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

function buildNotes(built: BuildsOn): string[] {
  if (built.on !== null)
    return [
      `It holds what has changed since ${fullBackupName(built.on)}, and can only be restored together with that.`,
    ];
  return built.why === null ? [] : [`It is a full one: ${built.why}.`];
}
