import canonicalize from 'canonicalize';
import { commandText } from '../domain/command.ts';
import { type Amounts, add, NOTHING, type Plan, type PlannedStep } from '../domain/plan.ts';
import { amountsOf, checkQuota } from '../domain/quota.ts';
import type { Settings, Team } from '../domain/settings.ts';
import type { AnyChange } from './catalog-lookup.ts';
import type { Driver } from './driver.ts';
import type { Fleet, Hash, HostCall, Ids } from './ports.ts';
import type { Draft, Minted, PlanContext } from './spec.ts';
import type { Step } from './step.ts';
import type { Rows } from './store.ts';

export interface PlanningDeps {
  readonly rows: Rows;
  readonly fleet: Fleet;
  readonly driver: Driver;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly settings: () => Settings;
}

export interface Planned {
  readonly draft: Draft<unknown>;
  readonly plan: Plan;
  readonly digest: string;
  readonly minted: Readonly<Record<string, string>>;
}

export interface PlanRequest {
  readonly spec: AnyChange;
  readonly input: unknown;
  readonly looked: unknown;
  readonly opId: string;
  readonly actor: PlanContext['actor'];
  readonly team: string | null;
  readonly now: number;
  /** From the first planning of the same request; empty in the first. */
  readonly minted: Readonly<Record<string, string>>;
  readonly pinned: string | null;
}

/**
 * Makes the plan from rows and what `look` found; synchronous, so that it stands in one transaction with what it leads to.
 * The digest covers input, facts and every command line; not the clock, and no free space.
 */
export function makePlan(request: PlanRequest, deps: PlanningDeps): Planned {
  const { spec, opId } = request;
  const settings = deps.settings();
  const minted: Record<string, string> = { ...request.minted };
  const draft = spec.plan(
    request.input,
    {
      settings,
      rows: deps.rows,
      actor: request.actor,
      team: request.team,
      now: request.now,
      opId,
      pinned: request.pinned,
      driver: deps.driver,
      keep: (key, found) => {
        minted[key] ??= found;
        return minted[key];
      },
      mint: (key, make) => {
        minted[key] ??= mint(make, deps);
        return minted[key];
      },
    },
    request.looked,
  );
  const steps = spec.steps(draft.facts, deps.driver, settings, opId);
  const planned = steps.map((step) => plannedStep(step, deps));
  const digest = deps.hash(
    canonicalize({
      kind: spec.name,
      input: request.input,
      facts: draft.facts,
      adds: draft.adds,
      locks: draft.locks,
      steps: planned,
    }) ?? '',
  );
  return {
    draft,
    minted,
    digest,
    plan: {
      title: draft.title,
      verb: draft.verb,
      risk: draft.risk,
      steps: planned,
      notes: draft.notes,
      quota: quotaOf(draft, opId, deps),
    },
  };
}

function mint(make: Minted, { ids }: PlanningDeps): string {
  switch (make) {
    case 'vm-id':
      return ids.next('vm');
    case 'img-id':
      return ids.next('img');
    case 'snap-id':
      return ids.next('snap');
    case 'bak-id':
      return ids.next('bak');
    case 'drill-id':
      return ids.next('drill');
    case 'uuid':
      return ids.uuid();
    case 'mac':
      // 52:54:00 is the prefix that QEMU and libvirt use for guests.
      return `52:54:00:${(ids.hex(3).match(/../g) ?? []).join(':')}`;
  }
}

/** What the team holds, with plans and operations under way; the given operation left out. */
function usedBy(team: string, rows: Rows, except: string): Amounts {
  return add(amountsOf(rows.vms.list(team)), rows.held({ team, except }));
}

/** What the team uses, when it may have so much more; else throws `quota_exceeded`. For plans that must know before they look for room. */
export function withinQuota(team: Team, adds: Amounts, opId: string, rows: Rows): Amounts {
  const before = usedBy(team.name, rows, opId);
  checkQuota(team, before, adds);
  return before;
}

function quotaOf(draft: Draft<unknown>, opId: string, { rows, settings }: PlanningDeps): Plan['quota'] {
  const team = settings().teams.find(({ name }) => name === draft.team);
  if (team === undefined || sameAmounts(draft.adds, NOTHING)) return null;
  const before = withinQuota(team, draft.adds, opId, rows);
  return { before, after: add(before, draft.adds), limit: team.quota };
}

function sameAmounts(a: Amounts, b: Amounts): boolean {
  return a.vms === b.vms && a.vcpus === b.vcpus && a.memoryBytes === b.memoryBytes && a.diskBytes === b.diskBytes;
}

function plannedStep(step: Step, deps: PlanningDeps): PlannedStep {
  const lines = (call: HostCall<unknown>) =>
    call.commands.map((command) => commandText(deps.fleet.line(step.host, command), command, deps.hash));
  return {
    name: step.name,
    title: step.title,
    host: step.host,
    commands: step.act === null ? [] : lines(step.act),
    undo: typeof step.undo === 'string' ? step.undo : lines(step.undo.act),
  };
}

/** How a new plan differs from the one that was shown, for the stale card. Throws nothing; empty when they are the same. */
export function differences(before: Plan, after: Plan): string[] {
  const told: string[] = [];
  if (before.title !== after.title) told.push(`Then: ${before.title}. Now: ${after.title}.`);
  if (before.risk !== after.risk) told.push(`It was ${before.risk}, it would be ${after.risk}.`);
  const old = new Map(before.steps.map((step) => [step.name, step]));
  for (const step of after.steps) {
    const was = old.get(step.name);
    old.delete(step.name);
    if (was === undefined) told.push(`New step: ${step.title}.`);
    else if (was.host !== step.host) told.push(`${step.title}: on ${step.host} instead of ${was.host}.`);
    else if (was.commands.join('\n') !== step.commands.join('\n'))
      told.push(`${step.title}: its commands have changed.`);
  }
  for (const gone of old.values()) told.push(`No longer: ${gone.title}.`);
  return told;
}
