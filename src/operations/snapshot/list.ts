import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { ago } from '../../domain/ago.ts';
import { formatRetention } from '../../domain/retention.ts';
import { formatSize } from '../../domain/size.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { defineRead, type ReadContext } from '../spec.ts';
import type { Rows } from '../store.ts';
import { VmField } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';

export const snapshotList = defineRead({
  name: 'snapshot.list',
  summary: 'List snapshots: of a VM, or of all the team’s',
  input: z.strictObject({ vm: VmField.optional() }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/snapshot list', '/snapshot list web-01'],
  read: async (input, context) => {
    const { rows, clock } = context;
    const vms = input.vm === undefined ? vmsOf(context) : [liveVm(rows, input.vm, context.team)];
    const found = vms.flatMap((vm) => rows.snapshots.of(vm.id).map((snapshot) => ({ vm, snapshot })));
    const where = input.vm === undefined ? 'Snapshots' : `Snapshots of ${vms.map(fullName).join(', ')}`;
    const now = clock.now();
    return {
      notice: {
        tone: 'plain',
        title: `${where}: ${found.length}`,
        lines: scheduled(vms, rows),
        table: {
          columns: ['VM', 'Snapshot', 'Taken', 'Kind', 'Disks', 'Protected', 'By'],
          rows: found.map(({ vm, snapshot }) => [
            fullName(vm),
            snapshot.name,
            snapshot.state === 'ready' ? ago(snapshot.takenAt, now) : snapshot.state,
            `${snapshot.consistency}-consistent`,
            sizeOf(snapshot),
            snapshot.protected ? 'yes' : 'no',
            snapshot.madeBy,
          ]),
          empty: 'No snapshot yet. `/snapshot create` takes one.',
        },
        buttons: [
          {
            label: 'Take a snapshot',
            press: { do: 'open', name: 'snapshot.create', input: input.vm === undefined ? {} : { vm: input.vm } },
            style: 'primary',
          },
        ],
      },
      json: found.map(({ vm, snapshot }) => snapshotJson(vm, snapshot)),
    };
  },
});

function vmsOf({ rows, settings, actor, team, all }: ReadContext): readonly Vm[] {
  if (team !== null && !all) return rows.vms.list(team);
  return settings.teams
    .filter(({ name }) => decide(actor, 'view', name).allowed)
    .flatMap(({ name }) => rows.vms.list(name));
}

/** What the schedule keeps of these VMs. */
function scheduled(vms: readonly Vm[], rows: Rows): string[] {
  const byVm = new Map(rows.snapshots.schedules().map(({ vmId, retention }) => [vmId, retention]));
  return vms.flatMap((vm) => {
    const retention = byVm.get(vm.id);
    return retention === undefined ? [] : [`The schedule keeps ${formatRetention(retention)} of ${fullName(vm)}.`];
  });
}

function sizeOf({ disks }: Snapshot): string {
  let sum = 0;
  for (const { sizeBytes } of disks) sum += sizeBytes;
  return `${disks.length} (${formatSize(sum)})`;
}

/** A snapshot as scripts read it. */
export function snapshotJson(vm: Vm, snapshot: Snapshot): Record<string, unknown> {
  const { vmId, ...rest } = snapshot;
  return { ...rest, vm: fullName(vm), vmId };
}
