-- Domains that hosts have and that are no VM of ours, so that each is not asked for again with every sweep.
create table drift (
  host text not null,
  uuid text not null,
  domain_name text not null,
  reason text not null,
  looked_at integer not null,
  primary key (host, uuid)
) strict, without rowid;
