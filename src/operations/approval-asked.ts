import { approvers } from '../domain/access.ts';
import type { Inline, Notice } from '../domain/notice.ts';
import type { Settings } from '../domain/settings.ts';
import { planNotice } from './card.ts';
import type { ApprovalRow, OperationRow } from './store.ts';

/** Where those who may approve it read; null where no channel is theirs. */
export function approversPlace(
  { origin, team }: OperationRow,
  from: ApprovalRow['from'],
  settings: Settings,
): string | null {
  if (hasOpenCard(origin.channel)) return origin.channel;
  const { admin } = settings.channels;
  const own = settings.teams.find(({ name }) => name === team)?.channel ?? null;
  return from === 'admin' ? (admin ?? own) : (own ?? admin);
}

/** A card in a channel is seen by others; one in a person's own place, or none, is not. */
export function hasOpenCard(channel: string | null): boolean {
  return channel !== null && !channel.startsWith('@');
}

/**
 * What those are told who may approve what was asked for where they don't see it, with the plan that they approve. Null where they see
 * its card, or where there is no place to tell them.
 */
export function approvalAsked(
  row: OperationRow,
  approval: ApprovalRow,
  settings: Settings,
): { readonly to: string; readonly notice: Notice } | null {
  const to = approversPlace(row, approval.from, settings);
  if (to === null || hasOpenCard(row.origin.channel)) return null;
  const plan = planNotice(row.plan, settings);
  return {
    to,
    notice: {
      ...plan,
      tone: 'wait',
      title: `${row.plan.title}: waits for approval`,
      lines: [
        whoMay(row, approval, settings),
        ...(row.reason === '' ? [] : [`Reason: ${row.reason}`]),
        ...(plan.lines ?? []),
      ],
      buttons: [
        { label: 'Approve', press: { do: 'approve', op: row.id, digest: approval.digest }, style: 'primary' },
        { label: 'Deny', press: { do: 'deny', op: row.id, digest: approval.digest }, style: 'danger' },
      ],
    },
  };
}

/** Those who may approve it, mentioned, with who asked and until when. */
export function whoMay(row: OperationRow, { from, expiresAt }: ApprovalRow, settings: Settings): Inline[] {
  const names = approvers(settings, from, row.team, row.person);
  return [
    ...(names.length === 0 ? ['Nobody may approve it, have an admin change that'] : mentions(settings, names)),
    ': it was asked for by ',
    { person: row.person, slack: row.slack },
    ' and ends ',
    { at: expiresAt },
    '.',
  ];
}

/** People of the config, mentioned. */
export function mentions(settings: Settings, names: readonly string[]): Inline[] {
  return names
    .slice(0, 8)
    .flatMap((name, index): Inline[] => [
      ...(index === 0 ? [] : [', ']),
      { person: name, slack: settings.people.find((person) => person.name === name)?.slack ?? null },
    ]);
}
