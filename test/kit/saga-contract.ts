import { expect } from 'vitest';
import { type SimulatedFleet, simulatedFleet } from '../../demo/fleet/exec.ts';
import type { SimHostOptions } from '../../demo/fleet/host.ts';
import { LEFTOVERS, volumeAt } from '../../demo/fleet/model/lvm.ts';
import type { Snapshot } from '../../demo/fleet/model/snapshot.ts';
import type { PlannedStep } from '../../src/domain/plan.ts';
import { hasEnded } from '../../src/domain/plan.ts';
import type { Settings } from '../../src/domain/settings.ts';
import type { Fleet } from '../../src/operations/ports.ts';
import type { OperationRow, Rows } from '../../src/operations/store.ts';
import { makeWorld, type World, type WorldCopy } from './world.ts';

/** How an operation of the catalog is tried: the world that it needs, and what is asked. */
export interface Scenario {
  readonly prepare?: (world: World) => Promise<void>;
  readonly input: Readonly<Record<string, unknown>>;
  readonly as?: string;
  readonly images?: boolean;
  readonly settings?: Partial<Settings>;
  /** One host where left out. */
  readonly hosts?: readonly SimHostOptions[];
  /** The last step whose failure fails the whole, by the beginning of its name; the last with a command where left out. */
  readonly lastToFail?: string;
}

interface Slate {
  readonly hosts: readonly Snapshot[];
  readonly vms: unknown;
  readonly images: unknown;
  readonly keys: unknown;
  readonly runs: unknown;
  readonly snapshots: unknown;
  readonly schedules: unknown;
  readonly detached: unknown;
  readonly backups: unknown;
  readonly backupSchedules: unknown;
}

/** All that an operation may have changed, hosts and rows. What a sweep saw is left out: it is no change of ours. */
function slateOf(world: World): Slate {
  const vms = ['team-01', 'team-02'].flatMap((team) => [
    ...world.rows.vms.list(team),
    ...world.rows.vms.trashed(team, null),
  ]);
  return {
    hosts: world.hosts.map((host) => host.snapshot()),
    vms: vms.map(({ seen: _seen, address: _address, ...vm }) => vm),
    images: world.rows.images.list(),
    keys: world.rows.keys.of('01-dev1'),
    runs: world.rows.schedule.open(),
    schedules: world.rows.snapshots.schedules().map(({ setAt: _setAt, ...rest }) => rest),
    detached: world.rows.detached.of(null).map(({ detachedAt: _detachedAt, ...rest }) => rest),
    backupSchedules: world.rows.backups.schedules().map(({ setAt: _setAt, ...rest }) => rest),
    backups: world.rows.backups
      .list(null)
      .map(({ takenAt: _takenAt, verifiedAt, ...rest }) => ({ ...rest, verified: verifiedAt !== null })),
    snapshots: vms.map(({ id }) => [
      world.rows.snapshots.head(id),
      world.rows.snapshots.of(id).map(({ takenAt: _takenAt, ...rest }) => rest),
    ]),
  };
}

