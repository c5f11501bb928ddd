-- Alerts: where each rule stands, the messages that tell of it, and silences. Instants are epoch milliseconds UTC.

-- Where a rule stands at one subject; no row while all is well.
create table alert (
  -- `rule|kind:id`.
  fingerprint text primary key,
  rule text not null,
  kind text not null check (kind in ('host', 'pool', 'vm', 'team', 'fleet')),
  subject text not null,
  name text not null,
  host text,
  team text,
  state text not null check (state in ('pending', 'firing', 'clear')),
  since integer not null,
  fired_at integer,
  good_since integer,
  severity text not null check (severity in ('warning', 'critical')),
  value real not null,
  detail text not null,
  fires_json text not null,
  -- The message that tells of it; null while nobody is to be told.
  incident_id text
) strict, without rowid;
create index alert_incident on alert (incident_id) where incident_id is not null;

-- One message: its card bears the same id.
create table incident (
  id text primary key,
  rule text not null,
  title text not null,
  severity text not null check (severity in ('warning', 'critical')),
  -- Null where the configuration names no channel for it.
  channel text,
  team text,
  opened_at integer not null,
  changed_at integer not null,
  resolved_at integer,
  reopened integer not null default 0,
  acked_by text,
  acked_at integer,
  assignee text,
  escalated_at integer,
  -- Until when all of it is silenced, as its card shows it.
  silenced_until integer
) strict;
create index incident_open on incident (opened_at) where resolved_at is null;
create index incident_time on incident (opened_at);

-- What each message tells of, also after its end.
create table incident_alert (
  incident_id text not null references incident (id) on delete cascade,
  fingerprint text not null,
  kind text not null,
  subject text not null,
  name text not null,
  host text,
  detail text not null,
  fired_at integer not null,
  resolved_at integer,
  primary key (incident_id, fingerprint)
) strict, without rowid;

create table silence (
  id text primary key,
  scope text not null check (scope in ('vm', 'host', 'team', 'rule', 'alert')),
  scope_of text not null,
  from_at integer not null,
  until_at integer not null,
  reason text not null,
  person text not null,
  maintenance integer not null
) strict;
create index silence_until on silence (until_at);
