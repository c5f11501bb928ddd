/** The short words beside an incident's card: an edit notifies nobody. */
import type { Inline, Notice } from '../../domain/notice.ts';
import type { Settings } from '../../domain/settings.ts';
import { formatSpan } from '../../domain/size.ts';
import type { Rows } from '../store.ts';
import type { AlertRow, IncidentRow } from './alert-rows.ts';

export function tellResolved(incident: IncidentRow, now: number, rows: Rows, settings: Settings): void {
  const taken = incident.assignee ?? incident.ackedBy;
  const who = taken === null ? [] : [mention(taken, settings), ' '];
  reply(
    incident,
    `resolved:${now}`,
    'good',
    [...who, `It is over, after ${formatSpan(now - incident.openedAt)}.`],
    rows,
  );
}

export function tellReopened(incident: IncidentRow, now: number, rows: Rows): void {
  reply(incident, `reopened:${now}`, 'warn', ['It has begun anew.'], rows);
}

export function tellWorse(incident: IncidentRow, alive: readonly AlertRow[], now: number, rows: Rows): void {
  const first = alive.find(({ severity }) => severity === 'critical');
  reply(incident, `worse:${now}`, 'bad', [`It is critical now: ${first?.name ?? ''}, ${first?.detail ?? ''}.`], rows);
}

/** In the thread and, for a team's, in the admin channel, with those whom the configuration names; else with all admins. */
export function tellEscalated(
  incident: IncidentRow,
  alive: readonly AlertRow[],
  now: number,
  rows: Rows,
  settings: Settings,
): void {
  const { escalateTo } = settings.alerts;
  const admins = settings.people.filter(({ platform }) => platform === 'admin').map(({ name }) => name);
  const called = [
    ...new Set([
      ...(incident.assignee === null ? [] : [incident.assignee]),
      ...(escalateTo.length > 0 ? escalateTo : admins),
    ]),
  ];
  const people = called.slice(0, 8).flatMap((name): Inline[] => [mention(name, settings), ' ']);
  const waits = `Nobody has acknowledged it for ${formatSpan(now - incident.openedAt)}.`;
  reply(incident, `escalated:${incident.openedAt}`, 'bad', [...people, waits], rows);
  const { admin } = settings.channels;
  if (admin === null || admin === incident.channel) return;
  const names = alive.slice(0, 5).map(({ name, detail }) => `${name}: ${detail}`);
  const notice: Notice = {
    tone: 'bad',
    title: `${incident.title}: nobody has acknowledged it`,
    lines: [[...people, `${waits} It stands in ${incident.channel ?? 'no channel'}.`], ...names],
    buttons: [
      {
        label: 'Acknowledge',
        press: { do: 'run', name: 'alert.ack', input: { alert: incident.id } },
        style: 'primary',
      },
      { label: 'Show', press: { do: 'run', name: 'alert.show', input: { alert: incident.id } } },
    ],
    footer: incident.id,
  };
  rows.post({ key: `alert:${incident.id}:called:${incident.openedAt}`, to: admin, underOperation: null, notice });
}

function reply(incident: IncidentRow, key: string, tone: Notice['tone'], line: readonly Inline[], rows: Rows): void {
  if (incident.channel === null) return;
  rows.post({
    key: `alert:${incident.id}:${key}`,
    to: incident.channel,
    underOperation: incident.id,
    notice: { tone, title: '', lines: [line] },
  });
}

function mention(name: string, settings: Settings): Inline {
  return { person: name, slack: settings.people.find((each) => each.name === name)?.slack ?? null };
}
