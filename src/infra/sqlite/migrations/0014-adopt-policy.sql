-- Domains that start with their host, as it said when drift was looked for.
create table host_autostart (
  host text primary key,
  at integer not null,
  uuids_json text not null
) strict, without rowid;

-- When a VM that is down is started again by itself; null for never. How often in an hour stands in restart_limit.
alter table vm_watch add column restart_policy text check (restart_policy in ('on-failure', 'always'));
-- When Hostler gave that up, as the limit was reached; until somebody starts the VM or sets its policy anew.
alter table vm_watch add column gave_up_at integer;
-- The boot of its host after which it was started again: that counts as no crash.
alter table vm_watch add column started_for_boot integer;