/** A snapshot without what is minted anew in each run, to compare two runs that went well. */
function shapeOf(slate: Slate): string {
  const ids = new Map<string, string>();
  return JSON.stringify(slate, null, 1)
    .replaceAll(
      /\b(?:vm|img|key|op|snap|bak)[-_][0-9a-z]{26}\b|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|52:54:00(?::[0-9a-f]{2}){3}/gi,
      (id) => {
        const key = id.toLowerCase().replaceAll('_', '-');
        if (!ids.has(key)) ids.set(key, '#');
        return ids.get(key) ?? '';
      },
    )
    .replaceAll(/before-([a-z]+)-[0-9a-z]{6}/g, 'before-$1-#')
    .replaceAll(/ [0-9a-f]{12}"/g, ' sum"')
    .replaceAll(/"[0-9a-f]{64}"/g, '"sum"')
    .replaceAll(/"(?:createdAt|trashedAt|addedAt|changedAt|dueAt)": \d+/g, '"at": 0')
    .replaceAll(/("content"|cloudvg\/\S+ \S+ \d+[^"]*\]).*"/g, '$1"');
}

/** A scenario's world before its operation, and what that comes to where nothing disturbs it. */
interface Ground {
  readonly prepared: WorldCopy;
  readonly steps: readonly PlannedStep[];
  /** The shape of the slate. */
  readonly well: string;
}

const grounds = new WeakMap<Scenario, Promise<Ground>>();

/** Made once for each scenario: its many runs begin in copies. */
function groundOf(name: string, scenario: Scenario): Promise<Ground> {
  const ground = grounds.get(scenario) ?? makeGround(name, scenario);
  grounds.set(scenario, ground);
  return ground;
}

async function makeGround(name: string, scenario: Scenario): Promise<Ground> {
  const world = await makeWorld(optionsOf(scenario));
  try {
    await scenario.prepare?.(world);
    const prepared = world.copy();
    const row = await run(world, name, scenario);
    expect([row.state, row.error]).toEqual(['succeeded', null]);
    await expectSettled(world, row);
    return { prepared, steps: row.plan.steps, well: shapeOf(slateOf(world)) };
  } finally {
    await world.close();
  }
}

function optionsOf({ hosts, images = true, settings = {} }: Scenario): Parameters<typeof makeWorld>[0] {
  return { ...(hosts === undefined ? {} : { hosts }), images, settings };
}

const worldOn = ({ prepared }: Ground, scenario: Scenario): Promise<World> =>
  makeWorld({ ...optionsOf(scenario), from: prepared });

async function planOf(world: World, name: string, scenario: Scenario): Promise<OperationRow> {
  // From a terminal: in Slack, what is done directly is pressed by itself.
  const asked = await world.ask(name, scenario.input, scenario.as, {}, 'terminal');
  if (asked.kind !== 'operation') throw new Error(`${name} made no plan: ${JSON.stringify(asked)}`);
  return asked.row;
}

async function run(world: World, name: string, scenario: Scenario): Promise<OperationRow> {
  const row = await planOf(world, name, scenario);
  await accept(world, row, scenario);
  return world.service.follow(row.id, 'end', { signal: AbortSignal.timeout(20_000) });
}

async function accept(world: World, row: OperationRow, scenario: Scenario): Promise<void> {
  const pressed = await world.service.press({
    press: { do: 'accept', op: row.id, digest: row.digest },
    actor: world.actor(scenario.as ?? '01-dev1'),
  });
  if (pressed.kind === 'refused') throw pressed.error;
}

/** Whatever happened: it is over, nothing is held, no guest can read what another left, and the chain is whole. */
async function expectSettled(world: World, row: OperationRow): Promise<void> {
  expect(hasEnded(row.state)).toBe(true);
  expect(row.state).not.toBe('stuck');
  for (const lock of row.locks) expect(world.rows.locks.holder(lock)).toBeNull();
  expect(world.rows.held({})).toEqual({ vms: 0, vcpus: 0, memoryBytes: 0, diskBytes: 0 });
  expect(await world.rows.audit.verify(null)).toMatchObject({ ok: true });
  for (const { model } of world.hosts) {
    const plugged = model.domains.flatMap(({ live }) => live?.facts.disks.map(({ source }) => source ?? '') ?? []);
    const leaking = plugged.filter((path) => volumeAt(model, path)?.content.includes(LEFTOVERS));
    expect(leaking).toEqual([]);
  }
  expect(world.fleet.unknown()).toEqual([]);
}

function escaped(line: string): RegExp {
  return new RegExp(line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

/** The commands that a step runs, as the simulator sees them (ids of this very plan). */
function firstCommand(step: PlannedStep): string | undefined {
  return step.commands[0]?.replace(/ < .*\(sha256 [0-9a-f]+\)$/, '');
}

/** Every step with a command, once undisturbed, then with each kind of trouble at its first command. */
export async function breakEachStep(name: string, scenario: Scenario): Promise<number> {
  const ground = await groundOf(name, scenario);
  const { well } = ground;
  let tried = 0;
  for (const [index, step] of ground.steps.entries()) {
    if (firstCommand(step) === undefined) continue;
    for (const when of ['before', 'midway', 'after'] as const) {
      for (const kind of ['fail', 'cut', 'cut-output'] as const) {
        // What has not begun has no output: that is the cut.
        if (when === 'before' && kind === 'cut-output') continue;
        const world = await worldOn(ground, scenario);
        try {
          const before = slateOf(world);
          const row = await planOf(world, name, scenario);
          const line = firstCommand(row.plan.steps[index] ?? step) ?? '';
          const host = world.hosts.find((each) => each.name === step.host);
          const armed = host?.trouble.add({ match: escaped(line), when, kind });
          await accept(world, row, scenario);
          const ended = await world.service.follow(row.id, 'end', { signal: AbortSignal.timeout(20_000) });
          const told = `${step.name}, ${kind} ${when}: ${ended.state} ${ended.error?.message ?? ''}`;
          expect([told, armed?.fired()]).toEqual([told, 1]);
          await expectSettled(world, ended);
          if (ended.state === 'succeeded') expect([told, shapeOf(slateOf(world))]).toEqual([told, well]);
          else expect([told, slateOf(world)]).toEqual([told, before]);
          tried += 1;
        } finally {
          await world.close();
        }
      }
    }
  }
  return tried;
}

/** Gives every changing call twice, and answers with the second's result. */
function twice(fleet: SimulatedFleet): Fleet['run'] {
  const once = simulatedFleet(fleet.hosts().map((name) => fleet.host(name))).run;
  return async (host, call, options) => {
    if (options?.lane !== 'change') return once(host, call, options);
    await once(host, call, options);
    return once(host, call, options);
  };
}

/** Each do twice, then each undo twice behind a failure of the last step. */
export async function doAndUndoTwice(name: string, scenario: Scenario): Promise<void> {
  const ground = await groundOf(name, scenario);
  const world = await worldOn(ground, scenario);
  try {
    world.through(twice(world.fleet));
    const row = await run(world, name, scenario);
    expect([row.state, row.error]).toEqual(['succeeded', null]);
    await expectSettled(world, row);
    expect(shapeOf(slateOf(world))).toEqual(ground.well);
  } finally {
    await world.close();
  }
  const last = ground.steps.findLastIndex(
    (step) => firstCommand(step) !== undefined && step.name.startsWith(scenario.lastToFail ?? ''),
  );
  if (last < 0) return;
  const again = await worldOn(ground, scenario);
  try {
    const before = slateOf(again);
    const row = await planOf(again, name, scenario);
    const step = row.plan.steps[last];
    if (step === undefined || row.plan.steps.slice(0, last + 1).some(({ undo }) => undo === 'no-way-back')) return;
    again.through(twice(again.fleet));
    again.hosts
      .find((each) => each.name === step.host)
      ?.trouble.add({ match: escaped(firstCommand(step) ?? ''), when: 'before', kind: 'fail', times: 2 });
    await accept(again, row, scenario);
    const ended = await again.service.follow(row.id, 'end', { signal: AbortSignal.timeout(20_000) });
    expect([ended.state, ended.error?.code]).toEqual(['failed', 'host_fault']);
    await expectSettled(again, ended);
    expect(slateOf(again)).toEqual(before);
  } finally {
    await again.close();
  }
}

class Killed extends Error {
  override readonly name = 'Killed';
}

/** Rows that die after their nth outermost commit: nothing after it is written or read, as after a SIGKILL. */
function dyingAfter(
  rows: Rows,
  commits: number,
): { readonly rows: Rows; readonly dead: () => boolean; readonly death: Promise<void> } {
  let left = commits;
  let die = (): void => undefined;
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  let depth = 0;
  const alive = (): void => {
    if (left <= 0 && depth === 0) throw new Killed('the bot was killed');
  };
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (object, key, receiver) => {
        alive();
        const value: unknown = Reflect.get(object, key, receiver);
        return typeof value === 'object' && value !== null ? guard(value) : value;
      },
    });
  const transaction: Rows['transaction'] = (work) => {
    alive();
    depth += 1;
    try {
      return rows.transaction(work);
    } finally {
      depth -= 1;
      if (depth === 0) left -= 1;
      if (depth === 0 && left <= 0) die();
      if (depth === 0) alive();
    }
  };
  return { rows: guard({ ...rows, transaction }), dead: () => left <= 0, death };
}

/** Kills the bot after each of its writes, starts another, and expects that to bring the operation to a good end. */
export async function crashAfterEachWrite(name: string, scenario: Scenario): Promise<number> {
  const ground = await groundOf(name, scenario);
  for (let commits = 1; ; commits += 1) {
    const world = await worldOn(ground, scenario);
    try {
      const before = slateOf(world);
      const row = await planOf(world, name, scenario);
      let dying = dyingAfter(world.rows, commits);
      await world.restart((rows) => {
        dying = dyingAfter(rows, commits);
        return dying.rows;
      });
      await accept(world, row, scenario).catch(() => undefined);
      await Promise.race([dying.death, world.service.follow(row.id, 'end').catch(() => undefined)]);
      const died = dying.dead();
      const revived = await world.restart();
      revived.resume();
      if (world.rows.operations.byId(row.id)?.state === 'planned') await accept(world, row, scenario);
      const ended = await revived.follow(row.id, 'end', { signal: AbortSignal.timeout(20_000) });
      const told = `killed after write ${commits}: ${ended.state} ${ended.error?.message ?? ''}`;
      await expectSettled(world, ended);
      if (ended.state === 'succeeded') expect([told, shapeOf(slateOf(world))]).toEqual([told, ground.well]);
      else expect([told, slateOf(world)]).toEqual([told, before]);
      if (!died) return commits;
    } finally {
      await world.close();
    }
  }
}
