import { type Backup, backupPaths, fullBackupName } from '../../../domain/backup.ts';
import { type Chain, chainOf, readyChain } from '../../../domain/backup-chain.ts';
import { BotError } from '../../../domain/error.ts';
import { readPlace } from '../../../domain/place.ts';
import type { Settings } from '../../../domain/settings.ts';
import type { TargetSeen } from '../../backup-verbs.ts';
import type { ReadContext } from '../../spec.ts';
import type { Rows } from '../../store.ts';

/** Copying takes disks and network of a host: one at a time. */
export function backupLock(host: string): string {
  return `backup:${host}`;
}

/** Throws where its disks, or those of one that it builds on, are encrypted to a key that the bot does not have. */
export function mustBeReadable(backup: Backup, settings: Settings, rows: Rows): void {
  const chain = chainOf(backup, rows.backups.byId);
  for (const each of chain.whole ? chain.backups : [backup]) haveKey(each, settings);
}

function haveKey(backup: Backup, { backups }: Settings): void {
  const { encryptedTo } = backup;
  if (encryptedTo === null || backups.readable.includes(encryptedTo)) return;
  throw new BotError('wrong_state', `Backup ${fullBackupName(backup)} is encrypted to ${encryptedTo}`, {
    hint: `The bot has ${backups.readable.length === 0 ? 'no key to read backups' : 'other keys'}: have an admin name the private key that belongs to it in \`backups.identity\`.`,
  });
}

/** The directory that backups go to. Throws where none is configured. */
export function targetOf({ backups }: Settings): string {
  if (backups.target !== null) return backups.target;
  throw new BotError('wrong_state', 'No target for backups is configured', {
    hint: 'Have an admin set `backups.target` in the configuration: a directory that every host has, such as one on an NFS share, or one of another machine.',
  });
}

/** The target as a host has it. Throws where it can't be written to. */
export async function lookAtTarget(
  host: string,
  directory: string,
  { fleet, driver }: Pick<ReadContext, 'fleet' | 'driver'>,
): Promise<TargetSeen> {
  const asked = await fleet.run(host, driver.backups.target(directory));
  if (asked.outcome !== 'done') throw asked.error;
  const { writable, freeBytes, unreached } = asked.value;
  if (unreached !== null) {
    throw new BotError('host_unreachable', `Host ${host} can’t reach ${directory}: ${unreached}`, {
      hint: `\`/host check ${host}\` says what it needs for that.`,
    });
  }
  if (writable && freeBytes !== null) return asked.value;
  throw new BotError('wrong_state', `Host ${host} has no directory ${directory} that backups can be written to`, {
    hint: `${readPlace(directory).remote === null ? 'Is the share mounted there? ' : ''}\`/host check ${host}\` says what it should be like.`,
  });
}

/**
 * The hosts that have a backup before them, of those that may be asked: its own first. Its file of checksums comes last when it is made, so
 * where that is, the others are or were. Throws where no host has it.
 */
export async function hostsWith(
  backup: Backup,
  only: string | null,
  { fleet, driver, settings }: Pick<ReadContext, 'fleet' | 'driver' | 'settings'>,
): Promise<readonly string[]> {
  const { sums } = backupPaths(backup);
  const names = settings.hosts.map(({ name }) => name).filter((name) => only === null || name === only);
  const asked = await Promise.all(names.map((name) => fleet.run(name, driver.files.look(sums))));
  const found = names.filter((_, index) => {
    const seen = asked[index];
    return seen?.outcome === 'done' && seen.value !== null;
  });
  if (found.length > 0) return found.toSorted((a, b) => Number(b === backup.host) - Number(a === backup.host));
  // Of a host that did not answer, nobody knows what it has.
  const silent = asked.find((seen) => seen.outcome !== 'done');
  if (silent !== undefined) throw silent.error;
  throw new BotError(
    'not_found',
    `${only === null ? 'No host has' : `Host ${only} does not have`} the files of backup ${fullBackupName(backup)}`,
    {
      hint: `They were written to ${backup.directory} on ${backup.host}: ${readPlace(backup.directory).remote === null ? 'is the share mounted' : 'are they still there'}?`,
    },
  );
}

/** All that a backup is restored of, the full one first. Throws where it can't be. */
export function chainToRestore(backup: Backup, rows: Rows): readonly Backup[] {
  const name = fullBackupName(backup);
  const chain = readyChain(backup, rows.backups.byId);
  if (chain.whole) return chain.backups;
  const before = rows.backups
    .list(backup.team)
    .find((each) => each.vmId === backup.vmId && each.id !== backup.id && readyChain(each, rows.backups.byId).whole);
  const other = before === undefined ? 'Take another one' : `Take another one, such as ${fullBackupName(before)}`;
  const bad = badIn(chainOf(backup, rows.backups.byId));
  throw new BotError('wrong_state', `Backup ${name} would bring back something else: ${chain.why}`, {
    hint:
      bad?.state === 'damaged'
        ? `${other}, or mend its files and verify it: \`/vm backup verify ${fullBackupName(bad)}\`.`
        : `${other}.`,
  });
}

function badIn(chain: Chain): Backup | undefined {
  return chain.whole ? chain.backups.find(({ state }) => state !== 'ready') : undefined;
}
