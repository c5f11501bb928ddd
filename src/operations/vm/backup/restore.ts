import { z } from 'zod';
import { HostName, VmName } from '../../../domain/names.ts';
import { BackupField, madeBackup } from '../../backup-ref.ts';
import { refresh } from '../../observe.ts';
import { lookForSnapshot } from '../../snapshot/common.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { chainToRestore, hostsWith, mustBeReadable } from './common.ts';
import { InPlaceFacts, inPlace, planInPlace, vmOf } from './restore-in-place.ts';
import { NewFacts, newVm, planNew } from './restore-new.ts';

export const RestoreInput = z.strictObject({
  backup: BackupField,
  as: VmName.optional().meta({
    title: 'As',
    description: 'Make a new VM of this name; else the VM that it was made of gets its disks back',
    placeholder: 'web-01-old',
  }),
  host: HostName.optional().meta({
    title: 'Host',
    description: 'A new VM on this host instead of the best one',
    choices: 'host',
  }),
  start: z.boolean().default(true).meta({ title: 'Start', description: 'Start a new VM when it is there' }),
  restart: z
    .boolean()
    .default(true)
    .meta({ title: 'Restart', description: 'In place: shut a running VM down for it, and start it again' }),
  force: z
    .boolean()
    .default(false)
    .meta({ title: 'Force', description: 'In place: cut the power instead of asking the guest to shut down' }),
});
export type RestoreInput = z.infer<typeof RestoreInput>;

const Facts = z.discriminatedUnion('how', [NewFacts, InPlaceFacts]);
type Facts = z.infer<typeof Facts>;

export type Looked = Awaited<ReturnType<typeof look>>;

export const backupRestore = defineChange({
  name: 'vm.backup.restore',
  summary: 'Make a new VM of a backup, or put its VM’s disks back in place',
  details:
    'With `--as` it makes a new VM: another id, address and disks, the definition of then. Without, the VM’s disks are put back: they are unpacked beside the present ones while it goes on, then it is shut down, they are swapped, and it is started; the present state is kept as a snapshot, and Undo is a revert to it. Of a backup of what has changed, the full one that it builds on is unpacked first, and then each in turn; what was written is read back and compared. A backup that is damaged does not come to its end.',
  input: RestoreInput,
  positional: ['backup'],
  permission: 'operate',
  risk: 'by-input',
  examples: ['/vm backup restore web-01.3 --as web-01-old', '/vm backup restore web-01.3'],
  facts: Facts,
  look,
  plan: (input: RestoreInput, context: PlanContext, looked: Looked): Draft<Facts> =>
    looked.vm === null ? planNew(input, context, looked) : planInPlace(input, context, { ...looked, vm: looked.vm }),
  steps: (facts, driver, settings, opId) =>
    facts.how === 'new' ? newVm.steps(facts, driver, settings, opId) : inPlace.steps(facts, driver, settings, opId),
  begin: (facts, rows, now) => (facts.how === 'new' ? newVm.begin(facts, rows, now) : inPlace.begin(facts, rows, now)),
  settle: (facts, end, rows, outputs, now) =>
    facts.how === 'new' ? newVm.settle(facts, end, rows, outputs, now) : inPlace.settle(facts, end, rows, now),
  report: (facts, rows, settings) =>
    facts.how === 'new' ? newVm.report(facts, rows) : inPlace.report(facts, rows, settings),
});

/** How old a host's report may be for placement, and for the question whether its pool has room. */
const REPORT_AGE_MS = 60_000;

async function look(input: RestoreInput, context: ReadContext) {
  const { rows, team } = context;
  const backup = madeBackup(rows, input.backup, team);
  chainToRestore(backup, rows);
  mustBeReadable(backup, context.settings, rows);
  if (input.as !== undefined) {
    const hosts = await hostsWith(backup, input.host ?? null, context);
    await refresh(context, hosts, REPORT_AGE_MS);
    return { hosts, vm: null };
  }
  const vm = vmOf(backup, rows);
  const hosts = await hostsWith(backup, vm.host, context);
  await refresh(context, hosts, REPORT_AGE_MS);
  return { hosts, vm: await lookForSnapshot(`${vm.team}/${vm.name}`, context) };
}
