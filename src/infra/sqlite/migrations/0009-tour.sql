-- Where each person is on the guided tour. Instants are epoch milliseconds UTC.

create table tour (
  person text primary key,
  -- Their Slack user id, for direct messages; null for who only uses the terminal.
  slack text,
  -- Where the first VM is made; null where the person has a choice.
  team text,
  state text not null check (state in ('on', 'over')),
  step text not null check (step in ('create', 'approve', 'restart', 'audit', 'alert')),
  skipped_json text not null,
  started_at integer not null,
  step_at integer not null,
  -- The create that the tour goes on with, and its VM.
  operation_id text,
  vm_id text
) strict, without rowid;
