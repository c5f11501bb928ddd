import { diskVolume, shortName, trashName } from '../../../domain/disk.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize, formatSpan } from '../../../domain/size.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import type { Draft, PlanContext } from '../../spec.ts';
import type { Rows } from '../../store.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, vmLock } from '../common.ts';
import { powerOf } from '../power.ts';
import { definedDisk, type LookedAtDisks, nextNumber, ownDisk, thickNotes } from './common.ts';
import type { MoveFacts, MoveInput } from './move.ts';
import { haveRoom } from './room.ts';

/** The plan of a disk that becomes thin or thick: what it takes meanwhile, what is kept, and what the VM can't have any more. */
export function planMove(input: MoveInput, context: PlanContext, looked: LookedAtDisks): Draft<MoveFacts> {
  const { rows, settings, driver } = context;
  const vm = liveVm(rows, input.vm, context.team);
  const disk = ownDisk(vm, input.disk, 'An admin can move it by hand: `virsh blockcopy`.');
  const { target, vg, volume, kind } = disk;
  if (kind === input.class) {
    throw new BotError('wrong_state', `${target} of ${fullName(vm)} is ${kind} already`, {
      field: 'class',
      hint: `\`/vm disk list ${fullName(vm)}\` shows what each is.`,
    });
  }
  const host = settings.hosts.find(({ name }) => name === vm.host);
  if (host === undefined)
    throw new BotError('wrong_state', `Host ${vm.host} of ${fullName(vm)} is not in the configuration`, {
      hint: 'Ask an admin to put it back.',
    });
  refuseHeld(vm, target, input.class, rows);
  const power = powerOf(looked.domain.state);
  const how = power === 'off' ? 'copy' : 'mirror';
  const found = definedDisk(vm, disk, looked, driver);
  refuseUnlike(vm, target, found.source, looked);
  const seen = looked.volumes.find(({ name }) => name === volume);
  if (seen === undefined) {
    throw new BotError('not_found', `The volume ${vg}/${volume} of ${fullName(vm)} does not bear its mark`, {
      hint: `An admin can look with \`lvs -o +tags\` on host ${vm.host}.`,
    });
  }
  const { sizeBytes } = seen;
  const what = `No room to copy ${target} of ${fullName(vm)}, of ${formatSize(sizeBytes)}`;
  haveRoom(vm, { vg, kind: input.class }, sizeBytes, what, context);
  const next = diskVolume(vm.id, nextNumber(vm, rows, looked));
  const source = driver.volumes.devicePath({ vg, name: next });
  return {
    facts: {
      ...factsOf(vm),
      target,
      vg,
      sizeBytes,
      from: { volume, kind, source: driver.volumes.devicePath({ vg, name: volume }), xml: found.placed },
      to: { volume: next, kind: input.class, source, xml: driver.disks.behind(found.placed, source) },
      pool: input.class === 'thin' ? host.pool : null,
      trash: { volume: trashName(volume), xml: found.xml },
      by: context.actor.person,
      how,
      verify: how === 'copy' || !input.verify ? 'no' : power === 'suspended' ? 'as-it-is' : 'suspended',
    },
    title: `Make ${target} of ${fullName(vm)} ${input.class}`,
    verb: 'Move',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    // Only a suspended guest stops.
    risk: how === 'mirror' && input.verify && power === 'on' ? 'disruptive' : 'safe',
    locks: [vmLock(vm)],
    // For the copy's time it is there twice; the old one counts for its host until it is purged.
    adds: { ...NOTHING, diskBytes: sizeBytes },
    notes: [
      ...wayNotes(how, input, sizeBytes),
      `The old volume goes to the trash for ${formatSpan(settings.trashMs)}, as it is at that moment (\`/vm disk purge ${fullName(vm)} ${shortName(volume)}\` gives its room back before).`,
      ...(input.class === 'thick' ? thickNotes(vm, rows, 'it is made thin again') : []),
    ],
  };
}

/** A snapshot of a thin disk is no use to a thick one: nobody could go back to it. */
function refuseHeld(vm: Vm, target: string, to: MoveInput['class'], rows: Rows): void {
  if (to === 'thin') return;
  const held = rows.snapshots.of(vm.id).filter(({ disks }) => disks.some((disk) => disk.target === target));
  if (held.length === 0) return;
  const name = fullName(vm);
  const names = held.map((snapshot) => snapshot.name);
  throw new BotError(
    'wrong_state',
    `${held.length === 1 ? `Snapshot ${names[0]} holds` : `Snapshots ${names.join(', ')} hold`} ${target} of ${name}, and nobody could go back to ${held.length === 1 ? 'it' : 'them'} once ${target} is thick`,
    {
      field: 'class',
      hint: `Keep what is worth it (\`/vm backup now ${name}\`), then delete ${held.length === 1 ? 'it' : 'each'}: \`/snapshot delete ${name} ${names[0]}\`.`,
    },
  );
}

/** What the running VM has there must be what its definition has, and nobody else may be at it. */
function refuseUnlike(vm: Vm, target: string, source: string | null, { disks }: LookedAtDisks): void {
  if (disks.live === null) return;
  const live = disks.live.find((disk) => disk.source === source && disk.target === target);
  if (live !== undefined && live.mirror === null) return;
  throw new BotError(
    'wrong_state',
    live === undefined
      ? `${fullName(vm)} runs without its disk ${target}, or with another volume behind it`
      : `${target} of ${fullName(vm)} is mirrored into ${live.mirror?.to ?? 'another place'} just now, and not by Hostler`,
    {
      field: 'disk',
      hint:
        live === undefined
          ? `\`/vm disk replug ${fullName(vm)} ${target}\` plugs it in again; or shut the VM down first.`
          : 'Wait until that is over. An admin can look with `virsh blockjob VM DISK --info` on the host.',
    },
  );
}

function wayNotes(how: MoveFacts['how'], input: MoveInput, sizeBytes: number): string[] {
  if (how === 'copy')
    return [`It is off: ${formatSize(sizeBytes)} are copied and compared, and it has to stay off until then.`];
  return [
    `It goes on running: ${formatSize(sizeBytes)} are mirrored with all that it writes meanwhile, which makes its writes slower. Should it be shut down before the end, the disk stays as it is.`,
    input.verify
      ? 'It is suspended while both volumes are compared, byte by byte.'
      : 'The mirror ends at the first error, and the disk stays as it is then. For a comparison byte by byte give --verify, or move it while it is off.',
    ...(input.class === 'thin'
      ? ['All of it is written: `fstrim` in the guest gives back to the pool what it does not use.']
      : []),
  ];
}
