import { z } from 'zod';
import { trashName } from '../../domain/disk.ts';
import { NOTHING } from '../../domain/plan.ts';
import { formatSpan } from '../../domain/size.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { beOff, undefineDomain } from '../steps/domains.ts';
import { renameFile, renameVolume } from '../steps/volumes.ts';
import { liveVm } from '../vm-ref.ts';
import { factsOf, lookAtDomain, settleLife, VmFacts, VmField, vmLock } from './common.ts';
import { powerOf } from './power.ts';

const Input = z.strictObject({
  vm: VmField,
  force: z
    .boolean()
    .default(false)
    .meta({ title: 'Force', description: 'Cut the power instead of asking the guest to shut down' }),
});

const Facts = VmFacts.extend({
  was: z.enum(['on', 'off', 'suspended', 'missing']),
  force: z.boolean(),
  /** The definition, for undo and for `/vm restore`; null where the host has lost the domain. */
  xml: z.string().nullable(),
  volumes: z.array(z.object({ vg: z.string(), name: z.string(), to: z.string() })),
  seed: z.object({ path: z.string(), to: z.string() }).nullable(),
});
type Facts = z.infer<typeof Facts>;

interface Looked {
  readonly was: Facts['was'];
  readonly xml: string | null;
}

export const vmDelete = defineChange({
  name: 'vm.delete',
  summary: 'Delete a VM: off, undefined, its volumes in the trash',
  details:
    'Within the retention `/vm restore` brings it back. `/vm purge` removes it for good. Its maker may delete it, and the team’s leads.',
  input: Input,
  positional: ['vm'],
  permission: 'delete',
  risk: 'disruptive',
  examples: ['/vm delete web-01'],
  facts: Facts,
  look,
  plan,
  steps: (facts, driver, settings) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    return [
      ...(facts.was === 'on' || facts.was === 'suspended'
        ? [
            beOff(
              at,
              facts.force || facts.was === 'suspended' ? 'force' : 'ask',
              settings.shutdownMs,
              facts.was === 'on',
            ),
          ]
        : []),
      ...(facts.xml === null ? [] : [undefineDomain(at, true, facts.xml)]),
      ...facts.volumes.map((volume) => renameVolume(at, volume, `Move ${volume.name} to the trash`)),
      ...(facts.seed === null ? [] : [renameFile(at, facts.seed.path, facts.seed.to, 'Move the seed to the trash')]),
    ];
  },
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    settleLife(rows, facts.vmId, end);
    if (end !== 'succeeded') return;
    const vm = rows.vms.byId(facts.vmId);
    if (vm === null) return;
    rows.vms.update(facts.vmId, {
      life: 'trashed',
      trashedAt: now,
      xml: facts.xml,
      address: null,
      seen: null,
      disks: vm.disks.map((disk) => (disk.kind === 'existing' ? disk : { ...disk, volume: trashName(disk.volume) })),
      seed: facts.seed?.to ?? null,
    });
  },
  report: (facts, _rows, settings) => ({
    facts: [{ name: 'Restorable for', value: formatSpan(settings.trashMs) }],
    buttons: [{ label: 'Restore', press: { do: 'run', name: 'vm.restore', input: { vm: fullName(facts) } } }],
  }),
});

async function look(input: z.infer<typeof Input>, context: ReadContext): Promise<Looked> {
  const vm = liveVm(context.rows, input.vm, context.team);
  const domain = await lookAtDomain(vm, context);
  if (domain === null) return { was: 'missing', xml: null };
  const xml = await context.fleet.run(vm.host, context.driver.domains.xml(vm.uuid, { inactive: true }));
  if (xml.outcome !== 'done') throw xml.error;
  return { was: powerOf(domain.state), xml: xml.value };
}

function plan(input: z.infer<typeof Input>, context: PlanContext, looked: Looked): Draft<Facts> {
  const vm = liveVm(context.rows, input.vm, context.team);
  return {
    facts: {
      ...factsOf(vm),
      ...looked,
      force: input.force,
      volumes: ownVolumes(vm).map(({ vg, volume }) => ({ vg, name: volume, to: trashName(volume) })),
      seed: vm.seed === null ? null : { path: vm.seed, to: `${vm.seed}.trash` },
    },
    title: `Delete ${fullName(vm)}`,
    verb: 'Delete',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'disruptive',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: [
      ...(looked.was === 'on'
        ? [input.force ? 'It is running: its power is cut.' : 'It is running: its guest is asked to shut down first.']
        : []),
      ...(looked.was === 'missing'
        ? ['Its host knows no such domain: its volumes go to the trash, and it can’t be restored.']
        : []),
      `It can be restored for ${formatSpan(context.settings.trashMs)}.`,
    ],
  };
}

/** The volumes that Hostler made for it; one that was there before is left alone. */
export function ownVolumes(vm: Vm): Vm['disks'] {
  return vm.disks.filter(({ kind }) => kind !== 'existing');
}
