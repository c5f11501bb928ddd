-- An image comes in versions: a golden volume for each name, host and version. Which one a VM's disk is a clone of is kept, for
-- a version stays while VMs hang on it.

create table image_in_versions (
  id text primary key,
  name text not null,
  version integer not null,
  host text not null,
  state text not null check (state in ('adding', 'ready', 'old', 'retired', 'faulted')),
  vg text not null,
  volume text not null,
  size_bytes integer not null,
  file text not null,
  digest text,
  osinfo text not null,
  login text not null,
  added_at integer not null,
  changed_at integer not null,
  unique (name, host, version)
) strict;
insert into image_in_versions
  select id, name, 1, host, state, vg, volume, size_bytes, file, null, osinfo, login, added_at, added_at from image;
drop table image;
alter table image_in_versions rename to image;
-- New VMs are made of one version at a time.
create unique index image_ready on image (name, host) where state = 'ready';

create table image_clone (
  vm_id text primary key references vm (id) on delete cascade,
  image_id text not null
) strict, without rowid;
create index image_clone_of on image_clone (image_id);
insert into image_clone
  select vm.id, image.id from vm join image on image.name = vm.image and image.host = vm.host where vm.life <> 'purged';
