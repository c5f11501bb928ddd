-- How VMs were: a span of one status each, for uptime. Time without a span is unknown. Instants are epoch milliseconds UTC.

create table vm_uptime (
  vm_id text not null references vm (id) on delete cascade,
  from_at integer not null,
  until_at integer not null,
  status text not null check (status in ('up', 'down', 'planned', 'off')),
  primary key (vm_id, from_at)
) strict, without rowid;
create index vm_uptime_until on vm_uptime (until_at);
