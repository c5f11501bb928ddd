import { fullBackupName, nextNumber, storedBytes } from '../../../domain/backup.ts';
import { BotError } from '../../../domain/error.ts';
import { formatSize } from '../../../domain/size.ts';
import { CONSISTENCY_WORDS } from '../../../domain/snapshot.ts';
import { consistencyTaken } from '../../snapshot/common.ts';
import { defineChange } from '../../spec.ts';
import type { Rows } from '../../store.ts';
import { settleLife } from '../common.ts';
import { baseOf, changedText, Facts, filesOf, Input, markerOf } from './now-facts.ts';
import { look, plan } from './now-plan.ts';
import { steps } from './now-steps.ts';

export const backupNow = defineChange({
  name: 'vm.backup.now',
  summary: 'Store a VM’s disks and definition on the backup target: all of it, or what has changed since the last',
  details:
    'All disks are caught at one point, as a snapshot does it; then each is copied, compressed, while the VM goes on. The copy outlives host and VM: `/vm backup restore` makes a new VM of it, or puts the disks back. One backup at a time is made on a host. Where the thin pool can tell what has changed since the last backup, only that is read and stored, and the backup builds on the last one; each seventh (`backups.full_every`) is a full one, and so is one with `--full`. For that the snapshot of the newest backup stays in the pool.',
  input: Input,
  positional: ['vm'],
  permission: 'operate',
  risk: 'safe',
  examples: ['/vm backup now web-01', '/vm backup now web-01 --full'],
  facts: Facts,
  look,
  plan,
  steps,
  begin: (facts, rows, now) => {
    const { vmId, team, name, host, directory, origin, consistency, madeBy } = facts;
    mustStillBeThere(facts, rows);
    const namesakes = rows.backups.list(team).filter(({ vmName }) => vmName === name);
    rows.backups.insert({
      id: facts.backupId,
      vmId,
      team,
      vmName: name,
      number: nextNumber(namesakes),
      host,
      directory,
      origin,
      state: 'making',
      consistency,
      encryptedTo: facts.encryptedTo,
      disks: facts.disks.map(({ target, sizeBytes }, index) => ({
        target,
        sizeBytes,
        heldBytes: facts.held[index] ?? sizeBytes,
      })),
      vm: facts.was,
      files: [],
      madeBy,
      takenAt: now,
      verifiedAt: null,
      parent: facts.since?.id ?? null,
      base: null,
      marker: null,
    });
  },
  settle: (facts, end, rows, outputs) => {
    settleLife(rows, facts.vmId, end);
    if (end === 'failed') return rows.backups.forget(facts.backupId);
    if (end === 'stuck') return rows.backups.update(facts.backupId, { state: 'faulted' });
    rows.backups.update(facts.backupId, {
      state: 'ready',
      consistency: consistencyTaken(facts, outputs) ?? 'crash',
      files: filesOf(outputs),
      marker: markerOf(facts, outputs),
    });
    for (const { id } of facts.bases) rows.backups.keepBase(id, null);
    if (facts.keepsBase) rows.backups.keepBase(facts.backupId, baseOf(facts));
  },
  report: (facts, rows, _settings, outputs) => {
    const backup = rows.backups.byId(facts.backupId);
    if (backup === null) return { facts: [], buttons: [] };
    const input = { backup: fullBackupName(backup) };
    return {
      facts: [
        { name: 'Backup', value: fullBackupName(backup) },
        { name: 'Kind', value: CONSISTENCY_WORDS[backup.consistency] },
        ...(facts.since === null
          ? []
          : [
              {
                name: 'Changed',
                value: `${changedText(facts, outputs)} since ${facts.since.name}, which it builds on`,
              },
            ]),
        { name: 'Stored', value: `${formatSize(storedBytes(backup))} in ${facts.directory}` },
      ],
      buttons: [{ label: 'Verify', press: { do: 'run', name: 'vm.backup.verify', input } }],
    };
  },
});

/** What it builds on may have been deleted, or given up, since it was planned. */
function mustStillBeThere({ since }: Facts, rows: Rows): void {
  if (since === null || rows.backups.byId(since.id)?.base?.snapshot === since.base.snapshot) return;
  throw new BotError('conflict', `${since.name}, which it was to build on, is not there any more`, {
    hint: 'Ask again: it will be a full one.',
  });
}
