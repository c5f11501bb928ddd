import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import { formatSize, parseSize } from '../../../domain/size.ts';
import { fullName } from '../../../domain/vm.ts';
import { defineRead } from '../../spec.ts';
import { liveVm } from '../../vm-ref.ts';
import { VmField } from '../common.ts';
import { DiskField, diskOf, wholeExtents } from './common.ts';

const Input = z.strictObject({
  vm: VmField,
  disk: DiskField,
  size: z
    .string()
    .min(1)
    .max(20)
    .meta({ title: 'Size', description: 'How large it is to be at the most', placeholder: '10GiB' }),
});

/** Nothing is made smaller here: it says so, and what leads there all the same. Why: docs/adr/0010. */
export const diskReduce = defineRead({
  name: 'vm.disk.reduce',
  summary: 'Say how a VM comes to a smaller disk: none is made smaller in place',
  details:
    'A smaller disk beside it, filled in the guest, and the old one detached: its volume lies in the trash until it is purged. XFS can’t be made smaller at all, and a file system that a guest has written is nothing for the host’s root to work on.',
  input: Input,
  positional: ['vm', 'disk', 'size'],
  permission: 'view',
  examples: ['/vm disk reduce db-01 vdb 10GiB'],
  read: async (input, { rows, team }) => {
    const vm = liveVm(rows, input.vm, team);
    const name = fullName(vm);
    const disk = diskOf(vm, input.disk);
    const sizeBytes = wholeExtents(parseSize(input.size));
    if (sizeBytes === 0 || sizeBytes >= disk.sizeBytes) {
      throw new BotError('invalid_input', `Disk ${disk.target} of ${name} is ${formatSize(disk.sizeBytes)}`, {
        field: 'size',
        hint: `Give less than that, and more than nothing. \`/vm disk extend ${name} ${disk.target}\` makes it larger.`,
      });
    }
    const size = formatSize(sizeBytes).replace(' ', '');
    throw new BotError(
      'wrong_state',
      `Disk ${disk.target} of ${name} stays as large as it is: none is made smaller in place`,
      {
        field: 'disk',
        hint:
          vm.disks[0]?.target === disk.target
            ? `It boots from it, so make another VM: keep this one (\`/vm backup now ${name}\`), \`/vm create\` one with a smaller disk, copy in the guest what is to stay, and \`/vm delete ${name}\`. It can be had back from the trash.`
            : `\`/vm disk attach ${name} ${size}${disk.kind === 'thick' ? ' --thick' : ''}\`, copy in the guest what is to stay (mkfs, then \`cp -ax OLD/. NEW\`), and \`/vm disk detach ${name} ${disk.target}\`. The old one stays in the trash until it is purged.`,
      },
    );
  },
});
