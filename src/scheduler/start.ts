import { schedule as cron } from 'node-cron';
import type { Job, JobDeps } from './job.ts';
import { schedule } from './schedule.ts';
import { makeTicker } from './ticker.ts';

export interface RunningSchedule {
  /** Somebody asked for a job: looks at the rows now, and not only at the next minute. */
  readonly wake: () => void;
  /** Tells what runs to break off, and waits for it, so that nobody writes rows after the database is closed. */
  readonly stop: () => Promise<void>;
}

/** Ticks each minute, and once at the start for what was missed. What is due stands in rows, so that cron may be late or leave one out. */
export function startSchedule(
  deps: Omit<JobDeps, 'signal'>,
  jobs: readonly Job[] = schedule,
  each = '* * * * *',
): RunningSchedule {
  const ending = new AbortController();
  const ticker = makeTicker({ ...deps, signal: ending.signal }, jobs);
  const tick = (): void => {
    try {
      ticker.tick();
    } catch (error) {
      deps.log.error('the schedule could not be looked at', { error });
    }
  };
  const task = cron(each, tick, { name: 'schedule', timezone: 'UTC' });
  tick();
  return {
    wake: () => void setImmediate(tick),
    stop: async () => {
      ending.abort();
      await task.destroy();
      await ticker.settled();
    },
  };
}
