-- Backups of what has changed since another one, and the snapshot that is kept for the next.

alter table backup add column parent text references backup (id);
-- JSON, or null: the snapshot and its volumes.
alter table backup add column base_json text;

create index backup_on_parent on backup (parent);
