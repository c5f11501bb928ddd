-- Disks that were taken out of their VMs, and lie in the trash until they are attached again or purged.
-- Instants are epoch milliseconds UTC, sizes bytes.
create table detached_disk (
  vm_id text not null references vm (id),
  vg text not null,
  -- Its name in the trash.
  volume text not null,
  -- Where the guest had it.
  target text not null,
  size_bytes integer not null,
  kind text not null check (kind in ('thin', 'thick')),
  -- Its part of the definition, to attach it as it was.
  xml text not null,
  detached_at integer not null,
  detached_by text not null,
  primary key (vm_id, volume)
) strict, without rowid;
