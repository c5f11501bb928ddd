-- The audit: append-only, each row holding the hash of the one before.
create table audit (
  seq integer primary key,
  at integer not null,
  kind text not null,
  operation_id text,
  actor_json text not null,
  person text not null,
  team text,
  subject text,
  host text,
  outcome text not null,
  data_json text not null,
  prev_hash text not null,
  hash text not null
) strict;
-- Every index ends in the row's seq by itself. What most rows lack isn't in it.
create index audit_operation on audit (operation_id) where operation_id is not null;
create index audit_team on audit (team) where team is not null;
create index audit_person on audit (person);
create index audit_subject on audit (subject) where subject is not null;

create trigger audit_no_update before update on audit begin select raise(abort, 'the audit is append-only'); end;
create trigger audit_no_delete before delete on audit begin select raise(abort, 'the audit is append-only'); end;
-- Also what keeps INSERT OR REPLACE off in a program that leaves recursive_triggers off, as sqlite3 does.
create trigger audit_in_order before insert on audit
when new.seq <> coalesce((select max(seq) from audit), 0) + 1
  or new.prev_hash <> coalesce((select hash from audit order by seq desc limit 1), '')
begin select raise(abort, 'an audit row must follow the last one'); end;
