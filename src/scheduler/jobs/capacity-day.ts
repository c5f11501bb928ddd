import { dateIn } from '../../domain/zone-time.ts';
import { epochDay } from '../../operations/capacity/gather.ts';
import { recordCapacity } from '../../operations/capacity/record.ts';
import type { Job } from '../job.ts';

export const capacityDay: Job = {
  name: 'capacity-day',
  summary: 'Keep what the fleet and its teams have and use today, for looking ahead',
  when: { every: 'day', at: '23:50' },
  per: 'platform',
  missed: 'run-once',
  // Of the day that it is now: one that was missed can't be measured any more.
  run: async ({ rows, settings, clock }, { zone }) => {
    const kept = await recordCapacity(rows, settings(), clock, epochDay(dateIn(clock.now(), zone)));
    return `${kept} kept`;
  },
};
