-- Disks that guests were asked to let go of, and that were put back since they did not: they may still let go.
-- Instants are epoch milliseconds UTC.
create table asked_disk (
  vm_id text not null references vm (id),
  target text not null,
  asked_at integer not null,
  primary key (vm_id, target)
) strict, without rowid;
