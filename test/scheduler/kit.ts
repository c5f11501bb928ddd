/** A ticker over real rows, with a clock that stands still until it is moved. */
import { vi } from 'vitest';
import type { Settings } from '../../src/domain/settings.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { randomIds } from '../../src/infra/ids.ts';
import type { Job, JobDeps } from '../../src/scheduler/job.ts';
import { makeTicker, type Ticker } from '../../src/scheduler/ticker.ts';
import { makeWorld, type World } from '../kit/world.ts';

export interface ScheduleWorld {
  readonly world: World;
  readonly clock: { at: number };
  readonly error: ReturnType<typeof vi.fn>;
  settings: Settings;
  /** What a bot that starts has: nothing in memory. */
  readonly start: (jobs: readonly Job[]) => Ticker & { readonly stop: () => Promise<void> };
  readonly deps: (signal: AbortSignal) => JobDeps;
  readonly posted: () => string[];
}

export async function scheduleWorld(at: string, zones: Readonly<Record<string, string>> = {}): Promise<ScheduleWorld> {
  const world = await makeWorld({ images: false });
  world.db.pragma('synchronous = OFF');
  const clock = { at: Date.parse(at) };
  const [team] = world.settings.teams;
  if (team === undefined) throw new Error('the test settings have no team');
  const teams = Object.entries(zones).map(([name, timezone]) => ({ ...team, name, timezone, channel: name }));
  const error = vi.fn();
  const made: ScheduleWorld = {
    world,
    clock,
    error,
    settings: { ...world.settings, ...(teams.length === 0 ? {} : { teams }) },
    deps: (signal) => ({
      ...world,
      service: world.service,
      driver: makeDriver(),
      ids: randomIds(),
      clock: { now: () => clock.at, sleep: async () => undefined },
      settings: () => made.settings,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error },
      signal,
    }),
    start: (jobs) => {
      const ending = new AbortController();
      const ticker = makeTicker(made.deps(ending.signal), jobs);
      return {
        ...ticker,
        stop: async () => {
          ending.abort();
          await ticker.settled();
        },
      };
    },
    posted: () => world.db.prepare('select key from outbox order by id').pluck().all().map(String),
  };
  return made;
}

/** A job that posts one message for each period, as reports do. */
export function poster(change: Partial<Job> & Pick<Job, 'name' | 'when'>): Job {
  return {
    summary: 'Post something',
    per: 'team',
    missed: 'run-once',
    run: async ({ rows, clock }, { period, team }) => {
      const notice = { tone: 'plain', title: String(clock.now()) };
      rows.post({ key: `${change.name}:${team?.name}:${period}`, to: 'ops', underOperation: null, notice });
      return '';
    },
    ...change,
  };
}
