import { externalName } from '../../domain/alerts/alertmanager.ts';
import type { Silence } from '../../domain/alerts/silence.ts';
import { silenceOver } from '../../domain/alerts/silence.ts';
import type { Button, Fact, Notice, Text, Tone } from '../../domain/notice.ts';
import type { Settings } from '../../domain/settings.ts';
import { formatSpan } from '../../domain/size.ts';
import { POOL_ACTIONS } from '../storage/pool/common.ts';
import type { IncidentRow, MemberRow } from './alert-rows.ts';

export interface IncidentParts {
  readonly incident: IncidentRow;
  readonly members: readonly MemberRow[];
  readonly silences: readonly Silence[];
  readonly settings: Settings;
  readonly now: number;
  /** The catalog has an operation of that name. */
  readonly offers: (operation: string) => boolean;
  /** The disk that the fullest filesystem of a VM's guest lies on, by the VM's id; null where nobody knows. */
  readonly fullDisk: (vmId: string) => string | null;
}

const SHOWN = 15;
/** An own button for each, for so many VMs. */
const BUTTONS_FOR = 4;

/** The one message of an incident, drawn from rows alone. */
export function incidentCard(parts: IncidentParts): Notice {
  const { incident, members } = parts;
  const open = members.filter(({ resolvedAt }) => resolvedAt === null);
  const silence = incident.resolvedAt === null ? incidentSilence(parts) : null;
  const shown = incident.resolvedAt === null ? open : members;
  const gone = incident.resolvedAt === null ? members.length - open.length : 0;
  const lines: Text[] = shown.slice(0, SHOWN).map(({ name, detail }) => [{ bold: name }, `: ${detail}`]);
  if (shown.length > SHOWN) lines.push(`… and ${shown.length - SHOWN} more: \`/alert show ${incident.id}\``);
  if (gone > 0) lines.push(`${gone} more ${gone === 1 ? 'is' : 'are'} well again.`);
  return {
    tone: toneOf(incident, silence),
    title: titleOf(incident, shown),
    lines,
    facts: factsOf(parts, silence),
    buttons: incident.resolvedAt === null ? buttonsFor(parts, open) : showButtons(parts, members),
    footer: [`${incident.id} · ${incident.rule} · `, { at: incident.resolvedAt ?? incident.openedAt }],
  };
}

function titleOf(incident: IncidentRow, shown: readonly MemberRow[]): string {
  const [first] = shown;
  const about =
    shown.length === 1 && first !== undefined
      ? first.name
      : `${shown.length} ${externalName(incident.rule) === null ? NOUNS[first?.kind ?? 'host'] : 'alerts'}`;
  return `${incident.title}: ${about}${incident.resolvedAt === null ? '' : ', resolved'}`;
}

const NOUNS: Readonly<Record<MemberRow['kind'], string>> = {
  host: 'hosts',
  pool: 'thin pools',
  vm: 'VMs',
  team: 'teams',
  fleet: 'fleets',
};

function toneOf(incident: IncidentRow, silence: Silence | null): Tone {
  if (incident.resolvedAt !== null) return 'good';
  if (silence !== null) return 'plain';
  if (incident.ackedAt !== null) return 'wait';
  return incident.severity === 'critical' ? 'bad' : 'warn';
}

/** The silence that holds over all that is open of it. */
export function incidentSilence({
  incident,
  members,
  silences,
  now,
}: Pick<IncidentParts, 'incident' | 'members' | 'silences' | 'now'>): Silence | null {
  const open = members.filter(({ resolvedAt }) => resolvedAt === null);
  const found = open.map((member) =>
    silenceOver(
      silences,
      { ...member, id: member.subject, rule: incident.rule, team: incident.team, incident: incident.id },
      now,
    ),
  );
  return found.length > 0 && found.every((each) => each !== null) ? (found[0] ?? null) : null;
}

