-- Backups of VMs on the target. One outlives its VM, so it has what is needed to make that again.

create table backup (
  id text primary key,
  vm_id text not null references vm (id),
  team text not null,
  vm_name text not null,
  number integer not null,
  host text not null,
  directory text not null,
  origin text not null check (origin in ('person', 'schedule')),
  state text not null check (state in ('making', 'ready', 'damaged', 'faulted')),
  consistency text not null check (consistency in ('application', 'filesystem', 'crash')),
  disks_json text not null,
  vm_json text not null,
  files_json text not null,
  made_by text not null,
  taken_at integer not null,
  verified_at integer,
  unique (team, vm_name, number)
) strict;

create index backup_of_vm on backup (vm_id);
