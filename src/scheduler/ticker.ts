import { recurrenceText, slotAfter, slotBefore } from '../domain/recurrence.ts';
import type { DeclaredJob, JobKey, JobRow, RunRow } from '../operations/schedule-rows.ts';
import type { Job, JobDeps } from './job.ts';

/** Later than this after its time, a job that doesn't make up for what it missed is left out. */
const LATE_MS = 5 * 60_000;
/** One that failed, or was cut off by a crash, is tried so often. */
const MOST_ATTEMPTS = 3;
const RETRY_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

export interface Ticker {
  /** Takes up what is due, asked for, or left by a bot that died. Decides on rows alone, at once; the jobs run on. */
  readonly tick: () => void;
  /** Resolves when nothing runs. */
  readonly settled: () => Promise<void>;
}

/** Looks at rows for what is due. `(job, place, period)` is entered in the transaction that sets the next time: so it runs once. */
export function makeTicker(deps: JobDeps, jobs: readonly Job[]): Ticker {
  const { rows, clock, settings, signal, log } = deps;
  const { schedule } = rows;
  const running = new Map<string, Promise<void>>();
  const byName = new Map(jobs.map((job) => [job.name, job]));
  let declared = '';

  const keyOf = ({ job, place }: JobKey): string => `${job} ${place}`;
  const zoneOf = (place: string): string =>
    settings().teams.find(({ name }) => name === place)?.timezone ?? settings().timezone;

  /** Teams and zones are the configuration's, which may have changed. */
  const declare = (now: number): void => {
    const { teams, timezone } = settings();
    const places = JSON.stringify([timezone, teams.map((team) => [team.name, team.timezone])]);
    if (places === declared) return;
    rows.transaction(() => schedule.declare(jobs.flatMap((job) => placesOf(job).map((place) => one(job, place, now)))));
    declared = places;
  };
  const placesOf = (job: Job): readonly string[] =>
    job.per === 'team' ? settings().teams.map(({ name }) => name) : [''];
  const one = (job: Job, place: string, now: number): DeclaredJob => {
    const zone = zoneOf(place);
    const { name, summary, when } = job;
    return { job: name, place, summary, zone, rule: recurrenceText(when), next: slotAfter(when, zone, now) };
  };

  const launch = (job: Job, run: RunRow): void => {
    const due = {
      period: run.period,
      dueAt: run.dueAt,
      team: settings().teams.find(({ name }) => name === run.place) ?? null,
      zone: zoneOf(run.place),
    };
    const promise = Promise.resolve()
      .then(() => job.run(deps, due))
      .then(
        (result) => schedule.update(run, { state: 'done', endedAt: clock.now(), result, retryAt: null }),
        (error: unknown) => failed(job, run, error),
      )
      .catch((error: unknown) => log.error('a scheduled job could not be written down', { job: job.name, error }))
      .finally(() => running.delete(keyOf(run)));
    running.set(keyOf(run), promise);
  };

  const failed = (job: Job, run: RunRow, error: unknown): void => {
    // Told to end: the next start goes on with it.
    if (signal.aborted) return;
    log.error('a scheduled job failed', { job: job.name, place: run.place, period: run.period, error });
    const now = clock.now();
    schedule.update(run, {
      state: 'failed',
      endedAt: now,
      result: error instanceof Error ? error.message : String(error),
      retryAt: job.missed === 'run-once' && run.attempts < MOST_ATTEMPTS ? now + RETRY_MS * run.attempts : null,
    });
  };

  /** Begins a run whose row is there: asked for, failed before, or left behind. */
  const takeUp = (run: RunRow, now: number): void => {
    const job = byName.get(run.job);
    if (running.has(keyOf(run))) return;
    const gone = job === undefined || !placesOf(job).includes(run.place);
    const crashed = run.state === 'running';
    if (gone || (crashed && (job.missed === 'skip' || run.attempts >= MOST_ATTEMPTS))) {
      const result = gone ? 'there is no such job any more' : 'the bot ended while it ran';
      schedule.update(run, { state: crashed && !gone ? 'failed' : 'skipped', endedAt: now, result, retryAt: null });
      return;
    }
    const begun = { state: 'running', attempts: run.attempts + 1, startedAt: now, retryAt: null } as const;
    schedule.update(run, begun);
    launch(job, { ...run, ...begun });
  };

  const comeDue = (row: JobRow, now: number): void => {
    const job = byName.get(row.job);
    // The next time waits for the last to end: then it is made up for.
    if (job === undefined || running.has(keyOf(row))) return;
    const slot = slotBefore(job.when, row.zone, now);
    const late = now - slot.dueAt > LATE_MS;
    const skipped = late && job.missed === 'skip';
    const run: RunRow = {
      job: row.job,
      place: row.place,
      ...slot,
      state: skipped ? 'skipped' : 'running',
      attempts: skipped ? 0 : 1,
      askedBy: null,
      startedAt: skipped ? null : now,
      endedAt: skipped ? now : null,
      result: skipped ? 'missed' : '',
      retryAt: null,
    };
    const entered = rows.transaction(() => {
      schedule.setNext(row, slotAfter(job.when, row.zone, now));
      schedule.prune(row, now - (job.when.every === 'minute' ? 1 : 800) * DAY_MS);
      return schedule.enter(run);
    });
    if (entered && !skipped) launch(job, run);
  };

  return {
    tick: () => {
      if (signal.aborted) return;
      const now = clock.now();
      declare(now);
      for (const run of [...schedule.open(), ...schedule.retries(now)]) takeUp(run, now);
      for (const row of schedule.due(now)) comeDue(row, now);
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
