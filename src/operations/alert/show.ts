import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import { BotError } from '../../domain/error.ts';
import { formatSpan } from '../../domain/size.ts';
import { defineRead } from '../spec.ts';
import { AlertField, cardOfIncident, incidentOf } from './common.ts';

export const alertShow = defineRead({
  name: 'alert.show',
  summary: 'Show an alert: all that it is about, and who has it',
  input: z.strictObject({ alert: AlertField }),
  positional: ['alert'],
  permission: 'view',
  examples: ['/alert show inc_01J…'],
  read: async ({ alert }, { rows, settings, clock, catalog, actor }) => {
    const incident = incidentOf(rows, alert);
    const view = decide(actor, 'view', incident.team);
    if (!view.allowed) throw new BotError('forbidden', view.reason, { hint: view.hint });
    const now = clock.now();
    const members = rows.incidents.members(alert);
    const card = cardOfIncident(incident, { rows, settings, now, catalog });
    return {
      notice: {
        ...card,
        lines: [],
        table: {
          columns: ['About', 'What', 'For'],
          rows: members.map(({ name, detail, firedAt, resolvedAt }) => [
            name,
            resolvedAt === null ? detail : `${detail} (over)`,
            formatSpan((resolvedAt ?? now) - firedAt),
          ]),
          empty: 'Nothing any more.',
        },
      },
      json: { ...incident, about: members },
    };
  },
});
