-- What comes from Slack and must not be lost, and what goes there. Instants are epoch milliseconds UTC.

-- Written before Slack gets its ack; work comes after. A redelivery has the same key, and so is the same row.
create table inbox (
  key text primary key,
  kind text not null check (kind in ('command', 'view', 'action')),
  -- The payload as it came, without tokens; emptied when the work is done.
  body_json text not null,
  received_at integer not null,
  done_at integer
) strict, without rowid;
create index inbox_open on inbox (received_at) where done_at is null;
create index inbox_done on inbox (done_at) where done_at is not null;

-- The one message of an operation, posted once and edited in place.
create table card (
  operation_id text primary key,
  -- Where it is to stand: channel id or name, or '@' and a Slack user id.
  wanted text not null,
  -- Where it goes if Hostler can't write there: '@' and a Slack user id.
  otherwise text,
  -- Where it stands.
  channel text,
  ts text,
  permalink text,
  -- Counts its changes; the message shows `sent_version`.
  version integer not null default 1,
  sent_version integer not null default 0,
  sent_digest text,
  file_digest text,
  state text not null default 'open' check (state in ('open', 'undeliverable')),
  attempts integer not null default 0,
  next_at integer not null default 0,
  error text
) strict;
create index card_dirty on card (operation_id) where version > sent_version and state = 'open';

-- Messages of their own, and replies under cards: each is delivered once per key, in order per place.
create table outbox (
  id integer primary key autoincrement,
  key text not null unique,
  wanted text not null,
  under_operation text,
  notice_json text not null,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'undeliverable')),
  attempts integer not null default 0,
  next_at integer not null default 0,
  error text,
  channel text,
  ts text,
  created_at integer not null default (cast(unixepoch('subsec') * 1000 as integer))
) strict;
create index outbox_waiting on outbox (id) where state = 'waiting';
