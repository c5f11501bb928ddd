import { z } from 'zod';
import type { Fact } from '../../domain/notice.ts';
import { formatSize } from '../../domain/size.ts';
import { CONSISTENCY_WORDS } from '../../domain/snapshot.ts';
import { fullName } from '../../domain/vm.ts';
import { defineRead } from '../spec.ts';
import { VmField } from '../vm/common.ts';
import { liveVm } from '../vm-ref.ts';
import { SnapshotField, snapshotOf } from './common.ts';
import { snapshotJson } from './list.ts';

export const snapshotShow = defineRead({
  name: 'snapshot.show',
  summary: 'Show a snapshot: when and how it was taken, its disks, where it stands',
  input: z.strictObject({ vm: VmField, name: SnapshotField }),
  positional: ['vm', 'name'],
  permission: 'view',
  examples: ['/snapshot show web-01 before-upgrade'],
  read: async (input, { rows, team }) => {
    const vm = liveVm(rows, input.vm, team);
    const snapshot = snapshotOf(rows, vm, input.name);
    const all = rows.snapshots.of(vm.id);
    const nameOf = (id: string | null) => all.find((each) => each.id === id)?.name ?? 'none';
    const facts: Fact[] = [
      { name: 'Taken', value: [{ at: snapshot.takenAt }, ` by ${snapshot.madeBy}`] },
      { name: 'Kind', value: CONSISTENCY_WORDS[snapshot.consistency] },
      { name: 'State', value: snapshot.state },
      { name: 'Protected', value: snapshot.protected ? 'yes' : 'no' },
      { name: 'Came after', value: nameOf(snapshot.parent) },
      {
        name: 'Disks',
        value: snapshot.disks
          .map(({ target, sizeBytes, vg, volume }) => `${target} ${formatSize(sizeBytes)} (${vg}/${volume})`)
          .join(', '),
      },
      ...(rows.snapshots.head(vm.id) === snapshot.id ? [{ name: 'The VM', value: 'stands on it' }] : []),
    ];
    const press = { vm: fullName(vm), name: snapshot.name };
    return {
      notice: {
        tone: snapshot.state === 'ready' ? 'good' : 'bad',
        title: `Snapshot ${snapshot.name} of ${fullName(vm)}`,
        facts,
        buttons: [
          { label: 'Revert to it', press: { do: 'run', name: 'snapshot.revert', input: press } },
          ...(snapshot.protected
            ? []
            : [
                {
                  label: 'Delete',
                  press: { do: 'run', name: 'snapshot.delete', input: press },
                  style: 'danger',
                } as const,
              ]),
        ],
        footer: snapshot.id,
      },
      json: snapshotJson(vm, snapshot),
    };
  },
});