function factsOf({ incident }: IncidentParts, silence: Silence | null): Fact[] {
  const { resolvedAt, openedAt } = incident;
  return [
    { name: 'Severity', value: incident.severity },
    ...(externalName(incident.rule) === null ? [] : [{ name: 'Source', value: 'Alertmanager' }]),
    resolvedAt === null
      ? { name: 'Since', value: [{ at: openedAt }] }
      : { name: 'Took', value: formatSpan(resolvedAt - openedAt) },
    ...(incident.ackedBy === null || incident.ackedAt === null
      ? []
      : [{ name: 'Acknowledged', value: [`${incident.ackedBy}, `, { at: incident.ackedAt }] }]),
    ...(incident.assignee === null ? [] : [{ name: 'Assigned to', value: incident.assignee }]),
    ...(silence === null
      ? []
      : [
          {
            name: 'Silenced',
            value: [
              `by ${silence.person} until `,
              { at: silence.until },
              silence.reason === '' ? '' : `: ${silence.reason}`,
            ],
          },
        ]),
    ...(incident.escalatedAt === null || resolvedAt !== null
      ? []
      : [{ name: 'Escalated', value: [{ at: incident.escalatedAt }] }]),
    ...(incident.reopened === 0
      ? []
      : [{ name: 'Began anew', value: incident.reopened === 1 ? 'once' : `${incident.reopened} times` }]),
  ];
}

function buttonsFor(parts: IncidentParts, open: readonly MemberRow[]): Button[] {
  const { incident } = parts;
  const input = { alert: incident.id };
  return [
    ...open.slice(0, BUTTONS_FOR).flatMap((member) => actionsFor(parts, member, open.length > 1)),
    ...(incident.ackedAt === null
      ? [{ label: 'Acknowledge', press: { do: 'run', name: 'alert.ack', input } } as const]
      : []),
    { label: 'Silence 1 h', press: { do: 'run', name: 'alert.silence', input: { what: incident.id, for: '1h' } } },
    ...(open.length === 1 ? showButtons(parts, open) : []),
  ];
}

/** What one may do about it: the same operations as typed, with plan and approval. */
function actionsFor({ incident, offers, fullDisk }: IncidentParts, member: MemberRow, named: boolean): Button[] {
  return (ACTIONS[incident.rule] ?? []).flatMap(({ label, operation, open }, index): Button[] => {
    const disk = open === true ? fullDisk(member.subject) : null;
    const about = member.kind === 'vm' ? { vm: member.name } : { host: member.host ?? '' };
    const input = { ...about, ...(disk === null ? {} : { disk }) };
    if (!offers(operation)) return [];
    return [
      {
        label: named ? `${label} ${member.name}` : label,
        press: { do: open === true ? 'open' : 'run', name: operation, input },
        // Of several the first is what helps most and costs least.
        ...(index === 0 ? { style: 'primary' } : {}),
      },
    ];
  });
}

interface Action {
  readonly label: string;
  readonly operation: string;
  /** Its form is opened, for it wants to know more than what it is about. */
  readonly open?: true;
}

const ACTIONS: Readonly<Record<string, readonly Action[]>> = {
  'vm-down': [{ label: 'Start', operation: 'vm.start' }],
  'vm-restarts': [{ label: 'Start', operation: 'vm.start' }],
  'vm-paused': [{ label: 'Resume', operation: 'vm.resume' }],
  'vm-disk': [{ label: 'Extend disk', operation: 'vm.disk.extend', open: true }],
  'vm-agent': [{ label: 'Restart', operation: 'vm.restart' }],
  'vm-address': [{ label: 'Restart', operation: 'vm.restart' }],
  'pool-data': POOL_ACTIONS,
  'pool-metadata': POOL_ACTIONS,
};

function showButtons({ offers }: IncidentParts, members: readonly MemberRow[]): Button[] {
  const [first] = members;
  if (members.length !== 1 || first === undefined) return [];
  if (first.kind === 'vm' && offers('vm.show'))
    return [{ label: 'Show', press: { do: 'run', name: 'vm.show', input: { vm: first.name } } }];
  if ((first.kind === 'host' || first.kind === 'pool') && first.host !== null && offers('host.check'))
    return [{ label: 'Check the host', press: { do: 'run', name: 'host.check', input: { host: first.host } } }];
  return [];
}
