import type { Actor } from '../domain/access.ts';
import { BotError } from '../domain/error.ts';
import type { OperationState } from '../domain/plan.ts';
import { answer, note, type PressDeps, wrongState } from './press-tools.ts';
import type { Answer } from './service.ts';
import type { OperationRow } from './store.ts';

/** What an admin does with a stuck operation: go on in its direction, roll back, or take the world as it is. */
export function settleStuck(
  row: OperationRow,
  actor: Actor,
  how: 'retry' | 'roll-back' | 'leave',
  deps: PressDeps,
): Answer {
  if (actor.platform !== 'admin') {
    throw new BotError('forbidden', 'Only a platform admin settles a stuck operation', {
      hint: 'Ask one: the card names the runbook.',
    });
  }
  deps.rows.transaction(() => {
    const events = deps.rows.journal.of(row.id);
    const backwards = events.some(({ event }) => event === 'undo_started');
    const to: OperationState = how === 'leave' ? 'failed' : how === 'roll-back' || backwards ? 'unwinding' : 'running';
    const at = deps.clock.now();
    if (!deps.rows.operations.move(row.id, ['stuck'], to, { updatedAt: at, endedAt: how === 'leave' ? at : null }))
      throw wrongState(row);
    if (how === 'leave') {
      deps.rows.locks.release(row.id);
      const vm = row.vmId === null ? null : deps.rows.vms.byId(row.vmId);
      if (vm?.life === 'faulted') deps.rows.vms.update(vm.id, { life: 'live' });
      const facts = JSON.stringify(row.facts);
      // What is left of an image on a host is nobody's golden volume: it may be added anew.
      for (const image of deps.rows.images.list()) {
        if (image.state === 'faulted' && facts.includes(image.id)) deps.rows.images.forget(image.id);
      }
    }
    note(row.id, actor, `operation.${how === 'leave' ? 'left_as_it_is' : how.replace('-', '_')}`, to, {}, deps);
    deps.rows.touchCard(row.id);
  });
  return answer(row.id, deps);
}
