import { type Actor, decide } from '../../domain/access.ts';
import { actorOfConfig } from '../../domain/actor.ts';
import type { Notice } from '../../domain/notice.ts';
import { hasEnded, type OperationState } from '../../domain/plan.ts';
import { stepBehind, type TourRow, type TourSigns, type TourStep, tourAfter } from '../../domain/tour.ts';
import type { Clock } from '../ports.ts';
import type { OperationRow, Rows } from '../store.ts';
import { type GuideDeps, stepsOf, tourNotice, welcome } from './guide.ts';

export interface TourDeps extends Omit<GuideDeps, 'rows'> {
  readonly rows: Rows;
  readonly clock: Clock;
}

/** Operations that are looked through for a step's signs. */
const RECENT = 100;

/** Says welcome to somebody who opens Hostler for the first time. Those in no team and without a role are left alone. */
export function greet(actor: Actor, { rows, catalog }: TourDeps): void {
  if (actor.slack === null || (actor.teams.size === 0 && actor.platform === null)) return;
  const { slack } = actor;
  rows.transaction(() =>
    rows.post({ key: `welcome:${slack}`, to: `@${slack}`, underOperation: null, notice: welcome(catalog) }),
  );
}

/** Begins a tour from its first step. */
export function beginTour(actor: Actor, team: string | null, deps: TourDeps): TourRow {
  const now = deps.clock.now();
  const mine = [...actor.teams.keys()];
  const row: TourRow = {
    person: actor.person,
    slack: actor.slack,
    // A tour that begins in another team's channel still makes its VM in one's own.
    team: team !== null && (mine.length === 0 || mine.includes(team)) ? team : (mine[0] ?? null),
    state: 'on',
    step: 'create',
    skipped: [],
    startedAt: now,
    stepAt: now,
    operationId: null,
    vmId: null,
  };
  return deps.rows.transaction(() => keep(row, deps));
}

/** Leaves that step out, when the tour stands there: a second press of the same button does nothing more. */
export function skipStep(row: TourRow, step: TourStep, deps: TourDeps): TourRow {
  if (row.state !== 'on' || row.step !== step) return row;
  return deps.rows.transaction(() => goOn({ ...row, skipped: [...row.skipped, step] }, deps));
}

/** Looks at what the person has done since; goes on where a step is done. To be called after each change of an operation. */
export function advanceTour(person: string, deps: TourDeps): void {
  const { rows } = deps;
  rows.transaction(() => {
    const row = rows.tours.find(person);
    if (row?.state !== 'on') return;
    const { signs, operation } = signsOf(row, rows);
    const step = tourAfter(row.step, signs);
    const known =
      operation === null ? row : { ...row, operationId: operation.id, team: operation.team, vmId: operation.vmId };
    if (step === row.step) return;
    const back = step === 'create';
    keep({ ...known, step, stepAt: deps.clock.now(), ...(back ? { operationId: null, vmId: null } : {}) }, deps);
  });
}

/** A read that somebody was answered: the audit counts for the tours of their teams, the alerts for their own. */
export function tourSawRead(name: string, actor: Actor, deps: TourDeps): void {
  const { rows } = deps;
  const step: TourStep | null =
    name === 'audit.search' || name === 'audit.show' ? 'audit' : name === 'alert.list' ? 'alert' : null;
  if (step === null) return;
  rows.transaction(() => {
    for (const row of rows.tours.on()) {
      if (row.step !== step) continue;
      if (row.person === actor.person || (step === 'audit' && looksFor(row, actor, deps))) goOn(row, deps);
    }
  });
}

/** Somebody who may read the team's audit looks at it for one who may not. */
function looksFor(row: TourRow, actor: Actor, { settings }: TourDeps): boolean {
  const own = actorOfConfig(settings(), row.person, 'slack');
  const mayself = own !== null && decide(own, 'audit', row.team).allowed;
  return !mayself && decide(actor, 'audit', row.team).allowed;
}

function goOn(row: TourRow, deps: TourDeps): TourRow {
  const step = stepBehind(row.step, stepsOf(deps.catalog));
  // Without a create there is nothing to approve.
  const next = step === 'approve' ? 'restart' : step;
  const skipped = step === 'approve' ? [...row.skipped, step] : row.skipped;
  if (next === null) return keep({ ...row, state: 'over' }, deps);
  return keep({ ...row, step: next, skipped, stepAt: deps.clock.now() }, deps);
}

/** Writes where the tour stands, and says so in the person's direct messages. */
function keep(row: TourRow, deps: TourDeps): TourRow {
  deps.rows.tours.save(row);
  if (row.slack === null) return row;
  const notice: Notice = tourNotice(row, deps);
  deps.rows.post({
    key: `tour:${row.slack}:${row.state === 'over' ? 'over' : row.step}:${row.stepAt}`,
    to: `@${row.slack}`,
    underOperation: null,
    notice,
  });
  return row;
}

const UNDER_WAY: readonly OperationState[] = ['queued', 'running', 'unwinding'];

function signsOf(row: TourRow, rows: Rows): { readonly signs: TourSigns; readonly operation: OperationRow | null } {
  const mine = rows.operations
    .recent({ team: null, vmId: null, limit: RECENT })
    .filter(({ person, createdAt }) => person === row.person && createdAt >= row.startedAt);
  const creates = mine.filter(({ kind }) => kind === 'vm.create');
  const operation =
    creates.find(({ id }) => id === row.operationId) ??
    creates.find(({ state }) => state !== 'planned' && (!hasEnded(state) || state === 'succeeded')) ??
    null;
  const restarted = mine.some(
    ({ kind, state, createdAt }) => kind === 'vm.restart' && state === 'succeeded' && createdAt >= row.stepAt,
  );
  return { signs: { create: signOf(operation), restarted }, operation };
}

function signOf(operation: OperationRow | null): TourSigns['create'] {
  if (operation === null || operation.state === 'planned') return 'none';
  if (operation.state === 'awaiting_approval') return 'waiting';
  if (operation.state === 'succeeded') return 'done';
  return UNDER_WAY.includes(operation.state) ? 'under-way' : 'failed';
}
