import { type Backup, backupPaths, fullBackupName } from '../../domain/backup.ts';
import type { DrillVerdict } from '../../domain/drill.ts';
import { BotError } from '../../domain/error.ts';
import { formatSpan } from '../../domain/size.ts';
import { diskBytes, fullName, type Vm } from '../../domain/vm.ts';
import { chooseHost } from '../candidates.ts';
import { refreshBriefly } from '../observe.ts';
import type { ReadContext } from '../spec.ts';
import { wantsOf } from '../vm/create-look.ts';
import { teamNamed } from '../vm/flavor-of.ts';
import { newestBackup } from './common.ts';

/** Whether a VM could be restored if its host were lost, and what is missing to that. */
export interface Readiness {
  /** `team-01/web-01`. */
  readonly name: string;
  readonly host: string;
  readonly backup: { readonly name: string; readonly takenAt: number } | null;
  /** The other hosts that have the backup before them. */
  readonly hosts: readonly string[];
  readonly lastDrill: { readonly id: string; readonly verdict: DrillVerdict; readonly startedAt: number } | null;
  /** In people's words; empty where nothing is. */
  readonly missing: readonly string[];
}

/** Of these teams' VMs. Each host is asked once for all files. */
export async function readinessOf(teams: readonly string[], context: ReadContext): Promise<readonly Readiness[]> {
  const { rows, settings } = context;
  const vms = teams.flatMap((team) => rows.vms.list(team)).filter(({ life }) => life === 'live');
  const backups = new Map(vms.map((vm) => [vm.id, newestBackup(rows, vm)]));
  const sees = await whoSees(
    [...backups.values()].filter((one) => one !== undefined),
    context,
  );
  await refreshBriefly(
    context,
    settings.hosts.map(({ name }) => name),
  );
  const scheduled = new Set(rows.backups.schedules().map(({ vmId }) => vmId));
  return vms.map((vm) => readiness(vm, backups.get(vm.id), { sees, scheduled: scheduled.has(vm.id) }, context));
}

type Sees = (host: string, backup: Backup) => boolean | null;

/** Null: the host did not say. A backup’s file of checksums comes last when it is made, so where that is, the others are or were. */
async function whoSees(backups: readonly Backup[], { fleet, driver, settings }: ReadContext): Promise<Sees> {
  const sums = (backup: Backup) => backupPaths(backup).sums;
  if (backups.length === 0) return () => false;
  const found = new Map<string, ReadonlySet<string> | null>();
  await Promise.all(
    settings.hosts.map(async ({ name }) => {
      const asked = await fleet.run(name, driver.backups.sizes(backups.map(sums)));
      found.set(name, asked.outcome === 'done' ? new Set(asked.value.map(({ path }) => path)) : null);
    }),
  );
  return (host, backup) => {
    const seen = found.get(host);
    return seen === undefined || seen === null ? null : seen.has(sums(backup));
  };
}

function readiness(
  vm: Vm,
  backup: Backup | undefined,
  { sees, scheduled }: { readonly sees: Sees; readonly scheduled: boolean },
  context: ReadContext,
): Readiness {
  const { rows, settings, clock } = context;
  const drill = rows.drills.lastOf(vm.id);
  const { rpoMs } = teamNamed(settings, vm.team).dr;
  const others = settings.hosts.map(({ name }) => name).filter((name) => name !== vm.host);
  const hosts = backup === undefined ? [] : others.filter((name) => sees(name, backup) === true);
  const missing: string[] = [];
  if (backup === undefined) missing.push('no backup that is ready');
  else if (clock.now() - backup.takenAt > rpoMs) missing.push(`the backup is older than ${formatSpan(rpoMs)}`);
  if (!scheduled) missing.push('no schedule makes backups');
  if (backup !== undefined)
    missing.push(...(hosts.length === 0 ? [nobodySees(others, backup, sees)] : noRoom(backup, hosts, context)));
  if (drill === null) missing.push('never drilled');
  else if (drill.verdict !== 'passed')
    missing.push(`the last drill ${drill.verdict === 'failed' ? 'failed' : 'was broken off'}`);
  return {
    name: fullName(vm),
    host: vm.host,
    backup: backup === undefined ? null : { name: fullBackupName(backup), takenAt: backup.takenAt },
    hosts,
    lastDrill: drill === null ? null : { id: drill.id, verdict: drill.verdict, startedAt: drill.startedAt },
    missing,
  };
}

function nobodySees(others: readonly string[], backup: Backup, sees: Sees): string {
  if (others.length === 0) return 'there is no other host';
  const silent = others.filter((name) => sees(name, backup) === null);
  return silent.length === 0
    ? 'no other host sees the backup'
    : `no other host is known to see it (${silent.join(', ')} did not say)`;
}

/** Empty where one of the hosts has room. */
function noRoom(backup: Backup, hosts: readonly string[], { rows, settings }: ReadContext): string[] {
  const { vcpus, memoryBytes } = backup.vm;
  try {
    chooseHost(rows, settings, {
      wants: wantsOf({ vcpus, memoryBytes }, diskBytes(backup)),
      only: null,
      opId: '',
      lacks: ({ name }) => (hosts.includes(name) ? [] : [{ why: 'is left out', cure: '' }]),
    });
    return [];
  } catch (cause) {
    if (cause instanceof BotError && cause.code === 'no_capacity') return [`no room on ${hosts.join(', ')}`];
    throw cause;
  }
}
