import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { Observation } from '../../domain/inventory.ts';
import type { ApprovalRow, HostRow, KeyRow, Rows } from '../../operations/store.ts';

/** Locks: inserting the row is taking it. */
export function lockRows(db: Database.Database): Rows['locks'] {
  const insert = db.prepare(
    'insert into lock (resource, operation_id) values (?, ?) on conflict (resource) do nothing',
  );
  const holder = db.prepare('select operation_id from lock where resource = ?').pluck();
  const held = db.prepare('select resource from lock').pluck();
  const release = db.prepare('delete from lock where operation_id = ?');
  const find = (resource: string) => z.string().optional().parse(holder.get(resource)) ?? null;
  return {
    take: (operationId, resources) => {
      const wanted = [...new Set(resources)].sort();
      for (const resource of wanted) {
        const by = find(resource);
        if (by !== null && by !== operationId) return { resource, operationId: by };
      }
      for (const resource of wanted) insert.run(resource, operationId);
      return null;
    },
    release: (operationId) => {
      release.run(operationId);
    },
    holder: find,
    held: () => new Set(held.all().map(String)),
  };
}

const Vote = z.object({ person: z.string(), vote: z.enum(['approve', 'deny']), at: z.number() });
const ApprovalRecord = z
  .object({
    id: z.string(),
    operation_id: z.string(),
    digest: z.string(),
    asked_of: z.enum(['lead', 'admin']),
    needed: z.number(),
    state: z.enum(['open', 'approved', 'denied', 'stale', 'expired', 'cancelled']),
    created_at: z.number(),
    expires_at: z.number(),
  })
  .transform(
    (row): Omit<ApprovalRow, 'votes'> => ({
      id: row.id,
      operationId: row.operation_id,
      digest: row.digest,
      from: row.asked_of,
      needed: row.needed,
      state: row.state,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    }),
  );

/** Approvals and their votes. */
export function approvalRows(db: Database.Database): Rows['approvals'] {
  const votes = db.prepare('select person, vote, at from approval_vote where approval_id = ? order by at, person');
  const withVotes = (row: unknown): ApprovalRow => {
    const approval = ApprovalRecord.parse(row);
    return { ...approval, votes: votes.all(approval.id).map((vote) => Vote.parse(vote)) };
  };
  const ofOperation = db.prepare('select * from approval where operation_id = ?');
  const open = db.prepare("select * from approval where state = 'open' order by created_at");
  const setState = db.prepare('update approval set state = ? where id = ? and state = ?');
  const addVote = db.prepare(
    'insert into approval_vote (approval_id, person, vote, at) values (?, ?, ?, ?) on conflict do nothing',
  );
  const insert = db.prepare(
    'insert into approval (id, operation_id, digest, asked_of, needed, state, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return {
    insert: (row) => {
      insert.run(row.id, row.operationId, row.digest, row.from, row.needed, row.state, row.createdAt, row.expiresAt);
    },
    ofOperation: (id) => {
      const row = ofOperation.get(id);
      return row === undefined ? null : withVotes(row);
    },
    open: () => open.all().map(withVotes),
    setState: (id, from, to) => setState.run(to, id, from).changes === 1,
    vote: (id, person, vote, at) => addVote.run(id, person, vote, at).changes === 1,
  };
}

/** virt-install's templates, one for each host and OS. */
export function templateRows(db: Database.Database): Rows['templates'] {
  const find = db.prepare('select host, osinfo, xml from template where host = ? and osinfo = ?');
  const save = db.prepare(
    'insert into template (host, osinfo, xml) values (@host, @osinfo, @xml) on conflict do update set xml = excluded.xml',
  );
  const Template = z.object({ host: z.string(), osinfo: z.string(), xml: z.string() });
  return {
    find: (host, osinfo) => {
      const row = find.get(host, osinfo);
      return row === undefined ? null : Template.parse(row);
    },
    save: (row) => {
      save.run(row);
    },
  };
}

/** People's ssh keys that they added themselves. */
export function keyRows(db: Database.Database): Rows['keys'] {
  const of = db.prepare('select * from ssh_key where person = ? order by name');
  const insert = db.prepare(
    'insert into ssh_key (id, person, name, key, added_at) values (@id, @person, @name, @key, @addedAt)',
  );
  const remove = db.prepare('delete from ssh_key where person = ? and name = ?');
  const KeyRecord = z
    .object({ id: z.string(), person: z.string(), name: z.string(), key: z.string(), added_at: z.number() })
    .transform(({ added_at, ...row }): KeyRow => ({ ...row, addedAt: added_at }));
  return {
    of: (person) => of.all(person).map((row) => KeyRecord.parse(row)),
    insert: (row) => {
      insert.run(row);
    },
    remove: (person, name) => remove.run(person, name).changes === 1,
  };
}

/** What each host last reported. */
export function hostRows(db: Database.Database): Rows['hosts'] {
  const HostRecord = z
    .object({
      name: z.string(),
      seen_at: z.number().nullable(),
      observation_json: z.string().nullable(),
      trouble: z.string().nullable(),
      trouble_at: z.number().nullable(),
    })
    .transform((row): HostRow => {
      const observation: Observation | null = row.observation_json === null ? null : JSON.parse(row.observation_json);
      return { name: row.name, seenAt: row.seen_at, observation, trouble: row.trouble, troubleAt: row.trouble_at };
    });
  const list = db.prepare('select * from host order by name');
  const isKnown = db.prepare('select 1 from host where name = ?').pluck();
  const find = db.prepare('select * from host where name = ?');
  const saw = db.prepare(
    `insert into host (name, seen_at, observation_json) values (?, ?, ?)
     on conflict do update set seen_at = excluded.seen_at, observation_json = excluded.observation_json, trouble = null, trouble_at = null`,
  );
  const missed = db.prepare(
    'insert into host (name, trouble, trouble_at) values (?, ?, ?) on conflict do update set trouble = excluded.trouble, trouble_at = excluded.trouble_at',
  );
  return {
    list: () => list.all().map((row) => HostRecord.parse(row)),
    find: (name) => {
      const row = find.get(name);
      return row === undefined ? null : HostRecord.parse(row);
    },
    isKnown: (name) => isKnown.get(name) !== undefined,
    saw: (name, observation, at) => {
      saw.run(name, at, JSON.stringify(observation));
    },
    missed: (name, trouble, at) => {
      missed.run(name, trouble, at);
    },
  };
}
