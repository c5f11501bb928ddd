import { z } from 'zod';
import { TOUR_STEPS } from '../../domain/tour.ts';
import { defineRead } from '../spec.ts';
import { tourNotice } from '../tour/guide.ts';
import { beginTour, skipStep, type TourDeps } from '../tour/tour.ts';

export const hostlerTour = defineRead({
  name: 'hostler.tour',
  summary: 'Take the guided tour: a first VM in a few steps',
  details:
    'Its steps come as direct messages; each is a real command. Hostler notices when a step is done, and goes on. What is made stays until you delete it.',
  input: z.strictObject({
    go: z
      .enum(['start', 'skip', 'again'])
      .default('start')
      .meta({ title: 'Go', description: 'start it or see where it stands, skip a step, or begin again' }),
    step: z.enum(TOUR_STEPS).optional().meta({ title: 'Step', description: 'The step to skip; else the present one' }),
  }),
  positional: ['go', 'step'],
  permission: 'self',
  examples: ['/hostler tour', '/hostler tour skip', '/hostler tour again'],
  read: async ({ go, step }, context) => {
    const { actor, rows, settings, catalog, clock, team } = context;
    const deps: TourDeps = { rows, settings: () => settings, catalog, clock };
    const before = rows.tours.find(actor.person);
    const begins = before === null || (go === 'again' && !justBegun(before, clock.now()));
    const row = begins
      ? beginTour(actor, team, deps)
      : go === 'skip'
        ? skipStep(before, step ?? before.step, deps)
        : before;
    const notice = tourNotice(row, deps);
    const told = begins || row !== before;
    return {
      // In Slack the step itself has just been sent as a direct message.
      notice:
        told && row.slack !== null && actor.via === 'slack'
          ? {
              tone: 'plain',
              title: '',
              lines: [`${begins ? 'The tour begins' : 'The tour goes on'} in our direct messages.`],
            }
          : notice,
      json: { state: row.state, step: row.step, skipped: row.skipped, team: row.team, operation: row.operationId },
    };
  },
});

/** A double click on "Again" begins one tour. */
function justBegun(row: { readonly state: string; readonly startedAt: number }, now: number): boolean {
  return row.state === 'on' && now - row.startedAt < 5000;
}
