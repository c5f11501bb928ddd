import { evaluateAlerts } from '../../operations/alert/evaluate.ts';
import { pruneUptime } from '../../operations/slo/record.ts';
import { wantedStarts } from '../../operations/watch/restart.ts';
import { PROBES, sweepHost } from '../../operations/watch/sweep.ts';
import type { Job } from '../job.ts';
import { startAgain } from '../start-again.ts';

export const sweep: Job = {
  name: 'sweep',
  summary: 'Ask each host how it and its VMs are',
  when: { every: 'minute' },
  per: 'platform',
  missed: 'skip',
  /** All hosts at once: one that hangs delays none. */
  run: async (deps) => {
    const settings = deps.settings();
    const probes = deps.rows.watch.toAsk(PROBES);
    const silent = await Promise.all(
      // A signal of its own for each: hundreds of listeners on one would look like a leak.
      settings.hosts.map(({ name }) =>
        sweepHost({ ...deps, settings }, name, AbortSignal.any([deps.signal]), probes.get(name) ?? []),
      ),
    );
    deps.rows.sighting(() => {
      deps.rows.samples.tidy(deps.clock.now());
      pruneUptime(deps.rows, deps.clock.now());
    });
    // Before the alerts, which tell of those that are given up; the starts themselves ask hosts, and keep nobody waiting.
    const starts = wantedStarts(deps.rows, deps.clock);
    evaluateAlerts({ ...deps, settings });
    await startAgain(starts, deps);
    const count = silent.filter((is) => is).length;
    return `${silent.length} hosts${count === 0 ? '' : `, ${count} silent`}`;
  },
};
