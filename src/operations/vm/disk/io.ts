import { z } from 'zod';
import { type DiskIo, diskIo, type Traffic } from '../../../domain/disk-io.ts';
import { BotError } from '../../../domain/error.ts';
import { formatSize } from '../../../domain/size.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import { defineRead, type ReadContext } from '../../spec.ts';
import { liveVm } from '../../vm-ref.ts';
import { VmField } from '../common.ts';

export const diskIoNow = defineRead({
  name: 'vm.disk.io',
  summary: 'Show what each disk of a VM reads and writes just now, and how long a request takes',
  details:
    'Two looks at the host’s counters, some seconds apart. Latency is of the requests in between, as QEMU saw them.',
  input: z.strictObject({
    vm: VmField,
    seconds: z.coerce
      .number()
      .int()
      .min(1)
      .max(30)
      .default(5)
      .meta({ title: 'Seconds', description: 'Between the two looks' }),
  }),
  positional: ['vm'],
  permission: 'view',
  examples: ['/vm disk io web-01', '/vm disk io db-01 --seconds 20'],
  read: async (input, context) => {
    const vm = liveVm(context.rows, input.vm, context.team);
    const before = await lookAt(vm, context);
    await context.clock.sleep(input.seconds * 1000);
    const after = await lookAt(vm, context);
    const seconds = (after.at - before.at) / 1000;
    const disks = diskIo(before.counters, after.counters, seconds);
    const anew = disks.some(({ read }) => read.requestsPerSecond === null);
    return {
      notice: {
        tone: 'plain',
        title: `Disk traffic of ${fullName(vm)} over ${Math.round(seconds)} s`,
        lines: anew ? ['A disk without numbers was attached, or counted anew, between the two looks: ask again.'] : [],
        table: {
          columns: ['Disk', 'Read', 'Reads', 'A read', 'Written', 'Writes', 'A write', 'A flush'],
          rows: disks.map(rowOf),
          empty: 'It has no disk.',
        },
        buttons: [{ label: 'Again', press: { do: 'run', name: 'vm.disk.io', input: { vm: fullName(vm) } } }],
      },
      json: { seconds, disks },
    };
  },
});

async function lookAt(vm: Vm, { fleet, driver, clock }: ReadContext) {
  const result = await fleet.run(vm.host, driver.disks.counters(vm.uuid));
  if (result.outcome !== 'done') throw result.error;
  if (result.value === null) {
    throw new BotError('wrong_state', `${fullName(vm)} is off, and reads and writes nothing`, {
      hint: `\`/vm start ${fullName(vm)}\` starts it.`,
    });
  }
  return { at: clock.now(), counters: result.value };
}

function rowOf({ target, read, write, flush }: DiskIo): string[] {
  return [target, ...traffic(read), ...traffic(write), time(flush.latencyMs)];
}

function traffic({ bytesPerSecond, requestsPerSecond, latencyMs }: Traffic): string[] {
  const bytes = bytesPerSecond === null ? '–' : `${formatSize(Math.round(bytesPerSecond))}/s`;
  return [bytes, requestsPerSecond === null ? '–' : `${short(requestsPerSecond)}/s`, time(latencyMs)];
}

function time(ms: number | null): string {
  return ms === null ? '–' : `${short(ms)} ms`;
}

/** As many digits as anybody reads. */
function short(value: number): string {
  if (value === 0 || value >= 10) return String(Math.round(value));
  return value.toFixed(value >= 1 ? 1 : 2);
}
