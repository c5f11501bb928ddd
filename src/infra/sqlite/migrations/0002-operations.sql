-- The state of record: VMs, operations with their journal, locks, approvals, images, keys; and what hosts last reported.
-- Instants are epoch milliseconds UTC, sizes bytes, `*_json` JSON text.

create table vm (
  id text primary key,
  uuid text not null unique,
  team text not null,
  name text not null,
  domain_name text not null,
  host text not null,
  life text not null check (life in ('creating', 'live', 'trashed', 'purged', 'faulted')),
  vcpus integer not null,
  memory_bytes integer not null,
  flavor text not null,
  image text,
  login text,
  network text not null,
  mac text not null,
  address text,
  disks_json text not null,
  seed text,
  autostart integer not null default 0,
  xml text,
  created_by text not null,
  created_at integer not null,
  trashed_at integer,
  seen_state text,
  seen_reason text,
  seen_at integer
) strict;
-- A name, a domain name and a MAC belong to one VM; those in the trash have given theirs back.
create unique index vm_name on vm (team, name) where life in ('creating', 'live', 'faulted');
create unique index vm_domain_name on vm (domain_name) where life in ('creating', 'live', 'faulted');
create unique index vm_mac on vm (mac) where life <> 'purged';
create index vm_host on vm (host);

create table operation (
  id text primary key,
  kind text not null,
  state text not null check (state in ('planned', 'awaiting_approval', 'queued', 'running', 'unwinding',
    'succeeded', 'failed', 'cancelled', 'denied', 'expired', 'superseded', 'stuck')),
  dedupe text unique,
  input_json text not null,
  facts_json text not null,
  minted_json text not null,
  plan_json text not null,
  digest text not null,
  risk text not null,
  person text not null,
  slack text,
  role text not null,
  origin_json text not null,
  reason text not null,
  team text,
  subject text not null,
  host text not null,
  vm_id text,
  locks_json text not null,
  add_vms integer not null,
  add_vcpus integer not null,
  add_memory_bytes integer not null,
  add_disk_bytes integer not null,
  waits integer not null default 0,
  cancel_asked integer not null default 0,
  error_json text,
  created_at integer not null,
  updated_at integer not null,
  expires_at integer,
  started_at integer,
  ended_at integer
) strict;
create index operation_state on operation (state, created_at);
create index operation_vm on operation (vm_id, created_at);
create index operation_team on operation (team, created_at);

create table journal (
  seq integer primary key autoincrement,
  operation_id text not null references operation (id),
  step text not null,
  event text not null check (event in ('started', 'done', 'failed', 'unknown', 'undo_started', 'undone', 'undo_failed', 'retried')),
  at integer not null,
  output_json text,
  error_json text,
  ran_json text not null
) strict;
create index journal_operation on journal (operation_id, seq);
create trigger journal_no_update before update on journal begin select raise(abort, 'the journal is append-only'); end;
create trigger journal_no_delete before delete on journal begin select raise(abort, 'the journal is append-only'); end;

-- Inserting the row is taking the lock.
create table lock (
  resource text primary key,
  operation_id text not null references operation (id)
) strict, without rowid;

create table approval (
  id text primary key,
  operation_id text not null unique references operation (id),
  digest text not null,
  asked_of text not null check (asked_of in ('lead', 'admin')),
  needed integer not null,
  state text not null check (state in ('open', 'approved', 'denied', 'stale', 'expired', 'cancelled')),
  created_at integer not null,
  expires_at integer not null
) strict;
create table approval_vote (
  approval_id text not null references approval (id),
  person text not null,
  vote text not null check (vote in ('approve', 'deny')),
  at integer not null,
  primary key (approval_id, person)
) strict, without rowid;

create table image (
  id text primary key,
  name text not null,
  host text not null,
  state text not null check (state in ('adding', 'ready', 'faulted')),
  vg text not null,
  volume text not null,
  size_bytes integer not null,
  file text not null,
  osinfo text not null,
  login text not null,
  added_at integer not null,
  unique (name, host)
) strict;

create table template (
  host text not null,
  osinfo text not null,
  xml text not null,
  primary key (host, osinfo)
) strict, without rowid;

create table ssh_key (
  id text primary key,
  person text not null,
  name text not null,
  key text not null,
  added_at integer not null,
  unique (person, name)
) strict;

create table host (
  name text primary key,
  seen_at integer,
  observation_json text,
  trouble text,
  trouble_at integer
) strict;
