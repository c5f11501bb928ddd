import { z } from 'zod';
import { FlavorName } from '../../domain/names.ts';
import type { Settings } from '../../domain/settings.ts';
import { formatSize, formatSpan, MiB, parseSize } from '../../domain/size.ts';
import { fullName } from '../../domain/vm.ts';
import { beginSaved, saveSteps, settleSaved, undoBy } from '../snapshot/before-change.ts';
import { defineChange } from '../spec.ts';
import { beOff, beRunning } from '../steps/domains.ts';
import { confirmSize, plugVcpus, setBalloon, setSize, sizeText } from '../steps/sizes.ts';
import { sawState, settleLife, VmField, vmReport } from './common.ts';
import { ResizeFacts } from './resize-facts.ts';
import { lookForResize } from './resize-look.ts';
import { planResize } from './resize-plan.ts';

const TOGETHER = 'Give a flavor, or vCPUs and memory by number, not both.';

/** What a VM is to have: a flavor, or one of its parts or both by number. */
export const ResizeInput = z
  .strictObject({
    vm: VmField,
    flavor: FlavorName.optional().meta({
      title: 'Flavor',
      description: 'Its new size: vCPUs and memory; the disk stays as it is',
      choices: 'flavor',
    }),
    vcpus: z
      .int()
      .min(1)
      .max(512)
      .optional()
      .meta({ title: 'vCPUs', description: 'So many vCPUs, instead of a flavor', placeholder: '2' }),
    memory: z
      .string()
      .transform((text) => Math.ceil(parseSize(text) / MiB) * MiB)
      .optional()
      .meta({ title: 'Memory', description: 'So much memory, instead of a flavor', placeholder: '2GiB' }),
    restart: z
      .boolean()
      .default(false)
      .meta({ title: 'Restart', description: 'Shut it down and start it again where it can’t be done while it runs' }),
  })
  .superRefine((input, ctx) => {
    const byNumber = input.vcpus !== undefined || input.memory !== undefined;
    if (input.flavor !== undefined && byNumber) ctx.addIssue({ code: 'custom', path: ['flavor'], message: TOGETHER });
    if (input.flavor === undefined && !byNumber) {
      ctx.addIssue({
        code: 'custom',
        path: ['flavor'],
        message: 'Say what it shall have: a flavor, or --vcpus, --memory or both.',
      });
    }
  });
export type ResizeInput = z.infer<typeof ResizeInput>;

export const vmResize = defineChange({
  name: 'vm.resize',
  summary: 'Give a VM more or fewer vCPUs, more or less memory',
  details:
    'While it runs it gets memory by its balloon and more vCPUs by plugging them in, up to the maxima that it was made with. Beyond them, and for fewer vCPUs, it must be shut down and started again: the plan says so, and does it only with `--restart`, after a snapshot of its disks. The disk stays as it is. Its card’s Undo gives it the old size back.',
  input: ResizeInput,
  positional: ['vm'],
  permission: 'operate',
  risk: 'by-input',
  examples: [
    '/vm resize web-01 --flavor large',
    '/vm resize web-01 --memory 2GiB',
    '/vm resize web-01 --vcpus 4 --memory 8GiB --restart',
  ],
  facts: ResizeFacts,
  look: lookForResize,
  plan: planResize,
  steps: ({ how, from, to, ...facts }, driver, settings, opId) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    switch (how) {
      case 'off':
        return [setSize(at, from, to)];
      case 'restart':
        return [
          ...saveSteps(facts, driver, opId),
          beOff(at, 'ask', settings.shutdownMs, true),
          setSize(at, from, to),
          beRunning(at, 'off'),
          confirmSize(at, to),
        ];
      case 'live':
        // vCPUs last: what is plugged in is rarely given back, so nothing that fails may come behind it.
        return [
          ...(facts.balloons ? [setBalloon(at, from.memoryBytes, to.memoryBytes)] : []),
          ...(facts.plugs ? [plugVcpus(at, from.vcpus, to.vcpus)] : []),
        ];
    }
  },
  // Until its end the larger of both counts: what it may get is nobody else's, and what it gives back it has still.
  begin: (facts, rows, now) => {
    const { vmId, before, to } = facts;
    beginSaved(facts, rows, now);
    rows.vms.update(vmId, {
      vcpus: Math.max(before.vcpus, to.vcpus),
      memoryBytes: Math.max(before.memoryBytes, to.memoryBytes),
    });
  },
  settle: (facts, end, rows, outputs, now) => {
    const { vmId, how, before, to, flavor } = facts;
    settleLife(rows, vmId, end);
    settleSaved(facts, end, rows, outputs, now);
    if (end === 'failed') rows.vms.update(vmId, before);
    if (end !== 'succeeded') return;
    rows.vms.update(vmId, { vcpus: to.vcpus, memoryBytes: to.memoryBytes, flavor });
    if (how === 'restart') sawState(rows, vmId, 'running', 'booted', now);
  },
  report: (facts, rows, settings, outputs) => {
    const { vmId, how, to, saved } = facts;
    const waiting = how === 'restart' && outputs.has('confirm-size') && outputs.get('confirm-size') === null;
    const report = vmReport(vmId, rows, [
      { name: 'Size', value: `${to.vcpus} vCPU, ${formatSize(to.memoryBytes)}` },
      { name: 'Up to, while it runs', value: `${to.maxVcpus} vCPU, ${formatSize(to.maxMemoryBytes)}` },
      ...(waiting
        ? [
            {
              name: 'Guest',
              value: 'It has not taken its memory yet: it may still be booting (`/vm console` shows it)',
            },
          ]
        : []),
      { name: 'Undo', value: `Back to ${sizeText(facts.before)}; its disks stay as they are then` },
      ...(saved === null
        ? []
        : [
            {
              name: 'Snapshot',
              value: `${saved.snapshot} holds its disks as they were, for ${formatSpan(settings.snapshots.beforeChangeMs)}`,
            },
          ]),
    ]);
    return { ...report, buttons: [undoBy('vm.resize', sizeBefore(facts, settings)), ...report.buttons] };
  },
});

/** What to ask for to get the size of before again. Its plan says whether that wants a restart. */
function sizeBefore({ before, wasFlavor, ...facts }: ResizeFacts, settings: Settings): Record<string, unknown> {
  const { vcpus, memoryBytes } = before;
  const memory = Math.ceil(memoryBytes / MiB);
  const same = settings.flavors.some(
    (flavor) => flavor.name === wasFlavor && flavor.vcpus === vcpus && Math.ceil(flavor.memoryBytes / MiB) === memory,
  );
  return {
    vm: fullName(facts),
    ...(same ? { flavor: wasFlavor } : { vcpus, memory: `${memory}MiB` }),
    restart: true,
  };
}
