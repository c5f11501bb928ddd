-- What hosts, guests and pools did, over time. Instants are epoch milliseconds UTC, at the beginning of their slot.

-- What samples are of: a host's name, a VM's id, `host/pool`. Samples hold its number, for it stands in each of them.
create table sample_object (
  id integer primary key,
  kind text not null check (kind in ('host', 'vm', 'pool')),
  name text not null,
  unique (kind, name)
) strict;

-- One wide row for an object and a slot of 1, 10 or 60 minutes. Where something is not known it is null.
create table host_sample (
  minutes integer not null,
  object integer not null,
  at integer not null,
  up real,
  cpu real,
  cpu_peak real,
  steal real,
  iowait real,
  memory real,
  memory_peak real,
  swap_in real,
  swap_out real,
  load real,
  pressure_cpu real,
  pressure_memory real,
  pressure_io real,
  disk real,
  inodes real,
  disk_read real,
  disk_write real,
  disk_busy real,
  vg_free real,
  skew real,
  failed_units real,
  oom_kills real,
  nfs_bad real,
  libvirt real,
  kvm real,
  primary key (minutes, object, at)
) strict, without rowid;
create table vm_sample (
  minutes integer not null,
  object integer not null,
  at integer not null,
  up real,
  cpu real,
  cpu_peak real,
  cpu_wait real,
  memory real,
  memory_peak real,
  disk_bytes real,
  disk_read real,
  disk_write real,
  net_rx real,
  net_tx real,
  primary key (minutes, object, at)
) strict, without rowid;
create table pool_sample (
  minutes integer not null,
  object integer not null,
  at integer not null,
  data real,
  metadata real,
  size_bytes real,
  disk_read real,
  disk_write real,
  primary key (minutes, object, at)
) strict, without rowid;

-- Until when the slots of that length are made.
create table rollup (
  minutes integer primary key,
  until integer not null
) strict;

-- The counters of each host's last sweep: rates are the difference to them.
create table host_counters (
  host text primary key,
  at integer not null,
  counters_json text not null
) strict;

-- What is known of a VM's health beyond its state, and what its team wants of it.
create table vm_watch (
  vm_id text primary key,
  -- What the last change through Hostler left it as.
  wanted text check (wanted in ('running', 'off', 'suspended')),
  -- When that was.
  wanted_at integer,
  -- Last asked for agent and address.
  asked_at integer,
  agent_seen_at integer,
  agent_silent_since integer,
  address_seen_at integer,
  address_lost_since integer,
  -- Instants of starts that nobody asked Hostler for.
  starts_json text not null default '[]',
  -- Started again by itself when it is down, so often in an hour; null where its team doesn't want that.
  restart_limit integer,
  -- Instants of those.
  restarts_json text not null default '[]'
) strict, without rowid;
