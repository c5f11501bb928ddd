import { type Actor, decide, type Permission, type Role } from '../domain/access.ts';
import { ruleFor } from '../domain/approval.ts';
import { asBotError, BotError, errorRecord } from '../domain/error.ts';
import type { OperationState } from '../domain/plan.ts';
import type { Settings } from '../domain/settings.ts';
import { hourIn } from '../domain/time-zone.ts';
import { makerOfBackup } from './backup-ref.ts';
import { planNotice, refusal } from './card.ts';
import { type AnyChange, changeOf, operationOf, readOf } from './catalog-lookup.ts';
import { checkInput, inputError } from './check-input.ts';
import { fieldsOf } from './fields.ts';
import { makePlan, type PlanningDeps } from './planning.ts';
import type { CheckHost, Clock, Log } from './ports.ts';
import type { Answer, Request } from './service.ts';
import type { Draft, Operation, ReadContext } from './spec.ts';
import type { OperationRow } from './store.ts';
import { makerOf, splitRef } from './vm-ref.ts';

export interface SubmitDeps extends PlanningDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly catalog: readonly Operation[];
  readonly changed: (operationId: string) => void;
  readonly checkHost: CheckHost;
}

/** A request, from words to an answer: access, input, then a reading or a plan. Each question is asked once, here. */
export async function submit(request: Request, deps: SubmitDeps): Promise<Answer> {
  const { rows, catalog } = deps;
  let operation: Operation | null = null;
  let team: string | null = request.options.team ?? request.channelTeam;
  try {
    if (request.dedupe !== null) {
      const before = rows.operations.byDedupe(request.dedupe);
      if (before !== null) return { kind: 'operation', row: before };
    }
    operation = operationOf(catalog, request.name);
    team = chooseTeam(request, deps.settings());
    const checked = checkInput(operation, request.input);
    if (!checked.ok) {
      const given = (field: string) => (request.input[field] ?? '') !== '';
      if (!checked.faults.some(({ field }) => given(field))) {
        return { kind: 'ask', operation, input: request.input, faults: checked.faults };
      }
      throw inputError(checked.faults, operation);
    }
    const scope = scopeOf(operation, checked.input, team, request.actor, deps);
    const role = allow(request.actor, operation.permission, scope);
    const context: ReadContext = {
      settings: deps.settings(),
      rows,
      fleet: deps.fleet,
      driver: deps.driver,
      clock: deps.clock,
      actor: request.actor,
      team: scope.team,
      catalog,
      all: request.options.all === true,
      asSeen: request.options.asSeen === true,
      checkHost: deps.checkHost,
    };
    if (operation.kind === 'read') {
      return { kind: 'reading', ...(await readOf(catalog, request.name).read(checked.input, context)) };
    }
    return await plan(request, checked.input, context, role, deps);
  } catch (cause) {
    const error = asBotError(cause);
    if (error.code === 'bug') deps.log.error('a request met a bug', { name: request.name, error: cause });
    if (operation === null || operation.kind === 'change') auditRefusal(request, team, error, deps);
    return { kind: 'refused', error, notice: refusal(error) };
  }
}

