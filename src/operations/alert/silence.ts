import { z } from 'zod';
import { SILENCE_SCOPES } from '../../domain/alerts/silence.ts';
import { formatSpan, parseSpan } from '../../domain/size.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import type { Rows } from '../store.ts';
import { alertDraft, mustOn, SpanText, touchOpen } from './common.ts';
import { type SilenceTarget, silenceTarget } from './silence-target.ts';

const Input = z.strictObject({
  what: z.string().min(1).max(100).meta({
    title: 'What',
    description: 'An alert’s id, a VM, a host, a rule, or team:NAME; a host and a team include their VMs',
    choices: 'alert',
    placeholder: 'web-01',
  }),
  for: SpanText.default('1h').meta({ title: 'For', description: 'How long, such as 30m, 2h or 1d', placeholder: '1h' }),
});

/** A silence as the operation keeps it. */
export const SilenceFacts = z.object({
  scope: z.enum(SILENCE_SCOPES),
  of: z.string(),
  forMs: z.number(),
  person: z.string(),
  op: z.string(),
  maintenance: z.boolean(),
});
export type SilenceFacts = z.infer<typeof SilenceFacts>;

export const alertSilence = defineChange({
  name: 'alert.silence',
  summary: 'Silence an alert, a VM, a host, a rule or a team for a time',
  details:
    'What is silenced is watched on. What still holds when the silence is over is told then. Say why with `--reason`.',
  input: Input,
  positional: ['what'],
  permission: 'operate',
  risk: 'safe',
  direct: true,
  examples: ['/alert silence web-01 --for 2h --reason "new release"', '/alert silence host-cpu --for 1d'],
  facts: SilenceFacts,
  look: async () => null,
  plan: (input: z.infer<typeof Input>, context) => {
    const target = silenceTarget(input.what, context.rows, context.settings, context.team);
    return silenceDraft(target, parseSpan(input.for), false, context);
  },
  steps: () => [],
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    if (end === 'succeeded') keepSilence(facts, rows, now);
  },
});

/** The draft of a silence. Throws `forbidden` for what isn't the actor's. */
export function silenceDraft(
  target: SilenceTarget,
  forMs: number,
  maintenance: boolean,
  { actor, opId }: PlanContext,
): Draft<SilenceFacts> {
  mustOn(actor, target.team);
  return alertDraft(
    { scope: target.scope, of: target.of, forMs, person: actor.person, op: opId, maintenance },
    {
      title: `${maintenance ? 'Maintenance of' : 'Silence'} ${target.name} for ${formatSpan(forMs)}`,
      verb: maintenance ? 'Begin' : 'Silence',
      team: target.team,
      subject: `silence:${target.scope}:${target.of}`,
      note: 'Nobody is told of its alerts meanwhile; it is watched on.',
    },
  );
}

/** Its row, and the cards that show it. From when it is done, not from when it was planned. */
export function keepSilence(facts: SilenceFacts, rows: Rows, now: number): void {
  const { scope, of, forMs, person, op, maintenance } = facts;
  const reason = rows.operations.byId(op)?.reason ?? '';
  rows.silences.end(scope, of, now);
  rows.silences.insert({
    id: `sil_${op.slice(3)}`,
    scope,
    of,
    from: now,
    until: now + forMs,
    reason,
    person,
    maintenance,
  });
  touchOpen(rows, now);
}
