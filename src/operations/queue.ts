import type { Actor } from '../domain/access.ts';
import { asBotError, BotError } from '../domain/error.ts';
import { hasEnded, type OperationState, STATE_WORDS } from '../domain/plan.ts';
import { changeOf } from './catalog-lookup.ts';
import { differences, makePlan, type Planned } from './planning.ts';
import type { PressDeps } from './press-tools.ts';
import type { ReadContext } from './spec.ts';
import type { OperationRow } from './store.ts';

/** Looks at the world again, and plans again with the same ids: what differs now makes the plan stale. */
export async function again(row: OperationRow, deps: PressDeps): Promise<() => Planned> {
  const spec = changeOf(deps.catalog, row.kind);
  const actor: Actor = {
    person: row.person,
    slack: row.slack,
    via: row.origin.via,
    platform: row.role === 'admin' || row.role === 'auditor' ? row.role : null,
    teams: new Map(row.team === null ? [] : [[row.team, row.role === 'lead' ? 'lead' : 'member']]),
    staleMs: null,
  };
  const context: ReadContext = {
    settings: deps.settings(),
    rows: deps.rows,
    fleet: deps.fleet,
    driver: deps.driver,
    clock: deps.clock,
    actor,
    team: row.team,
    catalog: deps.catalog,
    all: false,
    asSeen: false,
    checkHost: deps.checkHost,
  };
  const looked = await spec.look(row.input, context, 'press');
  return () =>
    makePlan(
      {
        spec,
        input: row.input,
        looked,
        opId: row.id,
        actor,
        team: row.team,
        now: deps.clock.now(),
        minted: row.minted,
        pinned: row.host,
      },
      deps,
    );
}

/** True when its time is over; it is expired then. */
export function lapsed(row: OperationRow, deps: PressDeps): boolean {
  if (row.expiresAt === null || row.expiresAt > deps.clock.now()) return false;
  expire(row, deps);
  return true;
}

/** Ends a plan or approval whose time is over. Inside a transaction. */
export function expire(row: OperationRow, deps: Pick<PressDeps, 'rows' | 'clock'>): void {
  closeApproval(row.id, 'expired', deps);
  over(row, 'expired', deps);
}

export function closeApproval(
  opId: string,
  to: 'expired' | 'cancelled' | 'stale',
  deps: Pick<PressDeps, 'rows'>,
): void {
  const approval = deps.rows.approvals.ofOperation(opId);
  if (approval !== null) deps.rows.approvals.setState(approval.id, 'open', to);
}

/** Ends what had not begun. Inside a transaction. */
export function over(row: OperationRow, state: OperationState, deps: Pick<PressDeps, 'rows' | 'clock'>): void {
  const at = deps.clock.now();
  deps.rows.operations.move(row.id, ['planned', 'awaiting_approval', 'queued'], state, {
    updatedAt: at,
    endedAt: at,
    expiresAt: null,
  });
  deps.rows.locks.release(row.id);
  deps.rows.audit.append(
    {
      kind: 'operation.ended',
      operationId: row.id,
      actor: { person: row.person, slack: row.slack, role: row.role, via: row.origin.via },
      team: row.team,
      subject: row.subject,
      host: row.host,
      outcome: state,
      data: {},
    },
    at,
  );
  deps.rows.touchCard(row.id);
}

/** The same plan again, or null: then the card has turned stale and shows what changed. */
export function replanOrStale(
  row: OperationRow,
  digest: string,
  replan: () => Planned,
  deps: PressDeps,
): Planned | null {
  let told: string[];
  try {
    const fresh = replan();
    if (fresh.digest === row.digest && digest === row.digest) return fresh;
    told = digest === row.digest ? differences(row.plan, fresh.plan) : ['The button belongs to an older plan.'];
    if (told.length === 0) told = ['Its facts have changed.'];
  } catch (cause) {
    if (!(cause instanceof BotError)) throw cause;
    told = [cause.message];
  }
  closeApproval(row.id, 'stale', deps);
  deps.rows.operations.update(row.id, {
    error: {
      code: 'conflict',
      message: `The plan no longer fits: ${told.join(' ')}`,
      hint: 'Ask again to get a new plan.',
    },
  });
  over(row, 'superseded', deps);
  return null;
}

/** Takes the locks and queues it, with its rows. Inside a transaction. Throws `conflict` when somebody holds a lock and it doesn't wait. */
export function queue(row: OperationRow, waits: boolean, deps: PressDeps): void {
  const { rows, clock } = deps;
  const held = rows.locks.take(row.id, row.locks);
  if (held !== null) {
    const holder = rows.operations.byId(held.operationId);
    if (!waits) {
      throw new BotError(
        'conflict',
        `${held.resource.replace(/^[a-z]+:/, '')} is busy: ${holder?.plan.title ?? 'another operation'}, asked by ${holder?.person ?? 'somebody'}, is ${STATE_WORDS[holder?.state ?? 'running']}`,
        {
          hint: 'Wait for its end and press again, or let this one wait its turn.',
        },
      );
    }
    rows.operations.update(row.id, { waits: true, updatedAt: clock.now() });
    rows.touchCard(row.id);
    return;
  }
  const spec = changeOf(deps.catalog, row.kind);
  rows.operations.move(row.id, ['planned', 'awaiting_approval'], 'queued', {
    expiresAt: null,
    waits: false,
    updatedAt: clock.now(),
  });
  spec.begin(spec.facts.parse(row.facts), rows, clock.now());
  rows.touchCard(row.id);
}

/** Gives those that wait for locks their turn, oldest first. Each is planned anew, for the one before it has changed the world. */
export async function letWaitersIn(deps: PressDeps): Promise<void> {
  const waiters = deps.rows.operations.inState(['planned', 'awaiting_approval']).filter((row) => row.waits);
  for (const row of waiters) {
    if (row.locks.some((lock) => deps.rows.locks.holder(lock) !== null)) continue;
    const approval = deps.rows.approvals.ofOperation(row.id);
    if (approval !== null && approval.state !== 'approved') continue;
    const replan = await again(row, deps).catch((cause: unknown) => () => {
      throw asBotError(cause);
    });
    deps.rows.transaction(() => {
      const now = deps.rows.operations.byId(row.id);
      if (now === null || !now.waits || hasEnded(now.state)) return;
      if (replanOrStale(now, now.digest, replan, deps) !== null) queue(now, true, deps);
    });
    deps.changed(row.id);
    deps.kick();
  }
}