async function plan(
  request: Request,
  input: unknown,
  context: ReadContext,
  role: Role,
  deps: SubmitDeps,
): Promise<Answer> {
  const { rows } = deps;
  const spec = changeOf(deps.catalog, request.name);
  const looked = await spec.look(input, context, 'plan');
  const opId = deps.ids.next('op');
  const now = deps.clock.now();
  const make = () =>
    makePlan(
      { spec, input, looked, opId, actor: request.actor, team: context.team, now, minted: {}, pinned: null },
      deps,
    );
  if (request.options.dryRun === true) {
    const made = make();
    return {
      kind: 'dry-run',
      notice: planNotice(made.plan, deps.settings()),
      json: { plan: made.plan, digest: made.digest, host: made.draft.host },
    };
  }
  const row = rows.transaction((): OperationRow => {
    const made = make();
    const { draft } = made;
    const direct = isDirect(spec, draft, deps.settings(), now);
    const operation: OperationRow = {
      id: opId,
      kind: spec.name,
      state: 'planned' satisfies OperationState,
      input,
      facts: draft.facts,
      minted: made.minted,
      plan: made.plan,
      digest: made.digest,
      risk: draft.risk,
      person: request.actor.person,
      slack: request.actor.slack,
      role,
      // Without a card: whoever asked is told by the answer.
      origin: direct ? { ...request.origin, channel: null } : request.origin,
      reason: request.options.reason ?? '',
      team: draft.team,
      subject: draft.subject,
      host: draft.host,
      vmId: draft.vmId,
      locks: draft.locks,
      adds: draft.adds,
      waits: false,
      error: null,
      createdAt: now,
      updatedAt: now,
      expiresAt: now + deps.settings().planValidMs,
      startedAt: null,
      endedAt: null,
      cancelAsked: false,
    };
    rows.operations.insert(operation, request.dedupe);
    rows.audit.append(
      {
        kind: 'operation.planned',
        operationId: opId,
        actor: { person: request.actor.person, slack: request.actor.slack, role, via: request.actor.via },
        team: draft.team,
        subject: draft.subject,
        host: draft.host,
        outcome: 'planned',
        data: {
          command: request.origin.command,
          operation: spec.name,
          input,
          digest: made.digest,
          risk: draft.risk,
          ...(operation.reason === '' ? {} : { reason: operation.reason }),
        },
      },
      now,
    );
    rows.touchCard(opId);
    return operation;
  });
  deps.changed(opId);
  return { kind: 'operation', row };
}

/** Done at once: it says so itself, and nobody's approval is needed. */
function isDirect(spec: AnyChange, draft: Draft<unknown>, settings: Settings, now: number): boolean {
  const zone = settings.teams.find(({ name }) => name === draft.team)?.timezone ?? settings.timezone;
  const what = { risk: draft.risk, kind: spec.name, team: draft.team, adds: draft.adds, hour: hourIn(now, zone) };
  return spec.direct === true && ruleFor(settings.approvals, what) === null;
}

/** The flag's team, else the channel's, else the actor's only one. */
function chooseTeam(request: Request, settings: Settings): string | null {
  const asked = request.options.team;
  if (asked !== undefined) {
    if (!settings.teams.some(({ name }) => name === asked)) {
      throw new BotError('not_found', `There is no team ${asked}`, {
        field: 'team',
        hint: `Teams are ${settings.teams
          .map(({ name }) => name)
          .slice(0, 20)
          .join(', ')}.`,
      });
    }
    return asked;
  }
  if (request.channelTeam !== null) return request.channelTeam;
  const mine = [...request.actor.teams.keys()];
  return mine.length === 1 ? (mine[0] ?? null) : null;
}

interface Scope {
  readonly team: string | null;
  /** The actor made the thing himself. */
  readonly own: boolean;
}

/** What is named `team/name`. */
const NAMED: readonly string[] = ['vm', 'vm-trashed', 'backup'];

/** Whose thing the request is about. A VM named `team/name` brings its team along. */
function scopeOf(operation: Operation, input: unknown, team: string | null, actor: Actor, deps: SubmitDeps): Scope {
  const field = fieldsOf(operation).find(({ from }) => from !== null && NAMED.includes(from));
  const value =
    field === undefined || typeof input !== 'object' || input === null ? undefined : Reflect.get(input, field.name);
  if (field === undefined || typeof value !== 'string') return { team, own: false };
  const ref = splitRef(value, team);
  const maker =
    field.from === 'backup' ? makerOfBackup(deps.rows, ref) : makerOf(deps.rows, ref, field.from === 'vm-trashed');
  return { team: ref.team, own: maker === actor.person };
}

function allow(actor: Actor, permission: Permission, scope: Scope): Role {
  const decision = decide(actor, permission, scope.team, scope.own);
  if (!decision.allowed) throw new BotError('forbidden', decision.reason, { hint: decision.hint });
  return decision.as;
}

/** An attempt at a change is in the history even when it came to nothing. */
function auditRefusal(request: Request, team: string | null, error: BotError, deps: SubmitDeps): void {
  deps.rows.transaction(() =>
    deps.rows.audit.append(
      {
        kind: 'request.refused',
        operationId: null,
        actor: { person: request.actor.person, slack: request.actor.slack, role: null, via: request.actor.via },
        team,
        subject: null,
        host: null,
        outcome: error.code,
        data: {
          command: request.origin.command,
          operation: request.name,
          input: request.input,
          error: errorRecord(error),
        },
      },
      deps.clock.now(),
    ),
  );
}
