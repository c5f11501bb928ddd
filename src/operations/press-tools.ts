import type { Actor } from '../domain/access.ts';
import { BotError } from '../domain/error.ts';
import { STATE_WORDS } from '../domain/plan.ts';
import type { Answer } from './service.ts';
import type { OperationRow } from './store.ts';
import type { SubmitDeps } from './submit.ts';

export interface PressDeps extends SubmitDeps {
  /** Something is queued, or its cancel was asked. */
  readonly kick: () => void;
}

/** What a person did to an operation, for the audit. */
export function note(
  opId: string,
  actor: Actor,
  kind: string,
  outcome: string,
  data: Record<string, unknown>,
  deps: PressDeps,
): void {
  const row = deps.rows.operations.byId(opId);
  deps.rows.audit.append(
    {
      kind,
      operationId: opId,
      actor: {
        person: actor.person,
        slack: actor.slack,
        role: actor.platform ?? actor.teams.get(row?.team ?? '') ?? null,
        via: actor.via,
      },
      team: row?.team ?? null,
      subject: row?.subject ?? null,
      host: row?.host ?? null,
      outcome,
      data,
    },
    deps.clock.now(),
  );
}

/** The answer of whatever changed an operation: its row, as it is now. */
export function answer(opId: string, deps: PressDeps): Answer {
  deps.changed(opId);
  deps.kick();
  const row = deps.rows.operations.byId(opId);
  if (row === null) throw new BotError('bug', `${opId} vanished`);
  return { kind: 'operation', row };
}

/** It has come further than this press could know. */
export function wrongState(row: OperationRow): BotError {
  return new BotError('wrong_state', `${row.plan.title} is ${STATE_WORDS[row.state]} already`, {
    hint: 'Its card shows where it stands.',
  });
}
