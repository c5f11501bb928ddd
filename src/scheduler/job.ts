import type { Recurrence } from '../domain/recurrence.ts';
import type { Settings, Team } from '../domain/settings.ts';
import type { ObserveDeps } from '../operations/observe.ts';
import type { Ids, Log } from '../operations/ports.ts';
import type { RunningService } from '../operations/serve.ts';

export interface JobDeps extends Omit<ObserveDeps, 'settings'> {
  readonly settings: () => Settings;
  readonly service: RunningService;
  readonly log: Log;
  readonly ids: Ids;
  /** Ends what waits for a host when the bot stops. */
  readonly signal: AbortSignal;
}

/** One time of a job. */
export interface Due {
  /** `2026-03-29`, `2026-03` …: for keys of what it posts. A time that somebody asked for has a period of its own. */
  readonly period: string;
  /** When it was due by its declaration; when somebody asked, then that instant. */
  readonly dueAt: number;
  /** For whom; null for the whole platform. */
  readonly team: Team | null;
  /** Its local times are this zone's. */
  readonly zone: string;
}

export interface Job {
  readonly name: string;
  /** What it does, for the list: no full stop. */
  readonly summary: string;
  readonly when: Recurrence;
  /** `team`: for each team, at its own local time. */
  readonly per: 'platform' | 'team';
  /** When the bot was down, or the last time still ran: once for all that was missed, or not at all. */
  readonly missed: 'run-once' | 'skip';
  /**
   * May come again for the same period, after a crash or a failure: what it does must bear that, what it posts has a key of that period.
   * Answers with what came of it, in a few words.
   */
  readonly run: (deps: JobDeps, due: Due) => Promise<string>;
}
