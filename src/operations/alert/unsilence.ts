import { z } from 'zod';
import { SILENCE_SCOPES } from '../../domain/alerts/silence.ts';
import { BotError } from '../../domain/error.ts';
import { defineChange } from '../spec.ts';
import { alertDraft, mustOn, touchOpen } from './common.ts';
import { silenceTarget } from './silence-target.ts';

const Input = z.strictObject({
  what: z.string().min(1).max(100).meta({
    title: 'What',
    description: 'What was silenced: an alert’s id, a VM, a host, a rule, or team:NAME',
    choices: 'alert',
    placeholder: 'web-01',
  }),
});
const Facts = z.object({ scope: z.enum(SILENCE_SCOPES), of: z.string() });

export const alertUnsilence = defineChange({
  name: 'alert.unsilence',
  summary: 'End a silence before its time',
  input: Input,
  positional: ['what'],
  permission: 'operate',
  risk: 'safe',
  direct: true,
  examples: ['/alert unsilence web-01'],
  facts: Facts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, { rows, settings, team, actor, now }) => {
    const target = silenceTarget(input.what, rows, settings, team);
    mustOn(actor, target.team);
    const { scope, of } = target;
    if (!rows.silences.active(now).some((silence) => silence.scope === scope && silence.of === of)) {
      throw new BotError('wrong_state', `${target.name} isn’t silenced`, {
        hint: 'A silence of its host or team, or of a rule, is ended by that name.',
      });
    }
    return alertDraft(
      { scope, of },
      {
        title: `End the silence of ${target.name}`,
        verb: 'End',
        team: target.team,
        subject: `silence:${scope}:${of}`,
        note: 'What is wrong with it is told after the next sweep.',
      },
    );
  },
  steps: () => [],
  begin: () => undefined,
  settle: ({ scope, of }, end, rows, _outputs, now) => {
    if (end !== 'succeeded') return;
    rows.silences.end(scope, of, now);
    touchOpen(rows, now);
  },
});
