import type { Button, Notice, Text } from '../../domain/notice.ts';
import type { Settings, Team } from '../../domain/settings.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { mentions, whoMay } from '../approval-asked.ts';
import type { Operation } from '../spec.ts';
import type { ApprovalRow, OperationRow } from '../store.ts';

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

/** Tells a team what will be purged, while it can still be restored. */
export function trashReminder(vms: readonly Vm[], settings: Settings): Notice {
  return {
    tone: 'warn',
    title: vms.length === 1 ? 'A VM will be purged from the trash' : `${vms.length} VMs will be purged from the trash`,
    lines: vms
      .slice(0, 20)
      .map(
        (vm): Text => [
          { bold: fullName(vm) },
          ', deleted ',
          { at: vm.trashedAt ?? 0 },
          ', is purged after ',
          { at: (vm.trashedAt ?? 0) + settings.trashMs },
          '. Its data is gone then.',
        ],
      ),
    buttons: vms.slice(0, 5).map((vm) => ({
      label: `Restore ${fullName(vm)}`.slice(0, 70),
      press: { do: 'open', name: 'vm.restore', input: { vm: fullName(vm), id: vm.id } } as const,
    })),
  };
}

/** VMs to remind of now: those that come within two days of their purge since the last time, each once. */
export function purgedSoon(vms: readonly Vm[], settings: Settings, before: number | null, at: number): readonly Vm[] {
  const AHEAD_MS = 2 * 86_400_000;
  return vms.filter((vm) => {
    const trashedAt = vm.trashedAt ?? at;
    const purgeAt = trashedAt + settings.trashMs;
    const told = before !== null && purgeAt <= before + AHEAD_MS && trashedAt <= before;
    return purgeAt > at && purgeAt <= at + AHEAD_MS && !told;
  });
}

/** What a test of recovery consists of, until there is a command for each. */
const CHECKLIST = [
  'Choose a VM that matters, and say what loss of data and time you accept (RPO, RTO).',
  'Restore it beside the real one, on another host, from its last backup or snapshot.',
  'Start it without its network, log in, and see that its data is whole and how old it is.',
  'Write down how long it took, and who can do it.',
  'Delete what you made, and note what to do better.',
];

/** Asks a team each quarter to prove that it can recover. Only commands that there are get buttons. */
export function drReminder(team: Team, quarter: string, settings: Settings, catalog: readonly Operation[]): Notice {
  const [owner] = team.leads;
  const button = (label: string, name: string, how: 'run' | 'open'): Button[] =>
    catalog.some((operation) => operation.name === name) ? [{ label, press: { do: how, name, input: {} } }] : [];
  return {
    tone: 'wait',
    title: `Disaster recovery test of team ${team.name}, ${quarter}`,
    lines: [
      owner === undefined
        ? 'The team has no lead: an admin names who does it.'
        : ['Owner: ', ...mentions(settings, [owner]), '. It is due by the end of the quarter.'],
      ...CHECKLIST.map((step, index) => `☐ ${index + 1}. ${step}`),
    ],
    buttons: [
      ...button('Start a DR test', 'dr.test', 'open'),
      ...button('Show DR tests', 'dr.list', 'run'),
      ...button('Show snapshots', 'snapshot.list', 'run'),
      ...button('Show VMs', 'vm.list', 'run'),
    ],
  };
}
