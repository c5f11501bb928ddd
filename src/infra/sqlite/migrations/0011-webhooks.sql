-- Alerts that Alertmanager tells of, and those of our own that other programs are told of. Instants are epoch milliseconds UTC.

-- The last word on each; what is over is kept for a while, to know a late repetition.
create table external_alert (
  -- Alertmanager's, over the alert's labels.
  fingerprint text primary key,
  alertname text not null,
  kind text not null check (kind in ('host', 'vm', 'team', 'fleet')),
  subject text not null,
  name text not null,
  host text,
  team text,
  severity text not null check (severity in ('warning', 'critical')),
  detail text not null,
  -- By the sender's clock.
  started_at integer not null,
  heard_at integer not null,
  resolved_at integer
) strict, without rowid;
create index external_alert_firing on external_alert (heard_at) where resolved_at is null;
create index external_alert_over on external_alert (resolved_at) where resolved_at is not null;

-- What waits to be posted to other programs: in order for each of them, gone when it is delivered.
create table webhook_post (
  id integer primary key autoincrement,
  webhook text not null,
  body_json text not null,
  attempts integer not null default 0,
  next_at integer not null default 0,
  error text,
  created_at integer not null
) strict;
create index webhook_post_order on webhook_post (webhook, id);
