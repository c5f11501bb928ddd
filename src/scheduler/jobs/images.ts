import { carryOut } from '../carry-out.ts';
import type { Job } from '../job.ts';

export const images: Job = {
  name: 'images',
  summary: 'Remove versions of images that nothing hangs on, when the retention is over',
  when: { every: 'hour', minute: 23 },
  per: 'platform',
  missed: 'run-once',
  run: async ({ rows, clock, settings, service, log }) => {
    const kept = rows.images.list().filter(({ state }) => state === 'old' || state === 'retired');
    const versions = new Map(kept.map(({ name, version }) => [`${name} ${version}`, { name, version }]));
    const due = [...versions.values()].filter(({ name, version }) =>
      kept
        .filter((image) => image.name === name && image.version === version)
        .every(({ id, changedAt }) => clock.now() - changedAt > settings().trashMs && rows.images.hanging(id) === 0),
    );
    for (const { name, version } of due) {
      const error = await carryOut(service, {
        name: 'image.purge',
        input: { name, version },
        why: ['old versions of images go', 'no VM hangs on it, and its time is over'],
        dedupe: `purge-image:${name}:${version}:${new Date(clock.now()).toISOString().slice(0, 13)}`,
      });
      if (error !== null) log.warn('a version of an image could not be removed', { image: name, version, error });
    }
    return due.length === 0 ? '' : `${due.length} to remove`;
  },
};
