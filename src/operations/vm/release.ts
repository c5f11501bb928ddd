import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import type { VolumeSeen } from '../../domain/inventory.ts';
import { vmTag } from '../../domain/marks.ts';
import { NOTHING } from '../../domain/plan.ts';
import { fullName } from '../../domain/vm.ts';
import type { NamedMarks } from '../mark-verbs.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../spec.ts';
import { unmarkDomain, unmarkVolume } from '../steps/marks.ts';
import { liveVm } from '../vm-ref.ts';
import { factsOf, lookAtVm, settleLife, VmFacts, VmField, vmLock } from './common.ts';
import { powerOf } from './power.ts';

const Input = z.strictObject({ vm: VmField });

const Facts = VmFacts.extend({
  domainName: z.string(),
  on: z.boolean(),
  marks: z.object({
    op: z.string(),
    vm: z.string(),
    team: z.string(),
    name: z.string(),
    domain: z.string().optional(),
  }),
  volumes: z.array(z.object({ vg: z.string(), name: z.string(), tags: z.array(z.string()) })),
});
type Facts = z.infer<typeof Facts>;

interface Looked {
  readonly on: boolean;
  readonly marks: NamedMarks | null;
  readonly volumes: readonly VolumeSeen[];
}

export const vmRelease = defineChange({
  name: 'vm.release',
  summary: 'Let go of a VM: it goes on as it is, and Hostler forgets it',
  details:
    'The way back from `/vm adopt`: Hostler’s marks are taken off its domain and its volumes, and the team’s quota is free again. The domain and its disks stay as they are; from then on it is drift.',
  input: Input,
  positional: ['vm'],
  permission: 'platform',
  risk: 'safe',
  examples: ['/vm release web-01'],
  facts: Facts,
  look: async (input: z.infer<typeof Input>, context: ReadContext): Promise<Looked> => {
    const { rows, fleet, driver, settings, team } = context;
    const vm = liveVm(rows, input.vm, team);
    const { domain } = await lookAtVm(input.vm, context);
    const vg = settings.hosts.find(({ name }) => name === vm.host)?.vg ?? vm.disks[0]?.vg ?? '';
    const marks = await fleet.run(vm.host, driver.domains.marksOf(vm.uuid));
    if (marks.outcome !== 'done') throw marks.error;
    const volumes = await fleet.run(vm.host, driver.volumes.byTag(vg, vmTag(vm.id)));
    if (volumes.outcome !== 'done') throw volumes.error;
    return { on: powerOf(domain.state) !== 'off', marks: marks.value, volumes: volumes.value };
  },
  plan,
  // Its row goes last: until then no sweep takes the domain for a stranger.
  steps: ({ volumes, marks, on, ...facts }, driver) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    const { domain, ...names } = marks;
    return [
      ...volumes.map((volume) => unmarkVolume(at, volume, volume.tags)),
      unmarkDomain(at, { ...names, ...(domain === undefined ? {} : { domain }) }, facts.domainName, on),
    ];
  },
  begin: () => undefined,
  settle: ({ vmId }, end, rows) => {
    settleLife(rows, vmId, end);
    if (end !== 'succeeded') return;
    rows.watch.forget(vmId);
    rows.snapshots.setHead(vmId, null);
    rows.snapshots.endSchedule(vmId);
    // As if it had never been: its UUID and its name are free for whoever adopts it next.
    rows.vms.update(vmId, { life: 'creating' });
    rows.vms.forget(vmId);
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext, { on, marks, volumes }: Looked): Draft<Facts> {
  const { rows, team } = context;
  const vm = liveVm(rows, input.vm, team);
  const name = fullName(vm);
  const no = (why: string, hint: string) => new BotError('wrong_state', `${name} can’t be let go of: ${why}`, { hint });
  if (marks === null || marks.vm !== vm.id)
    throw no('its domain does not bear its marks', `See \`virsh dumpxml\` on ${vm.host}.`);
  if (vm.seed !== null)
    throw no('Hostler made it: its seed lies in Hostler’s directory', 'What Hostler made, `/vm delete` removes.');
  const snapshots = rows.snapshots.of(vm.id);
  if (snapshots.length > 0)
    throw no(
      `it has ${snapshots.length} ${snapshots.length === 1 ? 'snapshot' : 'snapshots'}`,
      `Delete them first: \`/snapshot list ${name}\`.`,
    );
  if (rows.backups.list(vm.team).some(({ vmId }) => vmId === vm.id))
    throw no('it has backups, which are of no use without it', `\`/vm backup list ${name}\` shows them.`);
  if (rows.detached.of(vm.id).length > 0)
    throw no('a disk that was taken out of it lies in the trash', `\`/vm disk list ${name}\` shows it.`);
  return {
    facts: {
      ...factsOf(vm),
      domainName: vm.domainName,
      on,
      marks,
      volumes: volumes.map(({ vg, name: volume, tags }) => ({
        vg,
        name: volume,
        tags: tags.filter((tag) => tag.startsWith('hostler.')),
      })),
    },
    title: `Let go of ${name}`,
    verb: 'Let go',
    team: vm.team,
    subject: `vm:${name}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'safe',
    locks: [vmLock(vm)],
    adds: NOTHING,
    notes: [
      `Domain ${vm.domainName} and its disks stay on ${vm.host} as they are. Hostler looks after them no more, and ${vm.team} can’t reach them through it.`,
    ],
  };
}
