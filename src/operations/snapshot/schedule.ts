import { defineKeepSchedule } from '../keep-schedule.ts';

export const snapshotSchedule = defineKeepSchedule(
  {
    name: 'snapshot.schedule',
    summary: 'Have snapshots of a VM taken by themselves, and say how many are kept',
    details:
      'One is taken in each of the shortest periods that are kept: with `3 daily, 2 weekly` each day. Of those that the schedule took, the newest of so many hours, days and weeks are kept, and the others deleted; never the last one, nor one that is protected, nor one that a person took.',
    placeholder: '3 daily, 2 weekly',
    examples: ['/snapshot schedule web-01 "3 daily, 2 weekly"', '/snapshot schedule web-01 off'],
    one: 'snapshot',
    make: 'take',
    made: 'took',
  },
  (rows) => rows.snapshots,
);
