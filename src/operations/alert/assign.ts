import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { nearest } from '../../domain/names.ts';
import { defineChange } from '../spec.ts';
import { AlertField, alertDraft, mustOn, openIncidentOf } from './common.ts';

const Input = z.strictObject({
  alert: AlertField,
  person: z
    .string()
    .min(1)
    .max(40)
    .meta({ title: 'Person', description: 'Who takes care of it', choices: 'person', placeholder: 'anna' }),
});
const Facts = z.object({ alert: z.string(), person: z.string(), slack: z.string().nullable(), op: z.string() });

export const alertAssign = defineChange({
  name: 'alert.assign',
  summary: 'Assign an alert to somebody, who is told',
  input: Input,
  positional: ['alert', 'person'],
  permission: 'operate',
  risk: 'safe',
  direct: true,
  examples: ['/alert assign inc_01J… anna'],
  facts: Facts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, { rows, actor, settings, opId }) => {
    const incident = openIncidentOf(rows, input.alert);
    mustOn(actor, incident.team);
    const person = settings.people.find(({ name }) => name === input.person);
    if (person === undefined) {
      const near = nearest(
        input.person,
        settings.people.map(({ name }) => name),
      );
      throw new BotError('not_found', `The configuration has no person ${input.person}`, {
        field: 'person',
        hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Ask an admin who is there.',
      });
    }
    return alertDraft(
      { alert: incident.id, person: person.name, slack: person.slack, op: opId },
      {
        title: `Assign “${incident.title}” to ${person.name}`,
        verb: 'Assign',
        team: incident.team,
        subject: `alert:${incident.id}`,
        note: `${person.name} is told in its thread.`,
      },
    );
  },
  steps: () => [],
  begin: () => undefined,
  settle: ({ alert, person, slack, op }, end, rows, _outputs, now) => {
    if (end !== 'succeeded') return;
    const incident = rows.incidents.byId(alert);
    if (incident === null) return;
    const acked = incident.ackedBy === null ? { ackedBy: person, ackedAt: now } : {};
    rows.incidents.update(alert, { assignee: person, ...acked, changedAt: now });
    rows.touchCard(alert);
    if (incident.channel === null) return;
    rows.post({
      key: `alert:${alert}:assigned:${op}`,
      to: incident.channel,
      underOperation: alert,
      notice: { tone: 'plain', title: '', lines: [[{ person, slack }, ' This is yours now.']] },
    });
  },
});
