import { type Actor, decide } from '../domain/access.ts';
import { BotError } from '../domain/error.ts';
import { answer, note, type PressDeps, wrongState } from './press-tools.ts';
import { again, lapsed, over, queue, replanOrStale } from './queue.ts';
import type { Answer } from './service.ts';
import type { OperationRow } from './store.ts';

/** A second person's yes or no. It counts for the digest that was shown, and never for one's own request. */
export async function vote(
  row: OperationRow,
  digest: string,
  actor: Actor,
  how: 'approve' | 'deny',
  deps: PressDeps,
): Promise<Answer> {
  const decision = decide(actor, 'approve', row.team);
  if (!decision.allowed) throw new BotError('forbidden', decision.reason, { hint: decision.hint });
  const approval = deps.rows.approvals.ofOperation(row.id);
  if (approval === null || row.state !== 'awaiting_approval' || approval.state !== 'open') throw wrongState(row);
  if (approval.from === 'admin' && actor.platform !== 'admin') {
    throw new BotError('forbidden', 'This needs a platform admin’s approval', { hint: 'Ask one of them.' });
  }
  if (actor.person === row.person || (actor.slack !== null && actor.slack === row.slack)) {
    throw new BotError('forbidden', 'Nobody approves their own request', { hint: 'Ask another lead or an admin.' });
  }
  const replan = how === 'approve' ? await again(row, deps) : null;
  deps.rows.transaction(() => {
    const now = deps.rows.operations.byId(row.id);
    if (now?.state !== 'awaiting_approval' || lapsed(now, deps)) return;
    if (replan === null) {
      deps.rows.approvals.vote(approval.id, actor.person, 'deny', deps.clock.now());
      deps.rows.approvals.setState(approval.id, 'open', 'denied');
      note(row.id, actor, 'approval.denied', 'denied', { digest: approval.digest }, deps);
      over(now, 'denied', deps);
      return;
    }
    if (replanOrStale(now, digest, replan, deps) === null) return;
    if (!deps.rows.approvals.vote(approval.id, actor.person, 'approve', deps.clock.now())) return;
    note(row.id, actor, 'approval.approved', 'approved', { digest: approval.digest }, deps);
    deps.rows.touchCard(row.id);
    const yes = deps.rows.approvals.ofOperation(row.id)?.votes.filter((each) => each.vote === 'approve').length ?? 0;
    if (yes < approval.needed) return;
    deps.rows.approvals.setState(approval.id, 'open', 'approved');
    queue(now, true, deps);
  });
  return answer(row.id, deps);
}
