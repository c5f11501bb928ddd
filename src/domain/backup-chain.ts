/** Backups that build on one another: a full one, and behind it the changes since, each upon the one before. */
import { type Backup, fullBackupName, storedBytes } from './backup.ts';

/** All that a backup is restored of, the full one first and itself last; or why it can't be, in people's words. */
export type Chain =
  | { readonly whole: true; readonly backups: readonly [Backup, ...Backup[]] }
  | { readonly whole: false; readonly why: string };

type ById = (id: string) => Backup | null;

/** Without a look at the states of those in it: a chain that is there. */
export function chainOf(backup: Backup, byId: ById): Chain {
  let backups: readonly [Backup, ...Backup[]] = [backup];
  for (let { parent } = backup; parent !== null; ) {
    const found = byId(parent);
    const [first] = backups;
    if (found === null) return { whole: false, why: `what ${fullBackupName(first)} builds on is gone` };
    backups = [found, ...backups];
    ({ parent } = found);
  }
  return { whole: true, backups };
}

/** The chain of a backup that can be restored: itself and all that it builds on are ready. */
export function readyChain(backup: Backup, byId: ById): Chain {
  const chain = chainOf(backup, byId);
  if (!chain.whole) return chain;
  const bad = chain.backups.find(({ state }) => state !== 'ready');
  if (bad === undefined) return chain;
  return {
    whole: false,
    why: bad.id === backup.id ? `it is ${bad.state}` : `${fullBackupName(bad)}, which it builds on, is ${bad.state}`,
  };
}

/** Those that build on a backup, upon whatever lies in between. */
export function buildingOn(id: string, all: readonly Backup[]): readonly Backup[] {
  const direct = all.filter(({ parent }) => parent === id);
  return direct.flatMap((each) => [each, ...buildingOn(each.id, all)]);
}

/** What an increment may take of what the full one took: one above it saves little, and makes the way back longer. */
const MUCH = 0.6;

/** Why the next one had better be a full one; null where it need not. `every`: so many backups make a chain. */
export function chainIsOver(backups: readonly [Backup, ...Backup[]], every: number): string | null {
  const { length } = backups;
  if (length >= every) return `${length} backups build on one another, as many as may (\`backups.full_every\`)`;
  const [full] = backups;
  const last = backups.at(-1);
  if (last === undefined || last === full || storedBytes(last) <= MUCH * storedBytes(full)) return null;
  return `the last increment took more than ${MUCH * 100} % of what the full one takes`;
}
