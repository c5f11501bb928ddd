/** Steps that go to their host in one round trip, and what came of each. */
import { type StepStanding, standing } from './journal.ts';
import type { CallResult, Fleet, HostCall } from './ports.ts';
import type { Step } from './step.ts';

/** The step, with those behind it that may go along: all of them new, on its host, each trusted by its exit codes but the last. */
export function goingTogether(
  steps: readonly Step[],
  first: Step,
  fold: ReadonlyMap<string, StepStanding>,
): readonly Step[] {
  const group = [first];
  for (const next of steps.slice(steps.indexOf(first) + 1)) {
    const before = group.at(-1);
    if (before === undefined || !leadsOn(before)) break;
    if (next.host !== first.host || next.act === null || standing(fold, next.name).started) break;
    // It is begun when all before it is known to be well, and not a moment sooner.
    if (next.undo === 'no-way-back') break;
    group.push(next);
  }
  return group;
}

/** Where one of its commands fails, nothing behind it runs. */
function leadsOn({ withNext, act, wait }: Step): boolean {
  return (
    withNext === true &&
    act !== null &&
    wait === undefined &&
    act.commands.every(({ onFailure }) => onFailure !== 'go-on')
  );
}

export interface Given {
  /** What came of each step's act, as far as the host told. */
  readonly results: ReadonlyMap<Step, CallResult<unknown>>;
  /** Those that did not begin, for one before them failed. */
  readonly notBegun: readonly Step[];
}

/** Nothing, where there is only one: it goes by itself. */
export async function giveTogether(group: readonly Step[], fleet: Fleet): Promise<Given> {
  const acts = group.flatMap(({ act }): HostCall<unknown>[] => (act === null ? [] : [act]));
  const [first] = group;
  if (first === undefined || acts.length < 2) return { results: new Map(), notBegun: [] };
  const told = await fleet.runInTurn(first.host, acts, { lane: 'change' });
  const results = new Map<Step, CallResult<unknown>>();
  for (const [index, step] of group.entries()) {
    const result = told[index];
    if (result !== undefined) results.set(step, result);
  }
  return { results, notBegun: hasStopped(told.at(-1)) ? group.slice(told.length) : [] };
}

/** The host refused a command, or never began: what stood behind it did not run. An answer that can't be read stops nothing. */
function hasStopped(last: CallResult<unknown> | undefined): boolean {
  return last?.outcome === 'failed' && last.ran.at(-1)?.exit !== 0;
}
