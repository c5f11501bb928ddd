import { z } from 'zod';
import { ago } from '../../domain/ago.ts';
import { type Backup, fullBackupName, heldBytes } from '../../domain/backup.ts';
import { drillSubnet } from '../../domain/drill.ts';
import { BotError } from '../../domain/error.ts';
import type { FilesystemSeen } from '../../domain/guest-filesystem.ts';
import { inNames } from '../../domain/marks.ts';
import { NOTHING } from '../../domain/plan.ts';
import { formatSize, formatSpan } from '../../domain/size.ts';
import { diskBytes, fullName, type Vm } from '../../domain/vm.ts';
import { chooseHost } from '../candidates.ts';
import { roomInPool } from '../pool-room.ts';
import type { Draft, PlanContext } from '../spec.ts';
import type { Rows } from '../store.ts';
import { madeOf } from '../vm/backup/made-of.ts';
import { readingOf } from '../vm/backup/reading.ts';
import { vmLock } from '../vm/common.ts';
import { wantsOf } from '../vm/create-look.ts';
import { teamNamed } from '../vm/flavor-of.ts';
import { liveVm } from '../vm-ref.ts';
import { backupToDrill } from './common.ts';
import type { DrillInput, DrillLook } from './drill.ts';
import type { DrillFacts } from './drill-facts.ts';

/** Room on another host, ids minted, a network and an address of its own. */
export function planDrill(
  input: DrillInput,
  context: PlanContext,
  { vm, hosts, agent, filesystems }: DrillLook,
): Draft<DrillFacts> {
  const { settings, rows } = context;
  // A backup that was made meanwhile makes no other plan of it, as long as the first is there.
  const newest = backupToDrill(rows, vm);
  const backup = rows.backups.byId(context.keep('backup', newest.id)) ?? newest;
  const name = fullBackupName(backup);
  const team = teamNamed(settings, vm.team);
  const { vcpus, memoryBytes } = backup.vm;
  const { host, why } = chooseHost(rows, settings, {
    wants: wantsOf({ vcpus, memoryBytes }, diskBytes(backup)),
    only: context.pinned ?? input.host ?? null,
    opId: context.opId,
    lacks: (each) => {
      if (hosts.includes(each.name)) return [];
      return each.name === vm.host
        ? [{ why: 'is where the VM is', cure: 'A drill is about its loss.' }]
        : [{ why: `does not have the files of ${name}`, cure: `Mount ${backup.directory} there.` }];
    },
  });
  const held = heldBytes(backup);
  roomInPool(context, host.name, held, `No room for a drill of ${fullName(vm)}`);
  const also = othersOf(input, vm, rows);
  const drillId = context.mint('drill', 'drill-id');
  const names = { team: vm.team, name: `${vm.name.slice(0, 27)}-drill-${drillId.slice(-6).toLowerCase()}` };
  const prefix = drillSubnet(drillId);
  const isolated = { name: `hostler-${inNames(drillId)}`, prefix, address: `${prefix}.10` };
  const made = madeOf(backup, { host, names, alone: { network: isolated.name } }, context);
  const port = input.port ?? settings.dr.port;
  const base = `${host.directory}/${inNames(drillId)}`;
  const answers = context.keep('agent', agent ? 'answers' : 'silent') === 'answers';
  const { rpoMs, rtoMs } = team.dr;
  const age = context.now - backup.takenAt;
  return {
    facts: {
      ...made,
      autostart: false,
      ...readingOf(backup, host, rows),
      drillId,
      opId: context.opId,
      of: { vmId: vm.id, name: vm.name },
      also,
      fromHost: backup.host,
      takenAt: backup.takenAt,
      isolated,
      copies: made.disks.map(({ target, name: volume }) => ({
        target,
        name: `${volume}-copy`,
        file: `${base}-${target}.backup.sum`,
        volume: `${base}-${target}.restored.sum`,
      })),
      bootMs: settings.dr.bootMs,
      port: port === 0 ? null : port,
      agent: answers,
      command: answers ? team.dr.command : null,
      marker: answers ? markerFor(team.dr.marker, backup) : null,
      checks: answers ? made.disks.map(({ target, name: volume }, index) => checkOf(target, volume, index)) : [],
      mounts: mountsOf(context.keep('mounts', JSON.stringify(onDisks(filesystems, backup)))),
      objectives: { rpoMs, rtoMs },
      channel: team.channel,
    },
    title: `DR drill of ${fullName(vm)} with backup ${name}`,
    verb: 'Drill',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: host.name,
    vmId: made.vmId,
    risk: 'safe',
    locks: [vmLock({ id: made.vmId, ...names }), `backup:${name}`, `drill:${host.name}`],
    // It is gone in a while: the quota has no say.
    adds: NOTHING,
    notes: [
      `The backup is of ${ago(backup.takenAt, context.now)}; the team accepts ${formatSpan(rpoMs)} (RPO)${age > rpoMs ? ', so this drill will fail' : ''}. It has ${formatSpan(rtoMs)} until it is back (RTO).`,
      `${vcpus} vCPU, ${formatSize(memoryBytes)} of memory, ${formatSize(diskBytes(backup))} of disk, of which about ${formatSize(held)} are unpacked`,
      ...why,
      `Its network leads nowhere: it can reach neither ${fullName(vm)} nor anything beyond ${host.name}.`,
      ...(also.length === 0
        ? []
        : [
            `Then ${also.map((each) => each.name).join(', ')}: each in an operation of its own, whatever comes of this one.`,
          ]),
      'Whatever comes of it, all of it is removed in the end, and the evidence is posted to the team’s channel.',
    ],
  };
}

/** The file that the team names now; else the one that the backup noted. */
function markerFor(path: string | null, { marker }: Backup): DrillFacts['marker'] {
  if (path === null) return marker;
  return { path, sha256: marker?.path === path ? marker.sha256 : null };
}

/** Far behind the disks that it has. */
const LENT = 'mnopqrstuvwxy';
function checkOf(of: string, volume: string, index: number): DrillFacts['checks'][number] {
  const target = `vd${LENT[index % LENT.length]}`;
  return { of, name: `${volume}-check`, target, serial: `hostler-check-${target}` };
}

/** The VMs that come behind it: of the same team, for that is what access was asked for, and with a backup each. */
function othersOf({ also }: DrillInput, first: Vm, rows: Rows): DrillFacts['also'] {
  const vms = new Map(also.map((text) => liveVm(rows, text, first.team)).map((vm) => [vm.id, vm]));
  vms.delete(first.id);
  return [...vms.values()].map((vm) => {
    if (vm.team !== first.team) {
      throw new BotError('invalid_input', `${fullName(vm)} is of another team than ${fullName(first)}`, {
        field: 'also',
        hint: 'Drill it by itself.',
      });
    }
    backupToDrill(rows, vm);
    return { vmId: vm.id, name: fullName(vm) };
  });
}

/** Where the filesystems are mounted that lie on disks of the backup and nowhere else. */
function onDisks(filesystems: readonly FilesystemSeen[], { disks }: Backup): string[] {
  const backed = (target: string) => disks.some((disk) => disk.target === target);
  return filesystems
    .filter(({ on }) => on.length > 0 && on.every(({ target }) => backed(target)))
    .map(({ mountpoint }) => mountpoint)
    .sort();
}

const Mounts = z.array(z.string());
function mountsOf(kept: string): string[] {
  return Mounts.parse(JSON.parse(kept));
}
