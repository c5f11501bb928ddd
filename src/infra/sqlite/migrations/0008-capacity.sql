-- Capacity day by day: what there was, what might be promised, what was, and what was in use. Counts of vCPUs, else bytes.

create table capacity_day (
  -- `fleet`, `host/NAME`, `team/NAME`.
  scope text not null,
  -- Days since 1970, by the platform's calendar.
  day integer not null,
  vcpus_size real,
  vcpus_limit real not null,
  vcpus_allocated real not null,
  vcpus_held real not null,
  vcpus_used real,
  memory_size real,
  memory_limit real not null,
  memory_allocated real not null,
  memory_held real not null,
  memory_used real,
  disk_size real,
  disk_limit real not null,
  disk_allocated real not null,
  disk_held real not null,
  disk_used real,
  primary key (scope, day)
) strict, without rowid;
create index capacity_day_day on capacity_day (day);
