import { z } from 'zod';
import { type Actor, decide } from '../../domain/access.ts';
import { BotError } from '../../domain/error.ts';
import { fillingOf } from '../../domain/guest-filesystem.ts';
import type { Notice } from '../../domain/notice.ts';
import { NOTHING } from '../../domain/plan.ts';
import type { Settings } from '../../domain/settings.ts';
import { parseSpan } from '../../domain/size.ts';
import type { Draft, Operation } from '../spec.ts';
import type { Rows } from '../store.ts';
import type { IncidentRow } from './alert-rows.ts';
import { incidentCard } from './card.ts';

/** An alert, by the id in its message. */
export const AlertField = z
  .string()
  .regex(/^inc_[0-9A-Za-z]+$/, 'Give the id from the alert’s message, such as inc_01J…: `/alert list` shows them.')
  .meta({ title: 'Alert', description: 'The id under its message', choices: 'alert', placeholder: 'inc_01J…' });

const LONGEST_DAYS = 90;
/** A length of time: `1h`, `2d`. */
export const SpanText = z.string().superRefine((text, ctx) => {
  try {
    const ms = parseSpan(text);
    if (ms > 0 && ms <= LONGEST_DAYS * 86_400_000) return;
    ctx.addIssue({ code: 'custom', message: `Give more than nothing and at most ${LONGEST_DAYS}d` });
  } catch (cause) {
    ctx.addIssue({
      code: 'custom',
      message: cause instanceof BotError ? (cause.hint ?? cause.message) : String(cause),
    });
  }
});

/** Members of the team have its alerts in hand; platform admins those of hosts and of the fleet, and all others. */
export function mayOn(actor: Actor, team: string | null): boolean {
  return team === null ? decide(actor, 'platform', null).allowed : decide(actor, 'operate', team).allowed;
}

/** Throws `forbidden` where `mayOn` says no. */
export function mustOn(actor: Actor, team: string | null): void {
  const decision = team === null ? decide(actor, 'platform', null) : decide(actor, 'operate', team);
  if (!decision.allowed) throw new BotError('forbidden', decision.reason, { hint: decision.hint });
}

/** The incident of that id. Throws `not_found`. */
export function incidentOf(rows: Rows, id: string): IncidentRow {
  const found = rows.incidents.byId(id);
  if (found !== null) return found;
  throw new BotError('not_found', `There is no alert ${id}`, {
    field: 'alert',
    hint: '`/alert list` shows those that are open, `/alert list --past` the last ones.',
  });
}

/** The same, and it must not be over. Throws `wrong_state`. */
export function openIncidentOf(rows: Rows, id: string): IncidentRow {
  const found = incidentOf(rows, id);
  if (found.resolvedAt === null) return found;
  throw new BotError('wrong_state', `${found.title} is over already`, { hint: 'Nothing to do.' });
}

/** A change of alerts is rows alone. */
export function alertDraft<F>(
  facts: F,
  {
    title,
    verb,
    team,
    subject,
    note,
  }: Pick<Draft<F>, 'title' | 'verb' | 'team' | 'subject'> & { readonly note: string },
): Draft<F> {
  return {
    facts,
    title,
    verb,
    team,
    subject,
    host: '',
    vmId: null,
    risk: 'safe',
    locks: [subject],
    adds: NOTHING,
    notes: [note],
  };
}

interface CardDeps {
  readonly rows: Rows;
  readonly settings: Settings;
  readonly now: number;
  readonly catalog: readonly Operation[];
}

/** An incident's card, from its rows. */
export function cardOfIncident(incident: IncidentRow, { rows, settings, now, catalog }: CardDeps): Notice {
  return incidentCard({
    incident,
    members: rows.incidents.members(incident.id),
    silences: rows.silences.active(now),
    settings,
    now,
    offers: (operation) => catalog.some(({ name }) => name === operation),
    fullDisk: (vmId) => {
      const disks = rows.vms.byId(vmId)?.disks ?? [];
      return fillingOf(rows.filesystems.of(vmId)?.list ?? [], disks)[0]?.targets[0] ?? null;
    },
  });
}

/** Cards of what is open show their silences: they are drawn anew. */
export function touchOpen(rows: Rows, now: number): void {
  for (const { id } of rows.incidents.since(now)) rows.touchCard(id);
}
