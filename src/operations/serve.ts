import type { Actor } from '../domain/access.ts';
import { hasEnded } from '../domain/plan.ts';
import { cardOfIncident } from './alert/common.ts';
import { operationCard } from './card.ts';
import { changeOf } from './catalog-lookup.ts';
import { choicesFrom } from './choices.ts';
import { commandsOf } from './commands-of.ts';
import { misread } from './misread.ts';
import { press } from './press.ts';
import type { PressDeps } from './press-tools.ts';
import { expire, letWaitersIn } from './queue.ts';
import { makeRunner } from './runner.ts';
import type { Answer, Service } from './service.ts';
import { type SubmitDeps, submit } from './submit.ts';
import { advanceTour, greet, tourSawRead } from './tour/tour.ts';
import { followUntil, makeWatchers } from './watchers.ts';

export type ServeDeps = Omit<SubmitDeps, 'changed'>;

/** The service with what its owner needs beside it. */
export interface RunningService extends Service {
  /** Takes up what a crash left under way. Once, at the start. */
  readonly resume: () => void;
  /** Expires plans and approvals whose time is over. */
  readonly expire: () => void;
  /** Takes no more work and resolves when all steps have come to a safe place. */
  readonly stop: () => Promise<void>;
  readonly busy: () => number;
}

/** Everything that Slack, terminal and clock ask for, over one set of rows and one fleet. */
export function serve(deps: ServeDeps): RunningService {
  const { rows, clock } = deps;
  const watchers = makeWatchers();
  const changed = (operationId: string): void => {
    watchers.changed(operationId);
    const person = rows.operations.brief(operationId)?.person;
    if (person !== undefined) aside(() => advanceTour(person, deps));
  };
  /** The tour looks at rows that are written already: its faults are nobody else's. */
  const aside = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      deps.log.error('a tour could not go on', { error });
    }
  };
  const pressDeps: PressDeps = { ...deps, changed, kick: () => runner.kick() };
  const runner = makeRunner({
    ...deps,
    changed,
    released: () => {
      letWaitersIn(pressDeps).catch((error: unknown) =>
        deps.log.error('waiting operations could not be taken up', { error }),
      );
    },
  });

  /** What needs no second press is pressed here, and answered when it is done. A terminal asks first, as it does for all. */
  async function doDirectly(answer: Answer, actor: Actor): Promise<Answer> {
    if (answer.kind !== 'operation' || answer.row.state !== 'planned' || answer.row.origin.channel !== null)
      return answer;
    const { id, digest, kind } = answer.row;
    if (changeOf(deps.catalog, kind).direct !== true) return answer;
    const pressed = await press({ press: { do: 'accept', op: id, digest }, actor }, pressDeps);
    if (pressed.kind !== 'operation') return pressed;
    return { kind: 'operation', row: await followUntil(rows, watchers, id, (row) => hasEnded(row.state)) };
  }

  return {
    catalog: deps.catalog,
    request: async (request) => {
      const answer = await submit(request, pressDeps);
      if (answer.kind === 'reading') aside(() => tourSawRead(request.name, request.actor, deps));
      return request.origin.via === 'slack' ? doDirectly(answer, request.actor) : answer;
    },
    greet: (actor) => greet(actor, deps),
    press: (request) => press(request, pressDeps),
    card: (operationId) => {
      const incident = rows.incidents.byId(operationId);
      if (incident !== null)
        return cardOfIncident(incident, { rows, settings: deps.settings(), now: clock.now(), catalog: deps.catalog });
      const row = rows.operations.byId(operationId);
      if (row === null) return null;
      const spec = changeOf(deps.catalog, row.kind);
      return operationCard({
        row,
        journal: rows.journal.of(operationId),
        approval: rows.approvals.ofOperation(operationId),
        settings: deps.settings(),
        now: clock.now(),
        report: (outputs) => spec.report?.(spec.facts.parse(row.facts), rows, deps.settings(), outputs) ?? null,
      });
    },
    follow: (operationId, until, options) =>
      followUntil(
        rows,
        watchers,
        operationId,
        (row) =>
          hasEnded(row.state) || (until === 'pause' && (row.state === 'planned' || row.state === 'awaiting_approval')),
        options,
      ),
    commandsOf: (operationId) => {
      const row = rows.operations.byId(operationId);
      return row === null ? null : commandsOf(row.plan, rows.journal.of(operationId));
    },
    misread: (attempt) => misread(attempt, rows, clock.now()),
    choices: choicesFrom(rows, deps.settings),
    resume: () => {
      runner.kick();
      for (const { person } of rows.tours.on()) aside(() => advanceTour(person, deps));
    },
    expire: () => {
      for (const row of rows.operations.expired(clock.now())) {
        rows.transaction(() => {
          const now = rows.operations.byId(row.id);
          if (now !== null && !hasEnded(now.state) && !now.waits) expire(now, { rows, clock });
        });
        changed(row.id);
      }
    },
    stop: runner.stop,
    busy: runner.busy,
  };
}
