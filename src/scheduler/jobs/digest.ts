import { fleetDigest, teamDigest } from '../../operations/reports/digest.ts';
import type { Job } from '../job.ts';

const WHEN = { every: 'day', at: '08:30' } as const;

export const digest: Job = {
  name: 'digest',
  summary: 'Post what happened in each team since yesterday, when there is anything to tell',
  when: WHEN,
  per: 'team',
  missed: 'run-once',
  run: async ({ rows, clock }, { team, period }) => {
    const notice = team === null ? null : teamDigest(rows, team, clock.now());
    if (team === null || notice === null) return 'nothing to tell';
    rows.post({ key: `digest:${team.name}:${period}`, to: team.channel, underOperation: null, notice });
    return `posted to ${team.channel}`;
  },
};

export const digestFleet: Job = {
  name: 'digest-fleet',
  summary: 'Post what happened on all hosts since yesterday to the admin channel, when there is anything to tell',
  when: WHEN,
  per: 'platform',
  missed: 'run-once',
  run: async ({ rows, settings, clock }, { period }) => {
    const { admin } = settings().channels;
    if (admin === null) return 'no admin channel';
    const notice = fleetDigest(rows, settings(), clock.now());
    if (notice === null) return 'nothing to tell';
    rows.post({ key: `digest-fleet:${period}`, to: admin, underOperation: null, notice });
    return `posted to ${admin}`;
  },
};
