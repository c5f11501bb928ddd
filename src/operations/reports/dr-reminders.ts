import type { Drill } from '../../domain/drill.ts';
import type { Overdue, Postponed, Quarter } from '../../domain/drill-due.ts';
import type { Button, Notice, Text } from '../../domain/notice.ts';
import type { Settings, Team } from '../../domain/settings.ts';
import { formatSpan } from '../../domain/size.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import { mentions } from '../approval-asked.ts';
import { VERDICT_WORDS } from '../dr/common.ts';

interface Owing {
  /** The newest drill. */
  readonly last: Drill | undefined;
  /** One that could be drilled; undefined where no backup is there. */
  readonly vm: Vm | undefined;
  readonly postponed: Postponed | null;
  readonly settings: Settings;
}

/** What a test of recovery consists of. */
function checklist({ dr }: Team): readonly string[] {
  return [
    `Are these still right: at most ${formatSpan(dr.rpoMs)} of data lost (RPO), back within ${formatSpan(dr.rtoMs)} (RTO)?`,
    'Which VM lacks what? `/dr plan` says it: backups, schedules, hosts that see them, room.',
    'Drill one that matters: `/dr drill VM`. Or have one chosen.',
    'Read the evidence: did it pass, what took longest, who could do it by hand?',
    'Note what to do better, and drill again where it failed.',
  ];
}

/** Asks a team each quarter to prove that it can recover. */
export function drReminder(
  team: Team,
  quarter: Quarter,
  { last, vm, settings }: Pick<Owing, 'last' | 'vm' | 'settings'>,
): Notice {
  return {
    tone: 'wait',
    title: `Disaster recovery test of team ${team.name}, ${quarter.title}`,
    lines: [
      ownerLine(team, settings, ' It is due by the end of the quarter.'),
      lastLine(last),
      ...checklist(team).map((step, index) => `☐ ${index + 1}. ${step}`),
    ],
    buttons: [
      ...runNow(vm),
      { label: 'Choose a VM', press: { do: 'open', name: 'dr.drill', input: {} } },
      { label: 'Postpone with reason', press: { do: 'open', name: 'dr.postpone', input: {} } },
      { label: 'Show the plan', press: { do: 'run', name: 'dr.plan', input: {} } },
      { label: 'Show drills', press: { do: 'run', name: 'dr.history', input: {} } },
    ],
  };
}

/** Tells the admins of a team that owes one. */
export function drOverdue(team: Team, { quarter, since }: Overdue, { last, vm, postponed, settings }: Owing): Notice {
  return {
    tone: 'bad',
    title: `Team ${team.name} owes its disaster recovery test of ${quarter.title}`,
    lines: [
      ['It was due ', { at: since }, '.'],
      ownerLine(team, settings, ''),
      lastLine(last),
      ...(postponed !== null && postponed.until === since
        ? [`${postponed.person} put it off until then: ${postponed.reason}`]
        : []),
    ],
    buttons: runNow(vm),
  };
}

function ownerLine({ leads }: Team, settings: Settings, more: string): Text {
  const [owner] = leads;
  return owner === undefined
    ? 'The team has no lead: an admin names who does it.'
    : ['Owner: ', ...mentions(settings, [owner]), `.${more}`];
}

function lastLine(last: Drill | undefined): Text {
  if (last === undefined) return 'No drill was made yet.';
  return [
    `The last drill, of ${last.team}/${last.vmName}, ${VERDICT_WORDS[last.verdict]} `,
    { at: last.startedAt },
    '.',
  ];
}

/** The VM is named: it is asked for in the admin channel too. */
function runNow(vm: Vm | undefined): readonly Button[] {
  if (vm === undefined) return [];
  const press = { do: 'run', name: 'dr.drill', input: { vm: fullName(vm) } } as const;
  return [{ label: `Run now: ${fullName(vm)}`.slice(0, 70), press, style: 'primary' }];
}
