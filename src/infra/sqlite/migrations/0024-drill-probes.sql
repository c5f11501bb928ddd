-- A file of the VM whose checksum was the same before and after the moment that a backup shows: {"path", "sha256"}.

alter table backup add column marker_json text;
