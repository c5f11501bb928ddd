import { askFilesystems } from '../../operations/watch/filesystems.ts';
import type { Job } from '../job.ts';

/** Beside the sweep, which waits for no guest: an agent may hang. */
export const guestFilesystems: Job = {
  name: 'guest-filesystems',
  summary: 'Ask guests’ agents how full their filesystems are, each every 15 minutes',
  when: { every: 'minute' },
  per: 'platform',
  missed: 'skip',
  /** All hosts at once: one that hangs delays none. */
  run: async (deps) => {
    const settings = deps.settings();
    const asked = await Promise.all(
      // A signal of its own for each: hundreds of listeners on one would look like a leak.
      settings.hosts.map(({ name }) => askFilesystems({ ...deps, settings }, name, AbortSignal.any([deps.signal]))),
    );
    const count = asked.reduce((sum, each) => sum + each, 0);
    return count === 0 ? '' : `${count} guests`;
  },
};
