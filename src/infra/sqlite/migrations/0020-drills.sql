-- Drills: restores that were carried out to prove that they can be. The evidence stays when VM and backup are gone.
-- Instants are epoch milliseconds UTC, spans milliseconds.
create table drill (
  id text primary key,
  operation_id text not null,
  -- The VM whose backup it was, not the one that was made for the drill.
  vm_id text not null references vm (id),
  team text not null,
  vm_name text not null,
  backup text not null,
  -- Where the backup was made, and where it was restored.
  from_host text not null,
  host text not null,
  verdict text not null check (verdict in ('running', 'passed', 'failed', 'broken-off')),
  -- Why it did not pass.
  reason text,
  rpo_ms integer,
  rto_ms integer,
  rpo_objective_ms integer not null,
  rto_objective_ms integer not null,
  checks_json text not null,
  timeline_json text not null,
  asked_by text not null,
  started_at integer not null,
  ended_at integer
) strict;

create index drill_of_team on drill (team, started_at);
create index drill_of_vm on drill (vm_id, started_at);

-- That a team puts off the test that it owes; the newest holds.
create table drill_postponed (
  team text not null,
  until_at integer not null,
  reason text not null,
  person text not null,
  at integer not null,
  primary key (team, at)
) strict, without rowid;

-- Drills that were asked for together with another, until they are begun.
create table drill_wanted (
  operation_id text not null,
  vm_id text not null references vm (id),
  person text not null,
  primary key (operation_id, vm_id)
) strict, without rowid;
