-- What Hostler does by itself: when each job is due next, and what became of each time. Instants are epoch milliseconds UTC.

create table schedule_job (
  job text not null,
  -- A team's name; '' for what is done for the whole platform.
  place text not null,
  summary text not null,
  zone text not null,
  -- The recurrence as people read it; another one makes the next time be worked out anew.
  rule text not null,
  next_period text not null,
  next_due_at integer not null,
  primary key (job, place)
) strict, without rowid;
create index schedule_job_due on schedule_job (next_due_at);

-- One row for each period of a job: inserting it is taking it up, so a period runs once.
create table schedule_run (
  job text not null,
  place text not null,
  period text not null,
  due_at integer not null,
  state text not null check (state in ('asked', 'running', 'done', 'failed', 'skipped')),
  attempts integer not null,
  -- Who asked for it; null for the clock.
  asked_by text,
  started_at integer,
  ended_at integer,
  -- What came of it, in a few words.
  result text not null,
  -- When a failed one is tried again; null for never.
  retry_at integer,
  primary key (job, place, period)
) strict, without rowid;
create index schedule_run_time on schedule_run (job, place, due_at);
create index schedule_run_open on schedule_run (state) where state in ('asked', 'running');
create index schedule_run_retry on schedule_run (retry_at) where retry_at is not null;
