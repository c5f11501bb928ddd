import { z } from 'zod';
import { decide } from '../../domain/access.ts';
import type { Button } from '../../domain/notice.ts';
import { timeIn } from '../../domain/time-zone.ts';
import type { JobRow, RunRow } from '../schedule-rows.ts';
import { defineRead } from '../spec.ts';

const STATES: Readonly<Record<RunRow['state'], string>> = {
  asked: 'asked for',
  running: 'running',
  done: 'done',
  failed: 'failed',
  skipped: 'left out',
};

export const hostlerSchedule = defineRead({
  name: 'hostler.schedule',
  summary: 'List what Hostler does by itself: when it is next, and what came of the last time',
  input: z.strictObject({}),
  positional: [],
  permission: 'view',
  examples: ['/hostler schedule'],
  read: async (_input, { rows, actor, team, all }) => {
    const mine = (place: string): boolean =>
      place === '' || (decide(actor, 'view', place).allowed && (team === null || all || place === team));
    const jobs = rows.schedule
      .jobs()
      .filter(({ place }) => mine(place))
      .map((job) => ({ job, last: rows.schedule.last(job, 1)[0] ?? null }));
    const failed = jobs.filter(({ last }) => last?.state === 'failed');
    const runNow: Button = { label: 'Run now', press: { do: 'open', name: 'hostler.schedule.run', input: {} } };
    return {
      notice: {
        tone: failed.length > 0 ? 'warn' : 'plain',
        title: jobs.length === 1 ? '1 job' : `${jobs.length} jobs`,
        lines: failed.map(({ job, last }) => `${named(job)} failed: ${last?.result ?? ''}`),
        table: {
          columns: ['Job', 'When', 'Zone', 'Next', 'Last', 'Result'],
          rows: jobs.map(({ job, last }) => [
            named(job),
            job.rule,
            job.zone,
            timeIn(job.nextDueAt, job.zone),
            last === null ? 'never' : timeIn(last.startedAt ?? last.dueAt, job.zone),
            last === null ? '' : resultOf(last),
          ]),
          empty: 'No bot has run on this state yet: the jobs are entered when it starts.',
        },
        ...(decide(actor, 'platform', null).allowed ? { buttons: [runNow] } : {}),
      },
      json: jobs.map(({ job, last }) => ({
        name: job.job,
        team: job.place === '' ? null : job.place,
        summary: job.summary,
        when: job.rule,
        timezone: job.zone,
        nextAt: new Date(job.nextDueAt).toISOString(),
        last:
          last === null
            ? null
            : {
                period: last.period,
                state: last.state,
                result: last.result,
                attempts: last.attempts,
                askedBy: last.askedBy,
                startedAt: iso(last.startedAt),
                endedAt: iso(last.endedAt),
              },
      })),
    };
  },
});

function named({ job, place }: JobRow): string {
  return place === '' ? job : `${job} (${place})`;
}

function resultOf({ state, result, askedBy }: RunRow): string {
  const by = askedBy === null ? '' : `, asked for by ${askedBy}`;
  return `${STATES[state]}${by}${result === '' ? '' : `: ${result}`}`;
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
