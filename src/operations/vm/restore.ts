import { z } from 'zod';
import { ago } from '../../domain/ago.ts';
import { untrashed } from '../../domain/disk.ts';
import { BotError } from '../../domain/error.ts';
import { VmName } from '../../domain/names.ts';
import { amountsOf } from '../../domain/quota.ts';
import { fullName } from '../../domain/vm.ts';
import { chooseHost } from '../candidates.ts';
import { refresh } from '../observe.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { beRunning, defineDomain } from '../steps/domains.ts';
import { renameFile, renameVolume } from '../steps/volumes.ts';
import { trashedVm } from '../vm-ref.ts';
import { factsOf, sawState, TrashedField, TrashedId, VmFacts, vmLock, vmReport } from './common.ts';
import { ownVolumes } from './delete.ts';

const Input = z.strictObject({
  vm: TrashedField,
  id: TrashedId,
  name: VmName.optional().meta({ title: 'New name', description: 'Another name, where its own is taken by now' }),
  start: z.boolean().default(true).meta({ title: 'Start', description: 'Start it when it is back' }),
});

const Facts = VmFacts.extend({
  domainName: z.string(),
  /** Its names in the trash, given back if this is rolled back. */
  before: z.object({ name: z.string(), domainName: z.string() }),
  xml: z.string(),
  start: z.boolean(),
  volumes: z.array(z.object({ vg: z.string(), name: z.string(), to: z.string() })),
  seed: z.object({ path: z.string(), to: z.string() }).nullable(),
});
type Facts = z.infer<typeof Facts>;

export const vmRestore = defineChange({
  name: 'vm.restore',
  summary: 'Bring a deleted VM back from the trash',
  input: Input,
  positional: ['vm'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm restore web-01', '/vm restore web-01 --name web-02 --no-start'],
  facts: Facts,
  look: async (input: z.infer<typeof Input>, context: ReadContext) => {
    const vm = trashedVm(context.rows, input.vm, context.team, context.clock.now(), input.id);
    await refresh(context, [vm.host], 60_000);
    return null;
  },
  plan,
  steps: (facts, driver) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    return [
      ...facts.volumes.map((volume) => renameVolume(at, volume, `Take ${volume.to} out of the trash`)),
      ...(facts.seed === null
        ? []
        : [renameFile(at, facts.seed.path, facts.seed.to, 'Take the seed out of the trash')]),
      defineDomain(at, facts.xml),
      ...(facts.start ? [beRunning(at, 'off')] : []),
    ];
  },
  begin: (facts, rows) => {
    const vm = rows.vms.byId(facts.vmId);
    if (vm === null || vm.life !== 'trashed')
      throw new BotError('wrong_state', `${fullName(facts)} is not in the trash any more`);
    rows.vms.update(facts.vmId, { life: 'creating', name: facts.name, domainName: facts.domainName });
  },
  settle: (facts, end, rows, _outputs, now) => {
    const vm = rows.vms.byId(facts.vmId);
    if (vm === null) return;
    if (end === 'failed') rows.vms.update(facts.vmId, { life: 'trashed', ...facts.before });
    if (end === 'stuck') rows.vms.update(facts.vmId, { life: 'faulted' });
    if (end !== 'succeeded') return;
    const back = new Map(facts.volumes.map(({ name, to }) => [name, to]));
    rows.vms.update(facts.vmId, {
      life: 'live',
      trashedAt: null,
      xml: null,
      disks: vm.disks.map((disk) => ({ ...disk, volume: back.get(disk.volume) ?? disk.volume })),
      seed: facts.seed?.to ?? null,
    });
    if (facts.start) sawState(rows, facts.vmId, 'running', 'booted', now);
    else sawState(rows, facts.vmId, 'shut off', '', now);
  },
  report: (facts, rows) => vmReport(facts.vmId, rows),
});

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<Facts> {
  const { rows, settings } = context;
  const vm = trashedVm(rows, input.vm, context.team, context.now, input.id);
  if (vm.xml === null) {
    throw new BotError(
      'wrong_state',
      `${fullName(vm)} was deleted after its host had lost its domain: there is no definition to restore`,
      {
        hint: 'Its volumes are still there: an admin can make a VM of them with `/vm create --disk`.',
      },
    );
  }
  const name = input.name ?? vm.name;
  // One that was adopted may have a domain of another name.
  const names = { team: vm.team, name, domainName: name === vm.name ? vm.domainName : `${vm.team}-${name}` };
  const taken = rows.vms.byName(vm.team, name) ?? rows.vms.byDomainName(names.domainName);
  if (taken !== null) {
    throw new BotError('already_exists', `${fullName(taken)} took the name meanwhile`, {
      field: 'name',
      hint: `Restore it under another: \`/vm restore ${vm.name} --name ${vm.name}-old\`.`,
    });
  }
  const wants = amountsOf([vm]);
  // Its disks never left the host: only CPUs and memory need room again.
  chooseHost(rows, settings, { wants: { ...wants, diskBytes: 0 }, only: vm.host, opId: context.opId, lacks: () => [] });
  return {
    facts: {
      ...factsOf(vm),
      name,
      domainName: names.domainName,
      before: { name: vm.name, domainName: vm.domainName },
      xml: name === vm.name ? vm.xml : context.driver.domains.renameInXml(vm.xml, names),
      start: input.start,
      volumes: ownVolumes(vm).map(({ vg, volume }) => ({ vg, name: volume, to: untrashed(volume) })),
      seed: vm.seed === null ? null : { path: vm.seed, to: vm.seed.replace(/\.trash$/, '') },
    },
    title: `Restore ${fullName(names)}`,
    verb: 'Restore',
    team: vm.team,
    subject: `vm:${fullName(names)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock({ id: vm.id, ...names }), `trash:${vm.id}`],
    adds: wants,
    notes: [`It was deleted ${ago(vm.trashedAt ?? context.now, context.now)}, on ${vm.host}.`],
  };
}
