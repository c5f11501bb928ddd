import { z } from 'zod';
import { BotError } from '../../../domain/error.ts';
import { NOTHING } from '../../../domain/plan.ts';
import { fullName } from '../../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { plugDisk } from '../../steps/plug.ts';
import { liveVm } from '../../vm-ref.ts';
import { factsOf, settleLife, VmFacts, VmField, vmLock, vmReport } from '../common.ts';
import { DiskField, definedDisk, diskOf, type LookedAtDisks, lookAtDisks } from './common.ts';

const Input = z.strictObject({ vm: VmField, disk: DiskField });

const Facts = VmFacts.extend({ target: z.string(), source: z.string(), xml: z.string() });
type Facts = z.infer<typeof Facts>;

export const diskReplug = defineChange({
  name: 'vm.disk.replug',
  summary: 'Plug a disk into a running VM again, which its definition has and its guest let go of',
  details:
    'A guest that was asked to let go of a disk may do so long after nobody waits any more. Hostler watches for that and plugs the disk in again by itself; this is the same by a word. What was mounted from it has to be mounted again in the guest.',
  input: Input,
  positional: ['vm', 'disk'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm disk replug web-01 vdb'],
  facts: Facts,
  look: (input: z.infer<typeof Input>, context: ReadContext) => lookAtDisks(input.vm, context),
  plan,
  steps: (facts, driver) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    return [plugDisk(at, facts)];
  },
  begin: () => undefined,
  settle: (facts, end, rows) => {
    settleLife(rows, facts.vmId, end);
    if (end === 'succeeded') rows.detached.asked.forget(facts.vmId, facts.target);
  },
  report: (facts, rows) => vmReport(facts.vmId, rows, [{ name: 'Disk', value: `${facts.target}, with what it held` }]),
});

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: LookedAtDisks): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const { live } = looked.disks;
  const { target, source, xml } = definedDisk(vm, diskOf(vm, input.disk), looked, context.driver);
  if (live === null) {
    throw new BotError('wrong_state', `${fullName(vm)} is off: it has ${target} when it starts`, {
      hint: `\`/vm start ${fullName(vm)}\` starts it.`,
    });
  }
  if (source === null || live.some((disk) => disk.source === source)) {
    throw new BotError('wrong_state', `${fullName(vm)} has its disk ${target} while it runs`, {
      field: 'disk',
      hint: `Look for it in the guest: \`lsblk\`.`,
    });
  }
  return {
    facts: { ...factsOf(vm), target, source, xml },
    title: `Plug ${target} into ${fullName(vm)} again`,
    verb: 'Plug in',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: ['The running guest sees it at once. What was mounted from it has to be mounted again there.'],
  };
}
