import { z } from 'zod';
import { shortName } from '../../../domain/disk.ts';
import { type FilesystemsKnown, type Filling, fillingOf } from '../../../domain/guest-filesystem.ts';
import { vmTag } from '../../../domain/marks.ts';
import type { Button, Text } from '../../../domain/notice.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import type { DetachedDisk } from '../../detached-rows.ts';
import { defineRead } from '../../spec.ts';
import { liveVm } from '../../vm-ref.ts';
import { VmField } from '../common.ts';

export const diskList = defineRead({
  name: 'vm.disk.list',
  summary: 'List a VM’s disks: size, kind, how full volumes and the guest’s filesystems are, and those in the trash',
  input: z.strictObject({ vm: VmField }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/vm disk list web-01'],
  read: async (input, { rows, team, fleet, driver, settings }) => {
    const vm = liveVm(rows, input.vm, team);
    const vg = vm.disks[0]?.vg ?? '';
    const seen = vg === '' ? null : await fleet.run(vm.host, driver.volumes.byTag(vg, vmTag(vm.id)));
    const volumes = seen?.outcome === 'done' ? seen.value : [];
    const disks = vm.disks.map((disk) => ({
      ...disk,
      usedPercent: volumes.find(({ name }) => name === disk.volume)?.dataPercent ?? null,
    }));
    const known = rows.filesystems.of(vm.id);
    const filling = fillingOf(known?.list ?? [], vm.disks);
    const trash = rows.detached.of(vm.id);
    const named = { vm: fullName(vm) };
    return {
      notice: {
        tone: 'plain',
        title: `Disks of ${fullName(vm)}: ${disks.length}`,
        lines: [
          ...(seen === null || seen.outcome === 'done'
            ? []
            : [`${vm.host} does not say how full they are: ${seen.error.message}`]),
          ...toldAt(known, filling),
          ...trash.map((disk) => trashLine(disk, settings)),
        ],
        table: {
          columns: ['Disk', 'Size', 'Kind', 'Written', 'In the guest', 'Volume'],
          rows: disks.map(({ target, sizeBytes, kind, usedPercent, vg: group, volume }) => [
            target,
            formatSize(sizeBytes),
            kind,
            usedPercent === null ? '–' : `${usedPercent} %`,
            inGuest(target, filling),
            `${group}/${volume}`,
          ]),
          empty: 'It has no disk.',
        },
        buttons: [
          { label: 'Extend', press: { do: 'open', name: 'vm.disk.extend', input: named } },
          { label: 'Attach', press: { do: 'open', name: 'vm.disk.attach', input: named } },
          ...trash.slice(0, 3).map((disk): Button => {
            const name = shortName(disk.volume);
            return {
              label: `Restore ${name}`,
              press: { do: 'run', name: 'vm.disk.restore', input: { ...named, disk: name } },
            };
          }),
        ],
      },
      json: [
        ...disks.map((disk) => ({
          ...disk,
          detachedAt: null,
          filesystems: filling.filter(({ targets }) => targets.includes(disk.target)),
        })),
        ...trash.map(({ vmId: _vm, xml: _xml, ...disk }) => ({ ...disk, name: shortName(disk.volume) })),
      ],
    };
  },
});

/** What lies on it, as its agent said: `/ 83 %`. */
function inGuest(target: string, filling: readonly Filling[]): string {
  const there = filling.filter(({ targets }) => targets.includes(target));
  return there.length === 0
    ? '–'
    : there.map(({ mountpoint, usedPercent }) => `${mountpoint} ${Math.round(usedPercent)} %`).join(', ');
}

function toldAt(known: FilesystemsKnown | null, filling: readonly Filling[]): Text[] {
  return known === null || filling.length === 0
    ? []
    : [['What is in the guest its agent said ', { at: known.at }, '.']];
}

function trashLine(disk: DetachedDisk, { trashMs }: Settings): Text {
  return [
    'In the trash: ',
    { bold: shortName(disk.volume) },
    `, ${formatSize(disk.sizeBytes)}, which was ${disk.target}; it is purged after `,
    { at: disk.detachedAt + trashMs },
    '.',
  ];
}
