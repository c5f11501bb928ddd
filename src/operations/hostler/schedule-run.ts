import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import { nearest } from '../../domain/names.ts';
import { NOTHING } from '../../domain/plan.ts';
import { defineChange, type PlanContext } from '../spec.ts';

const Input = z.strictObject({
  job: z.string().meta({
    title: 'Job',
    description: 'Which one, as `/hostler schedule` lists it',
    choices: 'job',
    placeholder: 'sweep',
  }),
});

const Facts = z.strictObject({
  job: z.string(),
  /** Teams; '' for the whole platform. */
  places: z.array(z.string()),
  /** A time of its own, beside the ones that the clock brings. */
  period: z.string(),
  person: z.string(),
});

export const hostlerScheduleRun = defineChange({
  name: 'hostler.schedule.run',
  summary: 'Run a job of the schedule now',
  details:
    'Its own times stay as they are. A job that teams have each runs for the channel’s team, or with --team; elsewhere for all.',
  input: Input,
  positional: ['job'],
  permission: 'platform',
  risk: 'safe',
  examples: ['/hostler schedule run sweep'],
  facts: Facts,
  look: async () => null,
  plan: ({ job }: z.infer<typeof Input>, context) => {
    const places = placesOf(job, context);
    return {
      facts: { job, places, period: `asked:${context.opId}`, person: context.actor.person },
      title: `Run job ${job} now`,
      verb: 'Run now',
      team: context.team,
      subject: `job:${job}`,
      host: '',
      vmId: null,
      risk: 'safe' as const,
      locks: [],
      adds: NOTHING,
      notes: [
        'It runs beside this card, as soon as no other time of the same job runs; `/hostler schedule` says what came of it.',
        ...(places.length > 1 ? [`It runs for ${places.length} teams.`] : []),
      ],
    };
  },
  steps: () => [],
  begin: () => undefined,
  settle: ({ job, places, period, person }, end, rows, _outputs, now) => {
    if (end !== 'succeeded') return;
    for (const place of places) {
      rows.schedule.enter({
        job,
        place,
        period,
        dueAt: now,
        state: 'asked',
        attempts: 0,
        askedBy: person,
        startedAt: null,
        endedAt: null,
        result: '',
        retryAt: null,
      });
    }
  },
});

function placesOf(job: string, { rows, team }: PlanContext): string[] {
  const jobs = rows.schedule.jobs();
  const places = jobs.filter((row) => row.job === job).map(({ place }) => place);
  if (places.length === 0) {
    const known = [...new Set(jobs.map((row) => row.job))];
    const near = nearest(job, known);
    throw new BotError('not_found', `There is no job ${job}`, {
      field: 'job',
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Jobs are ${known.join(', ') || 'none yet'}.`,
    });
  }
  return team !== null && places.includes(team) ? [team] : places;
}
