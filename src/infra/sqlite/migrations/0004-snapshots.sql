-- Snapshots of VMs. Which came from which stands here and in LVM's tags: what LVM calls the origin follows renames.

create table snapshot (
  id text primary key,
  vm_id text not null references vm (id),
  name text not null,
  origin text not null check (origin in ('person', 'operation', 'schedule')),
  state text not null check (state in ('taking', 'ready', 'faulted')),
  consistency text not null check (consistency in ('application', 'filesystem', 'crash')),
  protected integer not null default 0,
  parent text,
  disks_json text not null,
  made_by text not null,
  taken_at integer not null,
  unique (vm_id, name)
) strict;

-- The snapshot that a VM's disks stand on: the newest, or the one that they were reverted to.
create table snapshot_head (
  vm_id text primary key references vm (id),
  snapshot_id text not null
) strict, without rowid;

-- How many of the snapshots that the schedule takes of a VM are kept: the newest of so many hours, days, weeks.
create table snapshot_schedule (
  vm_id text primary key references vm (id),
  hourly integer not null,
  daily integer not null,
  weekly integer not null,
  set_by text not null,
  set_at integer not null
) strict, without rowid;
