import { z } from 'zod';
import { fullBackupName } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { snapTag, vmTag } from '../../../domain/marks.ts';
import { NOTHING } from '../../../domain/plan.ts';
import type { HostSettings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import { HostField, hostOf } from '../../host-ref.ts';
import { refresh } from '../../observe.ts';
import { DropFacts, dropFacts, dropSteps, settleDropped } from '../../snapshot/delete.ts';
import { type Draft, defineChange, type PlanContext, type ReadContext } from '../../spec.ts';
import { measurePool } from '../../steps/pools.ts';
import { purgeVolume } from '../../steps/volumes.ts';
import { factsOf, VmFacts, vmLock } from '../../vm/common.ts';
import { PurgeFacts, purgeFacts, purgeSteps, settlePurged } from '../../vm/purge.ts';
import {
  keepMeasured,
  lookAtPool,
  measuredPool,
  PoolFacts,
  poolDraft,
  poolLock,
  poolName,
  poolReport,
  usedBytes,
} from './common.ts';
import { firstOf, linesFor, type Reclaimable, reclaimable } from './reclaim-plan.ts';

const Input = z.strictObject({
  host: HostField,
  trash: z
    .boolean()
    .default(false)
    .meta({ title: 'All trash', description: 'All that lies in the trash, its time over or not' }),
});

const Facts = PoolFacts.extend({
  snapshots: z.array(DropFacts),
  disks: z.array(VmFacts.extend({ vg: z.string(), volume: z.string() })),
  vms: z.array(PurgeFacts),
  bases: z
    .array(
      z.object({ id: z.string(), tag: z.string(), volumes: z.array(z.object({ vg: z.string(), name: z.string() })) }),
    )
    .default([]),
});
type Facts = z.infer<typeof Facts>;

export const poolReclaim = defineChange({
  name: 'storage.pool.reclaim',
  summary: 'Drop what a pool holds past its time: snapshots, and what lies in the trash',
  details:
    'What schedules give up, what operations kept before a change for longer than they may, and VMs and disks that were in the trash for longer than the retention: at once, not at the hour. Also what is kept of backups for the next one, which is a full one then. With --trash, all that lies in the trash. Never a protected snapshot, nor the last one of a team. There is no way back.',
  input: Input,
  positional: ['host'],
  permission: 'platform',
  risk: 'destructive',
  examples: ['/storage pool reclaim kvm-1', '/storage pool reclaim kvm-1 --trash'],
  facts: Facts,
  look: async (input: z.infer<typeof Input>, context: ReadContext) => {
    const host = hostOf(context.settings, input.host);
    await lookAtPool(host, context);
    await refresh(context, [host.name], 60_000);
    return null;
  },
  plan,
  steps: ({ host, vg, pool, snapshots, disks, vms, bases }, driver) => {
    const at = { driver, host };
    return [
      measurePool(at, { vg, name: pool }, 'before'),
      ...snapshots.flatMap((facts) => dropSteps(facts, driver)),
      ...disks.map((disk) => purgeVolume(at, { vg: disk.vg, name: disk.volume, tag: vmTag(disk.vmId) })),
      ...bases.flatMap(({ tag, volumes }) => volumes.map((volume) => purgeVolume(at, { ...volume, tag }))),
      // Each VM has a definition to be rid of, and those steps bear no name of theirs.
      ...vms.flatMap((facts) =>
        purgeSteps(facts, driver).map((step) => ({ ...step, name: `${step.name}@${facts.vmId}` })),
      ),
      measurePool(at, { vg, name: pool }, 'after'),
    ];
  },
  begin: () => undefined,
  settle: (facts, end, rows, outputs) => {
    for (const snapshot of facts.snapshots) settleDropped(snapshot, end, rows);
    if (end !== 'succeeded') return;
    for (const { vmId, volume } of facts.disks) rows.detached.forget(vmId, volume);
    for (const vm of facts.vms) settlePurged(vm, rows);
    for (const { id } of facts.bases) rows.backups.keepBase(id, null);
    keepMeasured(facts, rows, outputs);
  },
  report: (facts, _rows, _settings, outputs) => {
    const [before, after] = [measuredPool(outputs, 'before'), measuredPool(outputs, 'after')];
    const back = before === null || after === null ? null : Math.max(0, usedBytes(before) - usedBytes(after));
    const report = poolReport(facts, outputs);
    return {
      ...report,
      facts: [...(back === null ? [] : [{ name: 'Came back', value: formatSize(back) }]), ...report.facts],
    };
  },
});

function plan(input: z.infer<typeof Input>, context: PlanContext): Draft<Facts> {
  const { rows, settings, now } = context;
  const host = hostOf(settings, input.host);
  const found = reclaimable(rows, settings, host, input.trash, now);
  const { snapshots, disks, vms, bases, left } = firstOf(found);
  const lines = linesFor(
    { snapshots, disks, vms, bases },
    rows,
    rows.hosts.find(host.name)?.observation?.volumes ?? [],
  );
  if (lines.length === 0) throw nothing(input.trash, host, found, context);
  const most = lines.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    ...poolDraft(host),
    facts: {
      host: host.name,
      vg: host.vg,
      pool: host.pool,
      snapshots: snapshots.map(({ vm, snapshot }) => dropFacts(vm, snapshot)),
      disks: disks.map(({ vm, disk }) => ({ ...factsOf(vm), vg: disk.vg, volume: disk.volume })),
      vms: vms.map((vm) => purgeFacts(vm, rows)),
      bases: bases.map(({ backup, base }) => ({
        id: backup.id,
        tag: snapTag(base.snapshot),
        volumes: base.disks.map(({ vg, volume }) => ({ vg, name: volume })),
      })),
    },
    title: `Drop ${lines.length === 1 ? 'one thing' : `${lines.length} things`} from ${poolName(host)}`,
    verb: 'Drop',
    risk: 'destructive',
    locks: [
      poolLock(host, 'reclaim'),
      ...new Set([...snapshots, ...disks].map(({ vm }) => vmLock(vm))),
      ...vms.map(({ id }) => `trash:${id}`),
      ...bases.map(({ backup }) => `backup:${fullBackupName(backup)}`),
    ],
    adds: NOTHING,
    notes: [
      'There is no way back.',
      ...lines.map(({ text, bytes }) => `- ${text}: ${formatSize(bytes)} at most`),
      `${formatSize(most)} at most come back: what others share with it stays.`,
      ...found.spared.map((why) => `Stays: ${why}.`),
      ...(left === 0 ? [] : [`${left} more are left for another time: one plan has room for so many.`]),
    ],
  };
}

/** The refusal where nothing may go: what else lies there. */
function nothing(trash: boolean, host: HostSettings, { spared }: Reclaimable, context: PlanContext): BotError {
  const { rows, settings, now } = context;
  const all = trash ? null : reclaimable(rows, settings, host, true, now);
  const more = all === null ? 0 : all.vms.length + all.disks.length;
  const why = spared.length === 0 ? '' : ` (${spared.join('; ')})`;
  const which = trash ? 'in the trash or past its time' : 'past its time';
  return new BotError('wrong_state', `${poolName(host)} holds nothing ${which} that may go${why}`, {
    hint:
      more > 0
        ? `${more} ${more === 1 ? 'thing lies' : 'things lie'} in the trash: \`/storage pool reclaim ${host.name} --trash\` empties it.`
        : `Trim guests or extend it: \`/storage pool show ${host.name}\` has the buttons.`,
  });
}
