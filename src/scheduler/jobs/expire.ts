import type { Job } from '../job.ts';

export const expire: Job = {
  name: 'expire',
  summary: 'End plans and approvals whose time is over',
  when: { every: 'minute' },
  per: 'platform',
  missed: 'skip',
  run: async ({ service }) => {
    service.expire();
    return '';
  },
};
