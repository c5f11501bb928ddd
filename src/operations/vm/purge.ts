import { z } from 'zod';
import { shortName } from '../../domain/disk.ts';
import { snapTag, vmTag } from '../../domain/marks.ts';
import { NOTHING } from '../../domain/plan.ts';
import { formatSize } from '../../domain/size.ts';
import { diskBytes, fullName } from '../../domain/vm.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { defineDomain, undefineDomain } from '../steps/domains.ts';
import { purgeFile, purgeVolume } from '../steps/volumes.ts';
import { trashedVm } from '../vm-ref.ts';
import { factsOf, TrashedField, TrashedId, VmFacts } from './common.ts';
import { ownVolumes } from './delete.ts';

const Input = z.strictObject({ vm: TrashedField, id: TrashedId });

const Facts = VmFacts.extend({
  /** Its disks, and those that were detached from it before. */
  volumes: z.array(z.object({ vg: z.string(), name: z.string() })),
  seed: z.string().nullable(),
  /** Its snapshots go with it. */
  snapshots: z.array(z.object({ id: z.string(), volumes: z.array(z.object({ vg: z.string(), name: z.string() })) })),
  /** Its definition, where it holds NVRAM that only libvirt can remove; else null. */
  nvramXml: z.string().nullable(),
});
type Facts = z.infer<typeof Facts>;

export const vmPurge = defineChange({
  name: 'vm.purge',
  summary: 'Remove a deleted VM for good, with its disks',
  details: 'There is no way back. Without it the trash is emptied when the retention is over.',
  input: Input,
  positional: ['vm'],
  permission: 'delete',
  risk: 'destructive',
  examples: ['/vm purge web-01'],
  facts: Facts,
  look: async () => null,
  plan,
  steps: (facts, driver) => {
    const at = { driver, host: facts.host, uuid: facts.uuid, vm: fullName(facts) };
    return [
      ...(facts.nvramXml === null
        ? []
        : [
            defineDomain(at, facts.nvramXml, 'Define it once more, for libvirt to remove its NVRAM'),
            undefineDomain(at, false, facts.nvramXml),
          ]),
      ...facts.volumes.map((volume) => purgeVolume(at, { ...volume, tag: vmTag(facts.vmId) })),
      ...facts.snapshots.flatMap(({ id, volumes }) =>
        volumes.map((volume) => purgeVolume(at, { ...volume, tag: snapTag(id) })),
      ),
      ...(facts.seed === null ? [] : [purgeFile(at, facts.seed)]),
    ];
  },
  begin: () => undefined,
  settle: (facts, end, rows) => {
    if (end !== 'succeeded') return;
    for (const { id } of facts.snapshots) rows.snapshots.forget(id);
    rows.snapshots.setHead(facts.vmId, null);
    rows.snapshots.endSchedule(facts.vmId);
    for (const { volume } of rows.detached.of(facts.vmId)) rows.detached.forget(facts.vmId, volume);
    rows.vms.update(facts.vmId, { life: 'purged', disks: [], seed: null, xml: null });
    rows.watch.forget(facts.vmId);
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<Facts> {
  const vm = trashedVm(context.rows, input.vm, context.team, context.now, input.id);
  const snapshots = context.rows.snapshots.of(vm.id);
  const detached = context.rows.detached.of(vm.id);
  const disks = [...ownVolumes(vm), ...detached];
  return {
    facts: {
      ...factsOf(vm),
      volumes: disks.map(({ vg, volume }) => ({ vg, name: volume })),
      seed: vm.seed,
      snapshots: snapshots.map(({ id, disks }) => ({
        id,
        volumes: disks.map(({ vg, volume }) => ({ vg, name: volume })),
      })),
      nvramXml: vm.xml?.includes('<nvram') === true ? vm.xml : null,
    },
    title: `Purge ${fullName(vm)}`,
    verb: 'Purge',
    team: vm.team,
    subject: `vm:${fullName(vm)}`,
    host: vm.host,
    vmId: vm.id,
    risk: 'destructive',
    locks: [`trash:${vm.id}`],
    adds: NOTHING,
    notes: [
      `${formatSize(diskBytes({ disks: [...vm.disks, ...detached] }))} of disk are removed for good.`,
      ...(detached.length === 0
        ? []
        : [`So are disks that were detached from it: ${detached.map(({ volume }) => shortName(volume)).join(', ')}.`]),
      ...(snapshots.length === 0 ? [] : [`So are its snapshots: ${snapshots.map(({ name }) => name).join(', ')}.`]),
    ],
  };
}
