import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { defineChange } from '../spec.ts';
import { AlertField, alertDraft, mustOn, openIncidentOf } from './common.ts';

const Input = z.strictObject({ alert: AlertField });
const Facts = z.object({ alert: z.string(), person: z.string() });

export const alertAck = defineChange({
  name: 'alert.ack',
  summary: 'Acknowledge an alert: you have it in hand, and nobody else is called',
  input: Input,
  positional: ['alert'],
  permission: 'operate',
  risk: 'safe',
  direct: true,
  examples: ['/alert ack inc_01J…'],
  facts: Facts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, { rows, actor }) => {
    const incident = openIncidentOf(rows, input.alert);
    mustOn(actor, incident.team);
    if (incident.ackedBy !== null) {
      throw new BotError('wrong_state', `${incident.ackedBy} has acknowledged it already`, {
        hint: `\`/alert assign ${incident.id} ${actor.person}\` makes it yours.`,
      });
    }
    return alertDraft(
      { alert: incident.id, person: actor.person },
      {
        title: `Acknowledge “${incident.title}”`,
        verb: 'Acknowledge',
        team: incident.team,
        subject: `alert:${incident.id}`,
        note: 'It is not escalated any more; its end is told as before.',
      },
    );
  },
  steps: () => [],
  begin: () => undefined,
  settle: ({ alert, person }, end, rows, _outputs, now) => {
    if (end !== 'succeeded') return;
    rows.incidents.update(alert, { ackedBy: person, ackedAt: now, changedAt: now });
    rows.touchCard(alert);
  },
});
