import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { NOTHING } from '../../domain/plan.ts';
import { dateIn, dateText, daysAfter, instantIn } from '../../domain/zone-time.ts';
import { type Draft, defineChange, type PlanContext } from '../spec.ts';
import { teamNamed } from '../vm/flavor-of.ts';

const LONGEST_DAYS = 180;

const Input = z.strictObject({
  until: z.iso.date('Give a day as YYYY-MM-DD, such as 2026-05-31.').meta({
    title: 'Until',
    description: 'The last day on which it may be made, as YYYY-MM-DD',
    placeholder: '2026-05-31',
  }),
  reason: z.string().trim().min(3).max(500).meta({ title: 'Reason', description: 'Why it can’t be made now' }),
});

const Facts = z.object({ team: z.string(), until: z.number(), reason: z.string(), person: z.string() });
type Facts = z.infer<typeof Facts>;

export const drPostpone = defineChange({
  name: 'dr.postpone',
  summary: 'Put off the team’s quarterly DR drill, with a reason',
  details:
    'Until then nobody is told that it is overdue; after that the admin channel is, each week. A drill that passes settles it at any time.',
  input: Input,
  positional: ['until'],
  permission: 'approve',
  risk: 'safe',
  direct: true,
  examples: ['/dr postpone 2026-05-31 --reason "the new share comes in May"'],
  facts: Facts,
  look: async () => null,
  plan,
  steps: () => [],
  begin: () => undefined,
  settle: (facts, end, rows, _outputs, now) => {
    if (end === 'succeeded') rows.drills.postpone({ ...facts, at: now });
  },
});

function plan({ until, reason }: z.infer<typeof Input>, { settings, team, actor, now }: PlanContext): Draft<Facts> {
  if (team === null) {
    throw new BotError('invalid_input', 'Of which team?', {
      field: 'team',
      hint: 'Add --team, or ask in the team’s channel.',
    });
  }
  const { timezone } = teamNamed(settings, team);
  const [year = 0, month = 0, day = 0] = until.split('-').map(Number);
  const end = instantIn(daysAfter({ year, month, day }, 1), 0, timezone);
  const latest = dateText(daysAfter(dateIn(now, timezone), LONGEST_DAYS));
  if (end <= now || until > latest) {
    throw new BotError('invalid_input', `${until} is ${end <= now ? 'over' : 'too far away'}`, {
      field: 'until',
      hint: `Give a day from today to ${latest}.`,
    });
  }
  return {
    facts: { team, until: end, reason, person: actor.person },
    title: `Put off the DR drill of team ${team} until ${until}`,
    verb: 'Put off',
    team,
    subject: `team:${team}`,
    host: '',
    vmId: null,
    risk: 'safe',
    locks: [`dr:${team}`],
    adds: NOTHING,
    notes: [`Why: ${reason}`],
  };
}
