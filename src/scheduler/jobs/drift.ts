import { findDrift, isWhole } from '../../operations/drift/find.ts';
import { lookForDrift } from '../../operations/drift/look.ts';
import { newDriftNotice } from '../../operations/drift/text.ts';
import type { Job } from '../job.ts';

export const drift: Job = {
  name: 'drift',
  summary: 'Post what is new on hosts and unknown to Hostler, or changed there by hand, to the admin channel',
  when: { every: 'day', at: '08:15' },
  per: 'platform',
  missed: 'run-once',
  run: async (deps, { period }) => {
    const { rows, settings, clock, signal } = deps;
    const { admin } = settings().channels;
    if (admin === null) return 'no admin channel';
    await lookForDrift({ ...deps, settings: settings() }, signal);
    const now = clock.now();
    return rows.transaction(() => {
      const known = new Map(rows.drift.known().map((each) => [each.key, each]));
      const found = findDrift(rows, settings(), now);
      const open = found.filter(({ key }) => known.get(key)?.ignoredBy == null);
      const fresh = open.filter(({ key }) => known.get(key)?.toldAt == null);
      for (const { key } of fresh) rows.drift.told(key, now);
      if (fresh.length > 0) {
        const notice = newDriftNotice(fresh, open.length);
        rows.post({ key: `drift:${period}`, to: admin, underOperation: null, notice });
      }
      // Told anew if it comes back.
      const there = new Set(found.map(({ key }) => key));
      if (isWhole(rows, settings()))
        for (const { key, ignoredBy } of known.values())
          if (ignoredBy === null && !there.has(key)) rows.drift.forgetKnown(key);
      return fresh.length === 0 ? 'nothing new' : `${fresh.length} new, posted to ${admin}`;
    });
  },
};
