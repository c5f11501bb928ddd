-- What guests' agents said last of their filesystems, and when they were asked. Instants are epoch milliseconds UTC.
create table guest_filesystems (
  vm_id text primary key references vm (id),
  asked_at integer not null,
  -- Null until its agent has answered once; then what it said, whether it answered since or not.
  told_at integer,
  told_json text
) strict, without rowid;
