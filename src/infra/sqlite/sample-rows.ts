import type Database from 'better-sqlite3';
import { z } from 'zod';
import { isPeak, SAMPLE_METRICS, type SampleKind } from '../../domain/samples.ts';
import type { SampleRow, WatchRows } from '../../operations/watch/watch-rows.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** How long rows of each slot are kept, and what they are made of. */
const LEVELS = [
  { minutes: 1, of: null, keptMs: 2 * DAY },
  { minutes: 10, of: 1, keptMs: 30 * DAY },
  { minutes: 60, of: 10, keptMs: 730 * DAY },
] as const;
const KINDS = ['host', 'vm', 'pool'] as const satisfies readonly SampleKind[];
/** Rows that far in the future come from a clock that was wrong. */
const FUTURE_MS = DAY;

const Count = z.number();
type Cell = string | number | null;
const Values = z.record(z.string(), z.union([z.number(), z.null()]));

/** Samples of hosts, VMs and pools, rolled up and forgotten by age, so that their number has a bound for each object. */
export function sampleRows(db: Database.Database): WatchRows['samples'] {
  const findObject = db.prepare('select id from sample_object where kind = ? and name = ?').pluck();
  const addObject = db.prepare('insert into sample_object (kind, name) values (?, ?)');
  const objectOf = (kind: SampleKind, name: string): number => {
    const found = findObject.get(kind, name);
    return found === undefined ? Number(addObject.run(kind, name).lastInsertRowid) : Count.parse(found);
  };
  const statements = { host: statementsFor(db, 'host'), vm: statementsFor(db, 'vm'), pool: statementsFor(db, 'pool') };
  const until = db.prepare('select until from rollup where minutes = ?').pluck();
  const setUntil = db.prepare(
    'insert into rollup (minutes, until) values (?, ?) on conflict do update set until = excluded.until',
  );
  const objects = db.prepare('select id, kind from sample_object');
  const SampleObject = z.object({ id: z.number(), kind: z.enum(KINDS) });
  const forgetObject = db.prepare('delete from sample_object where id = ?');

  const rollUp = (now: number): boolean => {
    let moved = false;
    for (const { minutes, of } of LEVELS) {
      if (of === null) continue;
      const slot = minutes * MINUTE;
      const to = Math.floor(now / slot) * slot;
      const done = Count.optional().parse(until.get(minutes)) ?? 0;
      if (done === to) continue;
      // After a clock that ran ahead, the slots of now on are made anew.
      if (done < to) for (const kind of KINDS) statements[kind].rollUp.run({ minutes, slot, of, from: done, to });
      setUntil.run(minutes, to);
      moved = true;
    }
    return moved;
  };

  const forget = (now: number): void => {
    for (const { id, kind } of objects.all().map((row) => SampleObject.parse(row))) {
      let left = false;
      for (const { minutes, keptMs } of LEVELS) {
        statements[kind].forgetOld.run(minutes, id, now - keptMs);
        statements[kind].forgetFuture.run(minutes, id, now + FUTURE_MS);
        left ||= statements[kind].any.get(minutes, id) !== undefined;
      }
      if (!left) forgetObject.run(id);
    }
  };

  return {
    add: (at, samples) => {
      const slot = Math.floor(at / MINUTE) * MINUTE;
      for (const { kind, object, values } of samples) {
        const known: Readonly<Record<string, number | null>> = values;
        const { names, add } = statements[kind];
        add.run(1, objectOf(kind, object), slot, ...names.map((name) => known[name]));
      }
    },
    latest: (kind, object) => {
      const id = findObject.get(kind, object);
      const row = id === undefined ? undefined : statements[kind].latest.get(id);
      return row === undefined ? null : seen(row);
    },
    latestSince: (kind, since) => {
      const { names, latestSince } = statements[kind];
      return new Map(latestSince.all(since).map((row) => [String(row[0]), positional(row, names)]));
    },
    series: (kind, object, minutes, from, to) => {
      const id = findObject.get(kind, object);
      return id === undefined ? [] : statements[kind].series.all(minutes, id, from, to).map(seen);
    },
    tidy: (now) => {
      if (rollUp(now)) forget(now);
    },
  };
}

function seen(row: unknown): SampleRow {
  const { at, minutes: _minutes, object: _object, ...values } = Values.parse(row);
  return { at: at ?? 0, values };
}

/** A row of cells: the object's name, the instant, then its metrics in their order. */
function positional(row: readonly Cell[], names: readonly string[]): SampleRow {
  const values: Record<string, number | null> = {};
  for (let at = 0; at < names.length; at += 1) values[names[at] ?? ''] = numeric(row[at + 2]);
  return { at: numeric(row[1]) ?? 0, values };
}

function numeric(cell: Cell | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}

/** The statements for one kind's table; its columns stand in `SAMPLE_METRICS`. */
function statementsFor(db: Database.Database, kind: SampleKind) {
  const table = `${kind}_sample`;
  const names = Object.keys(SAMPLE_METRICS[kind]);
  const columns = ['minutes', 'object', 'at', ...names];
  // A second sweep in a minute wins where it knows something.
  const better = names.map((name) => `${name} = coalesce(excluded.${name}, ${name})`);
  const rolled = Object.entries(SAMPLE_METRICS[kind]).flatMap(([name, metric]) => {
    const over = { mean: `avg(s.${name})`, max: `max(s.${name})`, sum: `sum(s.${name})` }[metric.over];
    const value = metric.over === 'mean' ? `round(${over}, 2)` : over;
    return isPeak(metric)
      ? [
          [name, value],
          [`${name}_peak`, `max(coalesce(s.${name}_peak, s.${name}))`],
        ]
      : [[name, value]];
  });
  return {
    names,
    add: db.prepare(
      `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})
       on conflict do update set ${better.join(', ')}`,
    ),
    latest: db.prepare(`select * from ${table} where minutes = 1 and object = ? order by at desc limit 1`),
    latestSince: db
      .prepare<unknown[], Cell[]>(
        `select o.name, s.at, ${names.map((name) => `s.${name}`).join(', ')} from sample_object o cross join ${table} s
       on s.minutes = 1 and s.object = o.id and s.at = (select max(at) from ${table} where minutes = 1 and object = o.id)
       where o.kind = '${kind}' and s.at >= ?`,
      )
      .raw(),
    series: db.prepare(`select * from ${table} where minutes = ? and object = ? and at >= ? and at < ? order by at`),
    any: db.prepare(`select 1 from ${table} where minutes = ? and object = ? limit 1`),
    // Object by object, so that each is a short range of the key.
    rollUp: db.prepare(
      `insert or replace into ${table} (minutes, object, at, ${rolled.map(([name]) => name).join(', ')})
       select @minutes, s.object, s.at - s.at % @slot as slot, ${rolled.map(([, value]) => value).join(', ')}
       from sample_object o cross join ${table} s
       on s.minutes = @of and s.object = o.id and s.at >= @from and s.at < @to
       where o.kind = '${kind}' group by s.object, slot`,
    ),
    // Two, for with an `or` the whole history of the object is read.
    forgetOld: db.prepare(`delete from ${table} where minutes = ? and object = ? and at < ?`),
    forgetFuture: db.prepare(`delete from ${table} where minutes = ? and object = ? and at > ?`),
  };
}
