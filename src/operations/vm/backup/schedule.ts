import { defineKeepSchedule } from '../../keep-schedule.ts';
import { targetOf } from './common.ts';

export const backupSchedule = defineKeepSchedule(
  {
    name: 'vm.backup.schedule',
    summary: 'Have backups of a VM made by themselves, and say how many are kept',
    details:
      'One is made in each of the shortest periods that are kept: with `7 daily, 4 weekly` each day. Of those that the schedule made, the newest of so many hours, days and weeks are kept, and the others deleted; never the last one, nor one that a person asked for. One that is damaged does not count, and stays; one that others build on stays until these are given up as well.',
    placeholder: '7 daily, 4 weekly',
    examples: ['/vm backup schedule web-01 "7 daily, 4 weekly"', '/vm backup schedule web-01 off'],
    one: 'backup',
    make: 'make',
    made: 'made',
  },
  (rows) => rows.backups,
  targetOf,
);
