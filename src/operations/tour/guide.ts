import { approvers, decide } from '../../domain/access.ts';
import { actorOfConfig } from '../../domain/actor.ts';
import type { Button, Inline, Notice, Text } from '../../domain/notice.ts';
import type { Settings } from '../../domain/settings.ts';
import { TOUR_STEPS, type TourRow, type TourStep } from '../../domain/tour.ts';
import { fullName } from '../../domain/vm.ts';
import type { Operation } from '../spec.ts';
import type { Rows } from '../store.ts';

/** What the tour's texts are made from. */
export interface GuideDeps {
  readonly rows: Pick<Rows, 'vms' | 'images' | 'approvals'>;
  readonly settings: () => Settings;
  readonly catalog: readonly Operation[];
}

/** The steps that this catalog can do. */
export function stepsOf(catalog: readonly Operation[]): readonly TourStep[] {
  const has = (name: string) => catalog.some((operation) => operation.name === name);
  return TOUR_STEPS.filter((step) => step !== 'alert' || has('alert.list'));
}

const NAMES: Readonly<Record<TourStep, string>> = {
  create: 'create a VM',
  approve: 'a second person’s yes',
  restart: 'restart it',
  audit: 'look at the audit',
  alert: 'see the alerts',
};

const AGAIN: Button = { label: 'Again', press: { do: 'run', name: 'hostler.tour', input: { go: 'again' } } };
const HELP: Button = { label: 'What Hostler can do', press: { do: 'run', name: 'hostler.help', input: {} } };

/** Said once to somebody who opens Hostler’s Home or messages for the first time. */
export function welcome(catalog: readonly Operation[]): Notice {
  return {
    tone: 'plain',
    title: 'Welcome to Hostler',
    lines: [
      'I make and run your team’s virtual machines. You see each change as a plan before anything is done, what fails is rolled back, and everything is kept in the audit.',
      `A tour of ${stepsOf(catalog).length} short steps shows how, with real commands.`,
    ],
    buttons: [
      {
        label: 'Start the tour',
        press: { do: 'run', name: 'hostler.tour', input: { go: 'start' } },
        style: 'primary',
      },
      HELP,
    ],
  };
}

/** What the person reads where the tour stands now. */
export function tourNotice(row: TourRow, deps: GuideDeps): Notice {
  const steps = stepsOf(deps.catalog);
  if (row.state === 'over') return endNotice(row, steps);
  const skip: Button = {
    label: 'Skip',
    press: { do: 'run', name: 'hostler.tour', input: { go: 'skip', step: row.step } },
  };
  const { lines, buttons } = TEXTS[row.step](row, deps);
  return {
    tone: 'wait',
    title: `Step ${steps.indexOf(row.step) + 1} of ${steps.length}: ${NAMES[row.step]}`,
    lines,
    buttons: [...buttons, skip],
    footer: 'I notice when it is done, and go on.',
  };
}

function endNotice({ skipped }: TourRow, steps: readonly TourStep[]): Notice {
  return {
    tone: 'good',
    title: 'That was the tour',
    lines: [
      ...steps.map((step): Text => (skipped.includes(step) ? `– ${NAMES[step]} (skipped)` : `✓ ${NAMES[step]}`)),
      ...(skipped.includes('create')
        ? []
        : [['The VM is yours until you delete it: ', { code: '/vm delete NAME' }, ' puts it into the trash.']]),
    ],
    buttons: [AGAIN, HELP],
  };
}

interface StepText {
  readonly lines: readonly Text[];
  readonly buttons: readonly Button[];
}

