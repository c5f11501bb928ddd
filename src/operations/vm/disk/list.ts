import { z } from 'zod';
import { vmTag } from '../../../domain/marks.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import { defineRead } from '../../spec.ts';
import { liveVm } from '../../vm-ref.ts';
import { VmField } from '../common.ts';

export const diskList = defineRead({
  name: 'vm.disk.list',
  summary: 'List a VM’s disks: size, kind, how full their volumes are',
  input: z.strictObject({ vm: VmField }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/vm disk list web-01'],
  read: async (input, { rows, team, fleet, driver }) => {
    const vm = liveVm(rows, input.vm, team);
    const vg = vm.disks[0]?.vg ?? '';
    const seen = vg === '' ? null : await fleet.run(vm.host, driver.volumes.byTag(vg, vmTag(vm.id)));
    const volumes = seen?.outcome === 'done' ? seen.value : [];
    const disks = vm.disks.map((disk) => ({
      ...disk,
      usedPercent: volumes.find(({ name }) => name === disk.volume)?.dataPercent ?? null,
    }));
    return {
      notice: {
        tone: 'plain',
        title: `Disks of ${fullName(vm)}: ${disks.length}`,
        lines:
          seen === null || seen.outcome === 'done'
            ? []
            : [`${vm.host} does not say how full they are: ${seen.error.message}`],
        table: {
          columns: ['Disk', 'Size', 'Kind', 'Written', 'Volume'],
          rows: disks.map(({ target, sizeBytes, kind, usedPercent, vg: group, volume }) => [
            target,
            formatSize(sizeBytes),
            kind,
            usedPercent === null ? '–' : `${usedPercent} %`,
            `${group}/${volume}`,
          ]),
          empty: 'It has no disk.',
        },
        buttons: [{ label: 'Extend', press: { do: 'open', name: 'vm.disk.extend', input: { vm: fullName(vm) } } }],
      },
      json: disks,
    };
  },
});
