import { asBotError, BotError, errorRecord } from '../domain/error.ts';
import type { Settings } from '../domain/settings.ts';
import { Stopping } from './bring-about.ts';
import { changeOf } from './catalog-lookup.ts';
import type { Driver } from './driver.ts';
import type { Clock, Fleet, Log } from './ports.ts';
import { runSaga } from './saga.ts';
import type { Operation } from './spec.ts';
import type { OperationRow, Rows } from './store.ts';

export interface RunnerDeps {
  readonly rows: Rows;
  readonly fleet: Fleet;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => Settings;
  readonly catalog: readonly Operation[];
  readonly changed: (operationId: string) => void;
  /** Locks were given back: those who wait for them may have their turn. */
  readonly released: () => void;
}

export interface Runner {
  /** Takes up what is queued, as far as the bounds allow. Called after each change of the queue. */
  readonly kick: () => void;
  /** Takes no more work, lets steps come to a safe place, and resolves when nothing runs. */
  readonly stop: () => Promise<void>;
  /** Operations in hand. */
  readonly busy: () => number;
}

/** At once on one host: LVM and libvirt take their own locks anyway, and a host must stay usable. */
const PER_HOST = 4;
const IN_ALL = 32;
/** Before a database that refused to be written is tried again. */
const UNWRITTEN_PAUSE_MS = 5_000;

/**
 * Runs queued operations, and on its first kick those that a crash left under way. Each is in the journal step by step,
 * so nothing here needs to be kept.
 */
export function makeRunner(deps: RunnerDeps): Runner {
  const { rows, clock, log } = deps;
  const running = new Map<string, { readonly host: string; readonly end: Promise<void> }>();
  const stopping = new AbortController();

  function kick(): void {
    if (stopping.signal.aborted) return;
    for (const row of rows.operations.inState(['running', 'unwinding', 'queued'])) {
      if (running.has(row.id) || running.size >= IN_ALL) continue;
      const onHost = [...running.values()].filter(({ host }) => host === row.host).length;
      if (onHost >= PER_HOST) continue;
      const end = run(row).then(
        () => {
          running.delete(row.id);
          if (stopping.signal.aborted) return;
          again();
        },
        async (error: unknown) => {
          // Not even the fault could be written down: the disk is full, or the database is gone. The journal still tells where it stood.
          log.error('an operation could not be written down', { operation: row.id, error });
          await clock.sleep(UNWRITTEN_PAUSE_MS, stopping.signal);
          running.delete(row.id);
          again();
        },
      );
      running.set(row.id, { host: row.host, end });
    }
  }

  /** After an operation. A queue that can't be read then is told, for nobody waits for this who could take the error. */
  function again(): void {
    try {
      deps.released();
      kick();
    } catch (error) {
      log.error('the queue could not be read', { error });
    }
  }

  async function run(row: OperationRow): Promise<void> {
    try {
      if (row.state === 'queued') {
        const at = clock.now();
        const moved = rows.transaction(() => {
          const ok = rows.operations.move(row.id, ['queued'], 'running', { startedAt: at, updatedAt: at });
          if (ok) rows.touchCard(row.id);
          return ok;
        });
        if (!moved) return;
        deps.changed(row.id);
      }
      const spec = changeOf(deps.catalog, row.kind);
      const settings = deps.settings();
      const facts = spec.facts.parse(row.facts);
      const steps = spec.steps(facts, deps.driver, settings, row.id);
      await runSaga(row, steps, {
        rows,
        clock,
        fleet: deps.fleet,
        unknownMs: settings.unknownMs,
        stopping: stopping.signal,
        changed: deps.changed,
        settle: (end, outputs) => spec.settle(facts, end, rows, outputs, clock.now()),
      });
    } catch (cause) {
      if (cause instanceof Stopping || stopping.signal.aborted) return;
      broken(row, cause);
    }
  }

  /** A bug of ours in the middle of an operation: it is stuck where its journal says, with its locks. */
  function broken(row: OperationRow, cause: unknown): void {
    const error = cause instanceof BotError ? cause : asBotError(cause);
    log.error('an operation met a bug', { operation: row.id, kind: row.kind, error: cause });
    const at = clock.now();
    rows.transaction(() => {
      rows.operations.move(row.id, ['queued', 'running', 'unwinding'], 'stuck', {
        error: errorRecord(error),
        updatedAt: at,
        endedAt: at,
      });
      rows.audit.append(
        {
          kind: 'operation.ended',
          operationId: row.id,
          actor: { person: row.person, slack: row.slack, role: row.role, via: row.origin.via },
          team: row.team,
          subject: row.subject,
          host: row.host,
          outcome: 'stuck',
          data: { code: error.code, error: error.message },
        },
        at,
      );
      rows.touchCard(row.id);
    });
    deps.changed(row.id);
  }

  return {
    kick,
    stop: async () => {
      stopping.abort();
      await Promise.allSettled([...running.values()].map(({ end }) => end));
    },
    busy: () => running.size,
  };
}