const TEXTS: Readonly<Record<TourStep, (row: TourRow, deps: GuideDeps) => StepText>> = {
  create: (row, deps) => {
    const image = deps.rows.images.list().find(({ state }) => state === 'ready');
    const flavor = deps.settings().flavors[0]?.name ?? 'FLAVOR';
    const { rows } = deps;
    if (image === undefined) {
      const admins = ['No image is on the hosts yet. An admin brings one with ', { code: '/image add NAME' }, '.'];
      return { lines: [admins], buttons: [] };
    }
    return {
      lines: [
        ['Type this in ', placeOf(row, deps), ':'],
        [{ code: `/vm create ${nameFor(row, rows)} --image ${image.name} --flavor ${flavor}` }],
        [
          'A card shows the plan: each step, on which host, down to the command lines. Nothing is done until you press ',
          { bold: 'Create' },
          ' on it.',
        ],
      ],
      buttons: [],
    };
  },
  approve: (row, deps) => {
    const approval = row.operationId === null ? null : deps.rows.approvals.ofOperation(row.operationId);
    const settings = deps.settings();
    const names = approvers(settings, approval?.from ?? 'lead', row.team, row.person).slice(0, 8);
    return {
      lines: [
        'A rule wants a second person’s yes before this VM is made; your own doesn’t count.',
        [
          'Its card waits in ',
          placeOf(row, deps),
          '. There ',
          ...mentions(names, settings),
          ' can press ',
          { bold: 'Approve' },
          '. The yes is for the plan on the card and for no other.',
        ],
      ],
      buttons: [],
    };
  },
  restart: (row, deps) => {
    const vm = vmOf(row, deps) ?? 'NAME';
    return {
      lines: [
        [
          'It runs. Now restart it: type this in ',
          placeOf(row, deps),
          ', or press ',
          { bold: 'Restart' },
          ' on its card.',
        ],
        [{ code: `/vm restart ${vm}` }],
        ['The guest is asked to shut down, and started when it is off. The card’s button starts it.'],
      ],
      buttons: [],
    };
  },
  audit: (row, deps) => {
    const settings = deps.settings();
    const vm = vmOf(row, deps);
    const search = vm === null ? '/audit show' : `/audit search --vm ${vm}`;
    const what =
      'It tells who asked for what, who said yes, and each command that ran on a host with its exit code. Nobody can change it unseen.';
    const actor = actorOfConfig(settings, row.person, 'slack');
    if (actor !== null && decide(actor, 'audit', row.team).allowed) {
      const press: Button['press'] =
        vm === null
          ? { do: 'run', name: 'audit.show', input: {} }
          : { do: 'run', name: 'audit.search', input: { vm, limit: '20' } };
      return {
        lines: [['All of that is in the audit. Type ', { code: search }, ', or press the button.'], what],
        buttons: [{ label: 'Look at the audit', press, style: 'primary' }],
      };
    }
    const names = approvers(settings, 'lead', row.team, row.person).slice(0, 8);
    return {
      lines: [
        [
          'All of that is in the audit, which leads, auditors and admins read. Ask ',
          ...mentions(names, settings),
          ' to type ',
          { code: search },
          '.',
        ],
        what,
      ],
      buttons: [],
    };
  },
  alert: () => ({
    lines: [
      [
        'What is wrong with VMs and hosts just now stands in one list: type ',
        { code: '/alert list' },
        ', or press the button. A rule can be tried on what is known now, and says what it would tell: ',
        { code: `/alert test "${TRIED}"` },
        '.',
      ],
    ],
    buttons: [
      { label: 'See the alerts', press: { do: 'run', name: 'alert.list', input: {} }, style: 'primary' },
      { label: 'Try a rule', press: { do: 'run', name: 'alert.test', input: { rule: TRIED } } },
    ],
  }),
};

/** True of every host that runs, so that there is something to see on a quiet day. */
const TRIED = 'host.memory > 1';

/** `#team-01`, where the config names the channel and doesn't give its id. */
function placeOf({ team }: TourRow, { settings }: GuideDeps): Inline {
  const channel = settings().teams.find(({ name }) => name === team)?.channel;
  if (channel === undefined) return 'the channel of a team of yours';
  return /^[CG][A-Z0-9]{8,}$/.test(channel) ? `the channel of ${team}` : { bold: `#${channel.replace(/^#/, '')}` };
}

function vmOf({ vmId }: TourRow, { rows }: GuideDeps): string | null {
  const vm = vmId === null ? null : rows.vms.byId(vmId);
  return vm === null || vm.life !== 'live' ? null : fullName(vm);
}

/** A name that the team hasn't got yet. */
function nameFor({ person, team }: TourRow, rows: GuideDeps['rows']): string {
  const base = `tour-${person.toLowerCase().replaceAll(/[^a-z0-9-]/g, '')}`.slice(0, 36).replace(/-+$/, '');
  if (team === null) return base;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (rows.vms.byName(team, name) === null) return name;
  }
}

function mentions(names: readonly string[], settings: Settings): Inline[] {
  if (names.length === 0) return ['an admin'];
  return names.flatMap((name, index): Inline[] => {
    const slack = settings.people.find((each) => each.name === name)?.slack ?? null;
    return [...(index === 0 ? [] : [index === names.length - 1 ? ' or ' : ', ']), { person: name, slack }];
  });
}
