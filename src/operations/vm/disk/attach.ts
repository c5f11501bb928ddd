import { z } from 'zod';
import { diskVolume, freeTarget, guestPath, serialOf } from '../../../domain/disk.ts';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { formatSize, parseSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import { refresh } from '../../observe.ts';
import { undoBy } from '../../snapshot/before-change.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { attachDisk } from '../../steps/plug.ts';
import { emptyVolume } from '../../steps/wipe.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock, vmReport } from '../common.ts';
import { powerOf } from '../power.ts';
import {
  addDisk,
  type LookedAtDisks,
  lookAtDisks,
  nextNumber,
  PluggedFacts,
  REPORT_AGE_MS,
  targetsOf,
  thickNotes,
  wholeExtents,
} from './common.ts';
import { haveRoom } from './room.ts';

const Input = z.strictObject({
  vm: VmField,
  size: z.string().min(1).max(20).meta({ title: 'Size', description: 'How large it is to be', placeholder: '10GiB' }),
  thick: z
    .boolean()
    .default(false)
    .meta({ title: 'Thick disk', description: 'A plain volume for high I/O instead of a thin one' }),
});

const Facts = VmFacts.extend({
  ...PluggedFacts.shape,
  /** The thin pool that it draws from; null for a thick one. */
  pool: z.string().nullable(),
  source: z.string(),
  serial: z.string(),
});
type Facts = z.infer<typeof Facts>;

export const diskAttach = defineChange({
  name: 'vm.disk.attach',
  summary: 'Give a VM another disk, while it runs',
  details:
    'An empty volume, which a running guest sees at once, under a name that stays: `/dev/disk/by-id/virtio-hostler-d1`. Partition and filesystem are the guest’s. It is part of the VM’s snapshots from then on, and of its life: delete, restore and purge take it along.',
  input: Input,
  positional: ['vm', 'size'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm disk attach web-01 --size 10GiB', '/vm disk attach db-01 100GiB --thick'],
  facts: Facts,
  look: async (input: z.infer<typeof Input>, context: ReadContext) => {
    await refresh(context, [liveVm(context.rows, input.vm, context.team).host], REPORT_AGE_MS);
    return lookAtDisks(input.vm, context);
  },
  plan,
  steps: (facts, driver, settings, opId) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    const { vg, volume, sizeBytes, pool } = facts;
    return [
      ...emptyVolume(at, { vg, name: volume, sizeBytes, pool, marks: { op: opId, vm: facts.vmId } }, settings),
      attachDisk(at, facts),
    ];
  },
  begin: () => undefined,
  settle: (facts, end, rows) => {
    settleLife(rows, facts.vmId, end);
    if (end === 'succeeded') addDisk(rows, facts);
  },
  report: (facts, rows) => {
    const path = guestPath(facts.serial);
    const report = vmReport(facts.vmId, rows, [
      { name: 'Disk', value: `${facts.target}, ${formatSize(facts.sizeBytes)}, ${facts.kind}` },
      { name: 'In the guest', value: [{ code: path }, ', such as ', { code: `mkfs.ext4 ${path}` }] },
    ]);
    // Nothing of the VM is at risk by it, so the way back is to take it out again, and needs no snapshot.
    const undo = undoBy('vm.disk.detach', { vm: fullName(facts), disk: facts.target });
    return { ...report, buttons: [undo, ...report.buttons] };
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: LookedAtDisks): Draft<Facts> {
  const { rows, settings, driver } = context;
  const vm = liveVm(rows, input.vm, context.team);
  const host = settings.hosts.find(({ name }) => name === vm.host);
  if (host === undefined)
    throw new BotError('wrong_state', `Host ${vm.host} of ${fullName(vm)} is not in the configuration`, {
      hint: 'Ask an admin to put it back.',
    });
  const trash = rows.detached.of(vm.id);
  // The place of a disk in the trash is kept for it, so that a snapshot which holds it finds it there again.
  const target = freeTarget([...targetsOf(vm, looked), ...trash.map((disk) => disk.target)]);
  if (target === null)
    throw new BotError('wrong_state', `${fullName(vm)} has as many disks as a VM may have`, {
      hint: 'Extend one instead (`/vm disk extend`), or detach one.',
    });
  const sizeBytes = wholeExtents(parseSize(input.size));
  if (sizeBytes === 0)
    throw new BotError('invalid_input', 'A disk of no size is none', {
      field: 'size',
      hint: 'Give more, such as 10GiB.',
    });
  const disk = { vg: host.vg, kind: input.thick ? 'thick' : 'thin' } as const;
  haveRoom(vm, disk, sizeBytes, `No room for another disk of ${fullName(vm)}, of ${formatSize(sizeBytes)}`, context);
  const number = nextNumber(vm, rows, looked);
  const volume = diskVolume(vm.id, number);
  const source = driver.volumes.devicePath({ vg: host.vg, name: volume });
  const serial = serialOf(number);
  return {
    facts: {
      ...factsOf(vm),
      ...disk,
      target,
      volume,
      sizeBytes,
      xml: driver.disks.xmlOf({ target, source, serial }),
      pool: input.thick ? null : host.pool,
      source,
      serial,
    },
    title: `Attach a disk of ${formatSize(sizeBytes)} to ${fullName(vm)}`,
    verb: 'Attach',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: { ...NOTHING, diskBytes: sizeBytes },
    notes: [
      powerOf(looked.domain.state) === 'off'
        ? `It is off: the guest sees ${target} when it starts.`
        : `The running guest sees ${target} at once, as ${guestPath(serial)}.`,
      ...(input.thick ? thickNotes(vm, rows, 'the disk is detached') : []),
    ],
  };
}
