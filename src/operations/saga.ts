import { BotError, errorFromRecord, errorRecord } from '../domain/error.ts';
import type { JournalEvent } from '../domain/journal-events.ts';
import type { OperationState } from '../domain/plan.ts';
import { type BringAboutDeps, bringAbout, type Outcome, Stopping, takeBack } from './bring-about.ts';
import { foldJournal, outputsOf, type StepStanding, standing, UNTOUCHED_OUTPUT } from './journal.ts';
import type { Ran } from './ports.ts';
import type { End } from './spec.ts';
import type { Step } from './step.ts';
import type { OperationRow, Rows } from './store.ts';
import { tellEnd } from './tell.ts';
import { type Given, giveTogether, goingTogether } from './together.ts';

export interface SagaDeps extends Omit<BringAboutDeps, 'cancelled'> {
  readonly rows: Rows;
  /** Rows of this operation changed: whoever follows it looks again. */
  readonly changed: (operationId: string) => void;
  /** The rows at the end; runs in the transaction that ends the operation. */
  readonly settle: (end: End, outputs: ReadonlyMap<string, unknown>) => void;
}

/**
 * Runs an operation to one of its ends, from wherever its journal says that it stands. Every step is in the journal before it acts
 * and after, so a bot that dies in between finds here where to go on. Throws `Stopping` when the bot stops, with nothing lost.
 */
export async function runSaga(operation: OperationRow, steps: readonly Step[], deps: SagaDeps): Promise<void> {
  const { rows } = deps;
  const cancelled = () => rows.operations.brief(operation.id)?.cancelAsked === true;
  const env: BringAboutDeps = { ...deps, cancelled };
  const fold = () => foldJournal(rows.journal.of(operation.id));

  if (rows.operations.brief(operation.id)?.state === 'running') {
    let given: Given = { results: new Map(), notBegun: [] };
    for (const step of steps) {
      const where = standing(fold(), step.name);
      if (where.done) continue;
      stopHere(deps);
      if (cancelled() && !pastReturn(steps, fold())) {
        turnBack(operation, new BotError('cancelled', 'It was cancelled'), deps);
        break;
      }
      if (!given.results.has(step)) {
        const group = where.started ? [step] : goingTogether(steps, step, fold());
        rows.transaction(() => {
          for (const each of group) note(operation, each, 'started', deps);
        });
        given = await giveTogether(group, deps.fleet);
      }
      const outcome = await bringAbout(step, where.started, env, given.results.get(step));
      if (outcome.outcome === 'done') {
        note(operation, step, 'done', deps, outcome);
        continue;
      }
      const event = outcome.outcome === 'failed' ? 'failed' : 'unknown';
      const stuck = event === 'unknown' || pastReturn(steps, fold());
      rows.transaction(() => {
        for (const behind of given.notBegun) note(operation, behind, 'failed', deps, 'not-begun');
        note(operation, step, event, deps, outcome);
        if (stuck) stick(operation, outcome.error, deps, fold());
        else turnBack(operation, outcome.error, deps);
      });
      if (stuck) return;
      break;
    }
  }

  const state = rows.operations.brief(operation.id)?.state;
  if (state === 'running') return end(operation, 'succeeded', deps, fold());
  if (state !== 'unwinding') return;
  for (const step of steps.toReversed()) {
    const where = standing(fold(), step.name);
    if (!where.started || where.undone || step.undo === 'nothing-to-undo') continue;
    stopHere(deps);
    if (step.undo === 'no-way-back') return stick(operation, lastError(operation, rows), deps, fold());
    note(operation, step, 'undo_started', deps);
    const outcome = await takeBack(step, step.undo, env);
    if (outcome.outcome !== 'done') {
      rows.transaction(() => {
        note(operation, step, 'undo_failed', deps, outcome);
        stick(operation, lastError(operation, rows), deps, fold());
      });
      return;
    }
    note(operation, step, 'undone', deps, outcome);
  }
  end(operation, 'failed', deps, fold());
}

/** Between two steps is a safe place: the next start goes on from the journal. */
function stopHere({ stopping }: SagaDeps): void {
  if (stopping.aborted) throw new Stopping();
}

/** A step without a way back has begun: from here one only goes forward. */
function pastReturn(steps: readonly Step[], fold: ReadonlyMap<string, StepStanding>): boolean {
  return steps.some((step) => step.undo === 'no-way-back' && standing(fold, step.name).started);
}

function lastError(operation: OperationRow, rows: Rows): BotError {
  const record = rows.operations.brief(operation.id)?.error;
  return record === null || record === undefined
    ? new BotError('bug', 'It failed without saying why')
    : errorFromRecord(record);
}

