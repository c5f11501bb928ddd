-- What is known of findings of drift: told once, and left alone where an admin said so. Instants are epoch milliseconds UTC.
create table drift_known (
  -- `domain:HOST/UUID`, `volume:HOST/VG/NAME`, `owner:VM`, `snapshot:ID`, `changed:VM/PART`.
  key text primary key,
  told_at integer,
  ignored_by text,
  ignored_at integer
) strict, without rowid;
