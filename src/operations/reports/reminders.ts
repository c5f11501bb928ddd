import { shortName } from '../../domain/disk.ts';
import type { Notice, Text } from '../../domain/notice.ts';
import type { Settings } from '../../domain/settings.ts';
import { fullName } from '../../domain/vm.ts';
import { whoMay } from '../approval-asked.ts';
import type { ApprovalRow, OperationRow, Rows } from '../store.ts';

/** Half of an approval's time is over and nobody has decided. */
export function isOverdue({ createdAt, expiresAt }: ApprovalRow, now: number): boolean {
  return now >= createdAt + (expiresAt - createdAt) / 2;
}

/** Reminds those who may approve. */
export function approvalReminder(approval: ApprovalRow, row: OperationRow, settings: Settings): Notice {
  const press = (what: 'approve' | 'deny') => ({ do: what, op: row.id, digest: approval.digest }) as const;
  return {
    tone: 'wait',
    title: `${row.plan.title} still waits for approval`,
    lines: [whoMay(row, approval, settings)],
    buttons: [
      { label: 'Approve', press: press('approve'), style: 'primary' },
      { label: 'Deny', press: press('deny'), style: 'danger' },
    ],
  };
}

/** A VM, or a disk of one that is not, in the trash. */
export interface Trashed {
  /** `team/name`, for a disk with its own: `team/name d1`. */
  readonly name: string;
  readonly kind: 'VM' | 'disk';
  readonly trashedAt: number;
  /** What brings it back. */
  readonly back: { readonly name: string; readonly input: Readonly<Record<string, unknown>> };
}

/** All of a team's that is in the trash. Disks of a VM in the trash go with it. */
export function trashOf(team: string, rows: Rows): readonly Trashed[] {
  const vms = rows.vms.trashed(team, null).map(
    (vm): Trashed => ({
      name: fullName(vm),
      kind: 'VM',
      trashedAt: vm.trashedAt ?? 0,
      back: { name: 'vm.restore', input: { vm: fullName(vm), id: vm.id } },
    }),
  );
  const disks = rows.detached.of(null).flatMap(({ vmId, volume, detachedAt }): Trashed[] => {
    const vm = rows.vms.byId(vmId);
    if (vm === null || vm.team !== team || vm.life !== 'live') return [];
    const disk = shortName(volume);
    const back = { name: 'vm.disk.restore', input: { vm: fullName(vm), disk } };
    return [{ name: `${fullName(vm)} ${disk}`, kind: 'disk', trashedAt: detachedAt, back }];
  });
  return [...vms, ...disks];
}

/** Tells a team what will be purged, while it can still be restored. */
export function trashReminder(trash: readonly Trashed[], settings: Settings): Notice {
  const many = (['VM', 'disk'] as const).flatMap((kind) => {
    const { length } = trash.filter((each) => each.kind === kind);
    return length === 0 ? [] : [length === 1 ? `a ${kind}` : `${length} ${kind}s`];
  });
  const what = many.join(' and ');
  return {
    tone: 'warn',
    title: `${what.charAt(0).toUpperCase()}${what.slice(1)} will be purged from the trash`,
    lines: trash
      .slice(0, 20)
      .map(
        ({ name, kind, trashedAt }): Text => [
          { bold: name },
          kind === 'VM' ? ', deleted ' : ', detached ',
          { at: trashedAt },
          ', is purged after ',
          { at: trashedAt + settings.trashMs },
          '. Its data is gone then.',
        ],
      ),
    buttons: trash.slice(0, 5).map(({ name, back }) => ({
      label: `Restore ${name}`.slice(0, 70),
      press: { do: 'open', ...back } as const,
    })),
  };
}

/** What to remind of now: what comes within two days of its purge since the last time, each once. */
export function purgedSoon(
  trash: readonly Trashed[],
  settings: Settings,
  before: number | null,
  at: number,
): readonly Trashed[] {
  const AHEAD_MS = 2 * 86_400_000;
  return trash.filter(({ trashedAt }) => {
    const purgeAt = trashedAt + settings.trashMs;
    const told = before !== null && purgeAt <= before + AHEAD_MS && trashedAt <= before;
    return purgeAt > at && purgeAt <= at + AHEAD_MS && !told;
  });
}
