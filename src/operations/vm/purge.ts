import { z } from 'zod';
import { shortName } from '../../domain/disk.ts';
import { snapTag, vmTag } from '../../domain/marks.ts';
import { NOTHING } from '../../domain/plan.ts';
import { formatSize } from '../../domain/size.ts';
import { diskBytes, fullName, type Vm } from '../../domain/vm.ts';
import type { Driver } from '../driver.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { defineDomain, undefineDomain } from '../steps/domains.ts';
import { purgeFile, purgeVolume } from '../steps/volumes.ts';
import type { Rows } from '../store.ts';
import { trashedVm } from '../vm-ref.ts';
import { basesOf } from './backup/increment.ts';
import { factsOf, TrashedField, TrashedId, VmFacts } from './common.ts';
import { ownVolumes } from './delete.ts';

const Input = z.strictObject({ vm: TrashedField, id: TrashedId });

/** What the steps that remove a VM from the trash need to know. */
export const PurgeFacts = VmFacts.extend({
  /** Its disks, and those that were detached from it before. */
  volumes: z.array(z.object({ vg: z.string(), name: z.string() })),
  seed: z.string().nullable(),
  /** Its snapshots go with it. */
  snapshots: z.array(z.object({ id: z.string(), volumes: z.array(z.object({ vg: z.string(), name: z.string() })) })),
  /** Its definition, where it holds NVRAM that only libvirt can remove; else null. */
  nvramXml: z.string().nullable(),
});
export type PurgeFacts = z.infer<typeof PurgeFacts>;

export const vmPurge = defineChange({
  name: 'vm.purge',
  summary: 'Remove a deleted VM for good, with its disks',
  details: 'There is no way back. Without it the trash is emptied when the retention is over.',
  input: Input,
  positional: ['vm'],
  permission: 'delete',
  risk: 'destructive',
  examples: ['/vm purge web-01'],
  facts: PurgeFacts,
  look: async () => null,
  plan,
  steps: purgeSteps,
  begin: () => undefined,
  settle: (facts, end, rows) => {
    if (end === 'succeeded') settlePurged(facts, rows);
  },
});

/** All that is left of a VM in the trash, for its purge. */
export function purgeFacts(vm: Vm, rows: Rows): PurgeFacts {
  return {
    ...factsOf(vm),
    volumes: [...ownVolumes(vm), ...rows.detached.of(vm.id)].map(({ vg, volume }) => ({ vg, name: volume })),
    seed: vm.seed,
    // What is kept of backups for the next one is a snapshot as well.
    snapshots: [
      ...rows.snapshots.of(vm.id),
      ...basesOf(rows, vm.id).map(({ base }) => ({ id: base.snapshot, disks: base.disks })),
    ].map(({ id, disks }) => ({ id, volumes: disks.map(({ vg, volume }) => ({ vg, name: volume })) })),
    nvramXml: vm.xml?.includes('<nvram') === true ? vm.xml : null,
  };
}

/** Removes a VM from the trash for good. */
export function purgeSteps(facts: PurgeFacts, driver: Driver): Step[] {
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
}

/** The rows of a VM that is gone for good. */
export function settlePurged(facts: PurgeFacts, rows: Rows): void {
  for (const { id } of facts.snapshots) rows.snapshots.forget(id);
  rows.snapshots.setHead(facts.vmId, null);
  rows.snapshots.endSchedule(facts.vmId);
  for (const { volume } of rows.detached.of(facts.vmId)) rows.detached.forget(facts.vmId, volume);
  rows.backups.endSchedule(facts.vmId);
  for (const { id } of basesOf(rows, facts.vmId)) rows.backups.keepBase(id, null);
  rows.vms.update(facts.vmId, { life: 'purged', disks: [], seed: null, xml: null });
  rows.watch.forget(facts.vmId);
}

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<PurgeFacts> {
  const vm = trashedVm(context.rows, input.vm, context.team, context.now, input.id);
  const snapshots = context.rows.snapshots.of(vm.id);
  const detached = context.rows.detached.of(vm.id);
  return {
    facts: purgeFacts(vm, context.rows),
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
