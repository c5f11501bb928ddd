import { type Actor, decide } from '../domain/access.ts';
import { ruleFor } from '../domain/approval.ts';
import { asBotError, BotError } from '../domain/error.ts';
import type { Button } from '../domain/notice.ts';
import { hasEnded } from '../domain/plan.ts';
import { hourIn } from '../domain/time-zone.ts';
import { approvalAsked } from './approval-asked.ts';
import { refusal } from './card.ts';
import { answer, note, type PressDeps, wrongState } from './press-tools.ts';
import { again, closeApproval, lapsed, over, queue, replanOrStale } from './queue.ts';
import type { Answer, PressRequest } from './service.ts';
import { settleStuck } from './settle-stuck.ts';
import type { ApprovalRow, OperationRow } from './store.ts';
import { vote } from './vote.ts';

/**
 * One press of a button. It decides in one transaction that compares and sets the state, so that a double click, two people's clicks
 * and a redelivery are one press; nothing but the operation's id and digest is taken from the button.
 */
export async function press({ press: asked, actor }: PressRequest, deps: PressDeps): Promise<Answer> {
  try {
    const row = deps.rows.operations.byId(asked.op);
    if (row === null) throw new BotError('not_found', 'This operation is not known any more');
    switch (asked.do) {
      case 'accept':
        return await accept(row, asked.digest, actor, false, deps);
      case 'wait':
        return await accept(row, asked.digest, actor, true, deps);
      case 'approve':
      case 'deny':
        return await vote(row, asked.digest, actor, asked.do, deps);
      case 'cancel':
        return cancel(row, actor, deps);
      case 'retry':
      case 'roll-back':
      case 'leave':
        return settleStuck(row, actor, asked.do, deps);
    }
  } catch (cause) {
    const error = asBotError(cause);
    if (error.code === 'bug') deps.log.error('a press met a bug', { press: asked, error: cause });
    else if (error.code === 'forbidden')
      note(asked.op, actor, 'press.refused', error.code, { press: asked.do, error: error.message }, deps);
    const notice = refusal(error);
    if (error.code !== 'conflict' || asked.do !== 'accept') return { kind: 'refused', error, notice };
    const wait: Button = {
      label: 'Wait its turn',
      press: { do: 'wait', op: asked.op, digest: asked.digest },
      style: 'primary',
    };
    return { kind: 'refused', error, notice: { ...notice, buttons: [wait] } };
  }
}

async function accept(
  row: OperationRow,
  digest: string,
  actor: Actor,
  waits: boolean,
  deps: PressDeps,
): Promise<Answer> {
  if (actor.person !== row.person) {
    throw new BotError('forbidden', `Only ${row.person}, who asked for it, can start this`, {
      hint: 'Ask for the same yourself to get a plan of your own.',
    });
  }
  if (row.state !== 'planned') {
    if (hasEnded(row.state)) throw wrongState(row);
    return { kind: 'operation', row };
  }
  const replan = await again(row, deps);
  deps.rows.transaction(() => {
    const now = deps.rows.operations.byId(row.id);
    if (now?.state !== 'planned') return;
    if (lapsed(now, deps)) return;
    const fresh = replanOrStale(now, digest, replan, deps);
    if (fresh === null) return;
    note(row.id, actor, 'operation.accepted', 'accepted', { digest: now.digest }, deps);
    const settings = deps.settings();
    const team = settings.teams.find(({ name }) => name === now.team);
    const hour = hourIn(deps.clock.now(), team?.timezone ?? settings.timezone);
    // What the schedule does was agreed to in the configuration that tells it to.
    const rule =
      now.origin.via === 'schedule'
        ? null
        : ruleFor(settings.approvals, { risk: now.risk, kind: now.kind, team: now.team, adds: now.adds, hour });
    if (rule === null) {
      queue(now, waits, deps);
      return;
    }
    const expiresAt = deps.clock.now() + rule.validMs;
    const approval: ApprovalRow = {
      id: deps.ids.next('apr'),
      operationId: now.id,
      digest: now.digest,
      from: rule.from === 'admin' ? 'admin' : 'lead',
      needed: rule.count,
      state: 'open',
      createdAt: deps.clock.now(),
      expiresAt,
      votes: [],
    };
    deps.rows.approvals.insert(approval);
    deps.rows.operations.move(now.id, ['planned'], 'awaiting_approval', {
      expiresAt,
      waits,
      updatedAt: deps.clock.now(),
    });
    note(row.id, actor, 'approval.asked', 'open', { of: rule.from, needed: rule.count, digest: now.digest }, deps);
    const asked = approvalAsked(now, approval, settings);
    if (asked !== null) deps.rows.post({ key: `approval-asked:${approval.id}`, underOperation: null, ...asked });
    deps.rows.touchCard(now.id);
  });
  return answer(row.id, deps);
}

function cancel(row: OperationRow, actor: Actor, deps: PressDeps): Answer {
  const asAdmin = decide(actor, 'approve', row.team);
  if (actor.person !== row.person && !asAdmin.allowed) {
    throw new BotError('forbidden', `Only ${row.person}, a lead of the team or an admin can cancel this`, {
      hint: 'Ask one of them.',
    });
  }
  if (hasEnded(row.state)) throw wrongState(row);
  deps.rows.transaction(() => {
    const now = deps.rows.operations.byId(row.id);
    if (now === null || hasEnded(now.state)) return;
    note(row.id, actor, 'operation.cancel_asked', now.state, {}, deps);
    if (now.state === 'planned' || now.state === 'awaiting_approval') {
      closeApproval(row.id, 'cancelled', deps);
      over(now, 'cancelled', deps);
      return;
    }
    // Once queued its rows are written: the runner takes it up, sees this, and unwinds what there is.
    deps.rows.operations.update(row.id, { cancelAsked: true, updatedAt: deps.clock.now() });
    deps.rows.touchCard(row.id);
  });
  return answer(row.id, deps);
}
