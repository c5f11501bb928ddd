import { z } from 'zod';
import { ago } from '../../../domain/ago.ts';
import { fullBackupName, heldBytes } from '../../../domain/backup.ts';
import type { Settings } from '../../../domain/settings.ts';
import { formatSize } from '../../../domain/size.ts';
import { CONSISTENCY_WORDS } from '../../../domain/snapshot.ts';
import { diskBytes, fullName } from '../../../domain/vm.ts';
import { madeBackup } from '../../backup-ref.ts';
import { chooseHost } from '../../candidates.ts';
import type { Driver } from '../../driver.ts';
import { withinQuota } from '../../planning.ts';
import { roomInPool } from '../../pool-room.ts';
import type { Draft, End, PlanContext, Report } from '../../spec.ts';
import type { Step } from '../../step.ts';
import { awaitAddress, beRunning, defineDomain, setAutostart } from '../../steps/domains.ts';
import type { Rows } from '../../store.ts';
import { settleBirth } from '../birth.ts';
import { addressFrom, loginFacts, sawState, vmLock, vmReport } from '../common.ts';
import { wantsOf } from '../create-look.ts';
import { teamNamed } from '../flavor-of.ts';
import { beginMade, MadeOf, madeOf, unpackAll } from './made-of.ts';
import type { Looked, RestoreInput } from './restore.ts';

export const NewFacts = MadeOf.extend({ how: z.literal('new'), start: z.boolean(), addressMs: z.number() });
export type NewFacts = z.infer<typeof NewFacts>;

export const newVm = { steps, begin: beginMade, settle, report };

/** The plan of a VM that is made of a backup: room on a host that has the files, ids minted, the definition made its own. */
export function planNew(input: RestoreInput, context: PlanContext, { hosts }: Looked): Draft<NewFacts> {
  const { settings, rows } = context;
  const backup = madeBackup(rows, input.backup, context.team);
  const name = fullBackupName(backup);
  const team = teamNamed(settings, backup.team);
  const names = { team: team.name, name: input.as ?? '' };
  const { vcpus, memoryBytes } = backup.vm;
  const sizeBytes = diskBytes(backup);
  const wants = wantsOf({ vcpus, memoryBytes }, sizeBytes);
  withinQuota(team, wants, context.opId, rows);
  const placed = chooseHost(rows, settings, {
    wants,
    only: context.pinned ?? input.host ?? null,
    opId: context.opId,
    lacks: (host) =>
      hosts.includes(host.name)
        ? []
        : [{ why: `does not have the files of ${name}`, cure: `Mount ${backup.directory} there.` }],
  });
  const { host } = placed;
  const held = heldBytes(backup);
  roomInPool(context, host.name, held, `No room for ${fullName(names)}`);
  const made = madeOf(backup, { host, names }, context);
  return {
    facts: { how: 'new', ...made, start: input.start, addressMs: settings.addressMs },
    title: `Make ${fullName(names)} of backup ${name}`,
    verb: 'Restore',
    team: team.name,
    subject: `vm:${fullName(names)}`,
    host: host.name,
    vmId: made.vmId,
    risk: 'safe',
    locks: [vmLock({ id: made.vmId, ...names }), `backup:${name}`],
    adds: wants,
    notes: [
      `Its disks are those of ${new Date(backup.takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC (${ago(backup.takenAt, context.now)}). The backup is ${CONSISTENCY_WORDS[backup.consistency]}.`,
      `${vcpus} vCPU, ${formatSize(memoryBytes)} of memory, ${formatSize(sizeBytes)} of disk, of which about ${formatSize(held)} are unpacked`,
      ...placed.why,
      'It is another VM: its address is another, its drives are empty, and its firmware forgets what it was told. Inside, it is a copy with all secrets of the first.',
    ],
  };
}

function steps(facts: NewFacts, driver: Driver, settings: Settings, opId: string): Step[] {
  const { host, uuid, seed } = facts;
  const at = { driver, host, uuid, vm: fullName(facts) };
  return [
    ...unpackAll(facts, driver, settings, opId),
    defineDomain(at, facts.xml),
    ...(facts.autostart ? [setAutostart(at, true, false)] : []),
    ...(facts.start ? [beRunning(at, 'off')] : []),
    ...(facts.start && seed !== null ? [awaitAddress(at, facts.mac, facts.addressMs)] : []),
  ];
}

function settle(facts: NewFacts, end: End, rows: Rows, outputs: ReadonlyMap<string, unknown>, now: number): void {
  if (!settleBirth(rows, facts.vmId, end, addressFrom(outputs))) return;
  if (facts.start) sawState(rows, facts.vmId, 'running', 'booted', now);
  else sawState(rows, facts.vmId, 'shut off', '', now);
}

function report(facts: NewFacts, rows: Rows): Report {
  const vm = rows.vms.byId(facts.vmId);
  return vmReport(
    facts.vmId,
    rows,
    vm === null
      ? []
      : [
          { name: 'VM', value: fullName(vm) },
          { name: 'Host', value: vm.host },
          { name: 'Made of', value: facts.backup },
          ...(facts.start ? loginFacts(vm) : []),
        ],
  );
}
