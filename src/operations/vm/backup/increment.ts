/** Whether a backup holds all of the disks, or what has changed since the last one; and why. */
import { type Backup, type BackupBase, backupPaths, fullBackupName } from '../../../domain/backup.ts';
import { chainIsOver, readyChain } from '../../../domain/backup-chain.ts';
import { poolOf } from '../../../domain/pool.ts';
import { COMFORT_PERCENT } from '../../../domain/pool-growth.ts';
import type { HostSettings, Settings } from '../../../domain/settings.ts';
import { fullName, type Vm } from '../../../domain/vm.ts';
import type { LookedAt } from '../../snapshot/common.ts';
import type { PlanContext, ReadContext } from '../../spec.ts';
import { both, inOne } from '../../steps/call.ts';
import type { Rows } from '../../store.ts';

/** What the host says of whether the next backup can build on the last; null where no earlier one is there to be built on. */
export interface AbleToBuildOn {
  readonly installed: boolean;
  readonly metadata: 'free' | 'ours' | 'held' | 'unknown';
  /** Files of the chain that the target does not have any more. */
  readonly gone: readonly string[];
}

/** The newest backup of the VM whose snapshot is kept on its host. */
function lastWithBase(rows: Rows, vm: Vm): (Backup & { readonly base: BackupBase }) | undefined {
  return rows.backups
    .list(vm.team)
    .flatMap((backup) => (backup.vmId === vm.id && backup.base !== null ? [{ ...backup, base: backup.base }] : []))
    .find(({ state }) => state !== 'making');
}

export async function lookAtChain(vm: Vm, context: ReadContext): Promise<AbleToBuildOn | null> {
  const { rows, settings, fleet, driver } = context;
  const last = lastWithBase(rows, vm);
  const host = settings.hosts.find(({ name }) => name === vm.host);
  if (last === undefined || host === undefined || settings.backups.fullEvery === 1) return null;
  const chain = readyChain(last, rows.backups.byId);
  const sums = chain.whole ? chain.backups.map((each) => backupPaths(each).sums) : [];
  const files = inOne('Look at the files of the last backups', sums.map(driver.files.look));
  const asked = await fleet.run(vm.host, both(driver.changes.look({ vg: host.vg, name: host.pool }), files));
  if (asked.outcome !== 'done') throw asked.error;
  const [able, seen] = asked.value;
  return { ...able, gone: sums.filter((_, at) => seen[at] === null) };
}

/** The backup that the next one builds on, or why it builds on none; that needs no words where there was none before. */
export type BuildsOn =
  | { readonly on: Backup & { readonly base: BackupBase }; readonly chain: readonly Backup[] }
  | { readonly on: null; readonly why: string | null };

export function buildsOn(
  vm: Vm,
  { full, directory, able, looked }: { full: boolean; directory: string; able: AbleToBuildOn | null; looked: LookedAt },
  { rows, settings }: Pick<PlanContext, 'rows' | 'settings'>,
): BuildsOn {
  const not = (why: string | null): BuildsOn => ({ on: null, why });
  if (settings.backups.fullEvery === 1) return not(null);
  const last = lastWithBase(rows, vm);
  if (last === undefined) return not(firstReason(rows, vm));
  if (full || able === null) return not('so it was asked for');
  if (last.host !== vm.host) return not(`the last one was made on ${last.host}`);
  if (last.directory !== directory) return not(`the last one lies in ${last.directory}`);
  if (last.encryptedTo !== settings.backups.encryptTo)
    return not('the last one is encrypted to another key, or to none');
  const chain = readyChain(last, rows.backups.byId);
  if (!chain.whole) return not(`${fullBackupName(last)} can’t be built on: ${chain.why}`);
  if (able.gone.length > 0) return not(`files of what it would build on are gone from ${directory}`);
  const over = chainIsOver(chain.backups, settings.backups.fullEvery);
  if (over !== null) return not(over);
  const targets = (disks: readonly { readonly target: string }[]) => disks.map(({ target }) => target).join();
  if (targets(last.base.disks) !== targets(vm.disks)) return not('its disks are others than then');
  const pool = settings.hosts.find(({ name }) => name === vm.host)?.pool;
  const here = (volume: string) => looked.volumes.some((each) => each.name === volume && each.pool === pool);
  if (!vm.disks.every(({ volume }) => here(volume))) return not(`not all of its disks are in pool ${pool ?? ''}`);
  if (!last.base.disks.every(({ volume }) => here(volume)))
    return not(`the snapshot that was kept of ${fullBackupName(last)} is gone`);
  if (!able.installed)
    return not(
      `${vm.host} has no thin_delta to tell what has changed: \`/host check ${vm.host}\` says where it comes from`,
    );
  if (able.metadata === 'held')
    return not(
      `something other than Hostler holds a snapshot of the pool’s metadata on ${vm.host}: see \`dmsetup status\` there`,
    );
  if (able.metadata === 'unknown') return not(`the pool of ${vm.host} does not tell what has changed`);
  return { on: last, chain: chain.backups };
}

/** Without an earlier one there is nothing to say. */
function firstReason(rows: Rows, vm: Vm): string | null {
  const any = rows.backups.list(vm.team).some(({ vmId, state }) => vmId === vm.id && state !== 'making');
  return any ? `no snapshot is kept of an earlier one of ${fullName(vm)}` : null;
}

/** Whether the snapshot stays for the next one: not where increments are off, nor where the pool could do without it. */
export function keepsBase(host: HostSettings | undefined, settings: Settings, rows: Rows): boolean {
  if (host === undefined || settings.backups.fullEvery === 1) return false;
  const observation = rows.hosts.find(host.name)?.observation ?? null;
  const pool = observation === null ? undefined : poolOf(host, observation);
  return (
    pool !== undefined && (pool.dataPercent ?? 100) < COMFORT_PERCENT && (pool.metadataPercent ?? 100) < COMFORT_PERCENT
  );
}

/** All that is kept of a VM's backups. */
export function basesOf(rows: Rows, vmId: string): readonly { readonly id: string; readonly base: BackupBase }[] {
  return rows.backups
    .list(null)
    .flatMap(({ id, vmId: of, base }) => (of === vmId && base !== null ? [{ id, base }] : []));
}
