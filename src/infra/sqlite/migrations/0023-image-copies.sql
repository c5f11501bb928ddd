-- Images that were built: whether Hostler cleaned them, and the hosts that they are still to be brought onto.

alter table image add column cleaned integer not null default 0 check (cleaned in (0, 1));

create table image_wanted (
  -- The operation that built it.
  operation_id text not null,
  name text not null,
  host text not null,
  primary key (operation_id, host)
) strict, without rowid;