/** One event: journal, audit and card in one transaction. */
function note(
  operation: OperationRow,
  step: Step,
  event: JournalEvent,
  deps: SagaDeps,
  came?: Outcome | 'not-begun',
): void {
  const { rows, clock } = deps;
  const at = clock.now();
  const outcome = came === 'not-begun' ? undefined : came;
  const error = outcome !== undefined && outcome.outcome !== 'done' ? errorRecord(outcome.error) : null;
  rows.transaction(() => {
    rows.journal.append({
      operationId: operation.id,
      step: step.name,
      event,
      at,
      output:
        outcome?.outcome === 'done'
          ? outcome.output
          : came === 'not-begun' || untouched(outcome)
            ? UNTOUCHED_OUTPUT
            : undefined,
      error,
      ran: outcome?.ran ?? [],
    });
    audit(operation, step, came === 'not-begun' ? came : event, outcome?.ran ?? [], error?.message ?? null, rows, at);
    rows.operations.update(operation.id, { updatedAt: at });
    rows.touchCard(operation.id);
  });
  deps.changed(operation.id);
}

function untouched(outcome: Outcome | undefined): boolean {
  return outcome?.outcome === 'failed' && outcome.untouched === true;
}

function audit(
  operation: OperationRow,
  step: Step,
  event: JournalEvent | 'not-begun',
  ran: readonly Ran[],
  error: string | null,
  rows: Rows,
  at: number,
): void {
  const common = {
    operationId: operation.id,
    actor: { person: operation.person, slack: operation.slack, role: operation.role, via: operation.origin.via },
    team: operation.team,
    subject: operation.subject,
    host: step.host,
  };
  for (const command of ran) {
    rows.audit.append(
      {
        ...common,
        kind: 'host.command',
        outcome: command.exit === 0 ? 'done' : command.exit === null ? 'unknown' : 'failed',
        data: { step: step.name, command: command.line, exit: command.exit, ms: command.ms },
      },
      at,
    );
  }
  rows.audit.append(
    {
      ...common,
      kind: 'operation.step',
      outcome: event,
      data: { step: step.name, ...(error === null ? {} : { error }) },
    },
    at,
  );
}

function turnBack(operation: OperationRow, error: BotError, deps: SagaDeps): void {
  const at = deps.clock.now();
  deps.rows.transaction(() => {
    deps.rows.operations.move(operation.id, ['running'], 'unwinding', { error: errorRecord(error), updatedAt: at });
    deps.rows.touchCard(operation.id);
  });
  deps.changed(operation.id);
}

/** An undo failed, or a step beyond the point of no return: an admin is needed, and the locks stay. */
function stick(
  operation: OperationRow,
  error: BotError,
  deps: SagaDeps,
  fold: ReadonlyMap<string, StepStanding>,
): void {
  const { rows, clock } = deps;
  const at = clock.now();
  rows.transaction(() => {
    rows.operations.move(operation.id, ['running', 'unwinding'], 'stuck', {
      error: errorRecord(error),
      updatedAt: at,
      endedAt: at,
    });
    deps.settle('stuck', outputsOf(fold));
    finish(operation, 'stuck', error, rows, at);
  });
  deps.changed(operation.id);
}

function end(
  operation: OperationRow,
  how: 'succeeded' | 'failed',
  deps: SagaDeps,
  fold: ReadonlyMap<string, StepStanding>,
): void {
  const { rows, clock } = deps;
  const at = clock.now();
  rows.transaction(() => {
    const error = how === 'failed' ? lastError(operation, rows) : null;
    const state = error?.code === 'cancelled' ? 'cancelled' : how;
    rows.operations.move(operation.id, ['running', 'unwinding'], state, { updatedAt: at, endedAt: at });
    deps.settle(how, outputsOf(fold));
    rows.locks.release(operation.id);
    finish(operation, state, error, rows, at);
  });
  deps.changed(operation.id);
}

function finish(
  operation: OperationRow,
  outcome: OperationState,
  error: BotError | null,
  rows: Rows,
  at: number,
): void {
  rows.audit.append(
    {
      kind: 'operation.ended',
      operationId: operation.id,
      actor: { person: operation.person, slack: operation.slack, role: operation.role, via: operation.origin.via },
      team: operation.team,
      subject: operation.subject,
      host: operation.host,
      outcome,
      data: error === null ? {} : { code: error.code, error: error.message },
    },
    at,
  );
  rows.touchCard(operation.id);
  tellEnd(operation, outcome, at, rows);
}
