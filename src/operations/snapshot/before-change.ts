import { z } from 'zod';
import { BotError } from '../../domain/error.ts';
import type { Button } from '../../domain/notice.ts';
import { snapshotWorstBytes } from '../../domain/pool.ts';
import { formatSpan } from '../../domain/size.ts';
import { CONSISTENCIES, CONSISTENCY_WORDS, consistencyOf } from '../../domain/snapshot.ts';
import { fullName, type Vm } from '../../domain/vm.ts';
import type { Driver } from '../driver.ts';
import { roomInPool } from '../pool-room.ts';
import type { End, PlanContext } from '../spec.ts';
import type { Step } from '../step.ts';
import { letGuestGoOn, takeSnapshot } from '../steps/snapshots.ts';
import type { Rows } from '../store.ts';
import type { VmFacts } from '../vm/common.ts';
import {
  beginTaken,
  chooseHold,
  disksFor,
  type LookedAt,
  refuseTooMany,
  refuseUnfit,
  settleTaken,
  specOf,
  TakeFacts,
} from './common.ts';

/** The snapshot that an operation takes before it changes its VM; part of its facts. */
export const SavedFacts = TakeFacts.pick({ snapshotId: true, snapshot: true, hold: true, parent: true, disks: true })
  .extend({ consistency: z.enum(CONSISTENCIES), madeBy: z.string() })
  .nullable()
  // Operations that were planned by an older version have none.
  .default(null);
export type SavedFacts = z.infer<typeof SavedFacts>;

/** `before-resize-4k2p9x`: what an operation calls the state that it found. */
export function beforeName(verb: string, opId: string): string {
  return `before-${verb}-${opId.slice(-6).toLowerCase()}`;
}

/**
 * Plans the snapshot before a change. Where none can be taken the change goes on without, and its plan says why: it was asked for, and a
 * person decides. `adds`: how much more of the pool the change itself may come to hold.
 */
export function planSaved(
  vm: Vm,
  verb: string,
  looked: LookedAt,
  adds: number,
  context: PlanContext,
): { readonly saved: SavedFacts; readonly notes: readonly string[] } {
  const { rows, settings, actor, opId } = context;
  try {
    refuseUnfit(vm, looked);
    refuseTooMany(vm, rows, settings);
    const worst = snapshotWorstBytes(
      looked.volumes.filter(({ name }) => vm.disks.some(({ volume }) => volume === name)),
    );
    roomInPool(context, vm.host, worst + adds, 'There is no room for one');
    const snapshotId = context.mint('saved', 'snap-id');
    const hold = chooseHold(vm, looked, true, context.keep);
    const consistency = consistencyOf(looked.domain, hold);
    const snapshot = beforeName(verb, opId);
    return {
      saved: {
        snapshotId,
        snapshot,
        hold,
        parent: rows.snapshots.head(vm.id),
        disks: disksFor(vm, snapshotId),
        consistency,
        madeBy: actor.person,
      },
      notes: [
        `First its disks are kept as snapshot ${snapshot} for ${formatSpan(settings.snapshots.beforeChangeMs)}: ${CONSISTENCY_WORDS[consistency]}.`,
      ],
    };
  } catch (cause) {
    if (!(cause instanceof BotError) || cause.code === 'bug') throw cause;
    return {
      saved: null,
      notes: [`No snapshot is taken first, so there will be nothing to revert its disks to: ${cause.message}.`],
    };
  }
}

/** The first steps of a change that keeps the state before it. */
export function saveSteps(facts: VmFacts & { readonly saved: SavedFacts }, driver: Driver, opId: string): Step[] {
  if (facts.saved === null) return [];
  const at = { driver, host: facts.host, vm: fullName(facts) };
  const spec = specOf({ ...facts, ...facts.saved }, opId);
  return [takeSnapshot(at, spec), ...letGuestGoOn(at, spec)];
}

/** The snapshot's row when the change is queued. */
export function beginSaved(facts: VmFacts & { readonly saved: SavedFacts }, rows: Rows, now: number): void {
  if (facts.saved === null) return;
  beginTaken({ ...facts, ...facts.saved, protect: false, origin: 'operation' }, rows, now);
}

/** The snapshot's row at the end of the change. A change that is stuck behind it has its snapshot whole: it may be wanted then. */
export function settleSaved(
  facts: VmFacts & { readonly saved: SavedFacts },
  end: End,
  rows: Rows,
  outputs: ReadonlyMap<string, unknown>,
  now: number,
): void {
  if (facts.saved !== null) settleTaken({ ...facts, ...facts.saved }, end, rows, outputs, now);
}

/** The button that starts the change back: as a command does, with plan, policy and approval. */
export function undoBy(name: string, input: Readonly<Record<string, unknown>>): Button {
  return { label: 'Undo', press: { do: 'run', name, input } };
}
