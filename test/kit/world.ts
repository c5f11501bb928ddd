import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realSleep } from 'node:timers/promises';
import { type SimulatedFleet, simulatedFleet } from '../../demo/fleet/exec.ts';
import { makeSimHost, type SimHost, type SimHostOptions } from '../../demo/fleet/host.ts';
import type { HostModel } from '../../demo/fleet/model/host-model.ts';
import type { Actor } from '../../src/domain/access.ts';
import { hasEnded } from '../../src/domain/plan.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { makeDriver } from '../../src/infra/driver.ts';
import { sha256 } from '../../src/infra/hash.ts';
import { randomIds } from '../../src/infra/ids.ts';
import { type Db, openDatabase } from '../../src/infra/sqlite/database.ts';
import { enqueue, touchCard } from '../../src/infra/sqlite/outbox.ts';
import { openRows } from '../../src/infra/sqlite/rows.ts';
import { type SecretOf, withSecrets } from '../../src/infra/ssh/secrets.ts';
import { cardPlace } from '../../src/operations/card-place.ts';
import { catalog } from '../../src/operations/catalog.ts';
import type { CallResult, Clock, Fleet, Log } from '../../src/operations/ports.ts';
import { type RunningService, serve } from '../../src/operations/serve.ts';
import type { Answer, RequestOptions } from '../../src/operations/service.ts';
import type { OperationRow, Rows } from '../../src/operations/store.ts';
import { AGE_KEY } from './age-key.ts';
import { testSettings } from './settings.ts';

/**
 * A clock whose sleeps are short and whose hours pass all the same: what waits ten minutes here waits a few milliseconds.
 */
export function hastyClock(from = 0): Clock & {
  readonly advance: (ms: number) => void /** Milliseconds before the machine's clock. */;
  readonly ahead: () => number;
} {
  let ahead = from;
  return {
    now: () => Date.now() + ahead,
    ahead: () => ahead,
    sleep: async (ms, signal) => {
      if (signal?.aborted) return;
      ahead += ms;
      await realSleep(Math.min(ms, 3));
    },
    advance: (ms) => {
      ahead += ms;
    },
  };
}

/** A world at rest, to make others of: what lies in its database and on its hosts, and its time. */
export interface WorldCopy {
  readonly database: Buffer;
  readonly models: readonly HostModel[];
  /** Of its clock before the machine's, in milliseconds. */
  readonly ahead: number;
}

export interface World {
  readonly db: Db;
  readonly rows: Rows;
  readonly fleet: SimulatedFleet;
  /** The same without what `through` put between. */
  readonly simulated: SimulatedFleet;
  readonly hosts: readonly SimHost[];
  readonly clock: ReturnType<typeof hastyClock>;
  readonly service: RunningService;
  readonly settings: Settings;
  readonly logged: readonly { readonly level: string; readonly message: string; readonly data: unknown }[];
  /** Throws the service away as a SIGKILL would, and starts another over the same rows. `rows` may be wrapped for the new one. */
  readonly restart: (wrap?: (rows: Rows) => Rows) => Promise<RunningService>;
  readonly close: () => Promise<void>;
  /** Nothing may run in it. */
  readonly copy: () => WorldCopy;
  /** Whom to tell when a card changes or a message is posted. */
  readonly onChange: (tell: () => void) => void;
  /** Puts something between the engine and the hosts. */
  readonly through: (other: Fleet['run']) => void;
  readonly actor: (person: string) => Actor;
  /** Asks for an operation; through to its end when it is a change. */
  readonly ask: (
    name: string,
    input: Record<string, unknown>,
    as?: string,
    options?: RequestOptions,
    via?: 'slack' | 'terminal',
  ) => Promise<Answer>;
  readonly change: (
    name: string,
    input: Record<string, unknown>,
    as?: string,
    options?: RequestOptions,
  ) => Promise<OperationRow>;
}

let migrated: Buffer | undefined;

/** A database with all migrations: they are the same for each world, and take longer than all else of it. */
function emptyDatabase(): Buffer {
  if (migrated === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'hostler-empty-'));
    const db = openDatabase(join(folder, 'hostler.db'));
    migrated = db.serialize();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return migrated;
}

interface WorldOptions {
  readonly hosts?: readonly SimHostOptions[];
  readonly settings?: Partial<Settings>;
  /** False: without the image that it else begins with. */
  readonly images?: boolean;
  /** Else the key of the tests. */
  readonly secretOf?: SecretOf;
  /** It begins as this one stood, which was made with the same hosts and settings. */
  readonly from?: WorldCopy;
}

/** The real engine, rows and driver over simulated hosts, in a folder of its own. */
export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const { from } = options;
  const folder = mkdtempSync(join(tmpdir(), 'hostler-world-'));
  const file = join(folder, 'hostler.db');
  writeFileSync(file, from?.database ?? emptyDatabase());
  const db = openDatabase(file);
  const clock = hastyClock(from?.ahead);
  const models = structuredClone(from?.models);
  const hosts = (options.hosts ?? [{ name: 'kvm-1' }]).map((host, index) => {
    const model = models?.[index];
    return makeSimHost(model === undefined ? host : { ...host, model });
  });
  // Hosts have the machine's time, and the service one that hastens on while it waits: else it would look a thousand times.
  for (const { model } of hosts) model.keyWaitMs = 300;
  const simulated = simulatedFleet(hosts);
  let run = simulated.run;
  const between: SimulatedFleet = {
    ...simulated,
    run: (host, call, callOptions) => run(host, call, callOptions),
    // What stands between meets each call by itself.
    runInTurn: async (host, calls, callOptions) => {
      if (run === simulated.run) return simulated.runInTurn(host, calls, callOptions);
      const results: CallResult<unknown>[] = [];
      for (const call of calls) {
        const result = await run(host, call, callOptions);
        results.push(result);
        if (result.outcome !== 'done') break;
      }
      return results;
    },
  };
  const fleet = withSecrets(between, options.secretOf ?? (() => `${AGE_KEY.identity}\n`));
  const settings = testSettings(
    hosts.map(({ name }) => name),
    options.settings,
  );
  const waking: (() => void)[] = [];
  const rows: Rows = openRows(db, {
    touchCard: (id) => {
      const place = cardPlace(rows, settings, id);
      if (place !== null) touchCard(db, id, place.wanted, place.otherwise);
      for (const tell of waking) tell();
    },
    post: (message) => {
      enqueue(db, message);
      for (const tell of waking) tell();
    },
  });
  const logged: { level: string; message: string; data: unknown }[] = [];
  const logAt = (level: string) => (message: string, data?: unknown) => void logged.push({ level, message, data });
  const log: Log = { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') };
  const start = (over: Rows) =>
    serve({
      rows: over,
      fleet,
      driver: makeDriver(),
      clock,
      ids: randomIds(),
      hash: sha256,
      log,
      settings: () => settings,
      catalog,
      checkHost: async () => [],
    });
  let service = start(rows);

  const actor = (person: string): Actor => {
    const teams = new Map<string, 'member' | 'lead'>();
    for (const team of settings.teams) {
      if (team.members.includes(person)) teams.set(team.name, 'member');
      if (team.leads.includes(person)) teams.set(team.name, 'lead');
    }
    const known = settings.people.find(({ name }) => name === person);
    return {
      person,
      slack: known?.slack ?? null,
      via: 'slack',
      platform: known?.platform ?? null,
      teams,
      staleMs: null,
    };
  };
  const ask: World['ask'] = (name, input, as = '01-dev1', requestOptions = {}, via = 'slack') =>
    service.request({
      name,
      input,
      actor: actor(as),
      channelTeam: 'team-01',
      origin: { via, channel: 'C0TEAM01', command: `/${name.replaceAll('.', ' ')}` },
      options: requestOptions,
      dedupe: null,
    });
  const change: World['change'] = async (name, input, as = '01-dev1', requestOptions = {}) => {
    const planned = await ask(name, input, as, requestOptions);
    if (planned.kind !== 'operation') throw new Error(`no plan: ${JSON.stringify(planned, null, 1)}`);
    const { row } = planned;
    if (hasEnded(row.state)) return row;
    const pressed = await service.press({ press: { do: 'accept', op: row.id, digest: row.digest }, actor: actor(as) });
    if (pressed.kind === 'refused') throw pressed.error;
    return service.follow(row.id, 'end');
  };

  const world: World = {
    db,
    rows,
    fleet,
    simulated,
    hosts,
    clock,
    get service() {
      return service;
    },
    settings,
    logged,
    restart: async (wrap = (same) => same) => {
      await service.stop();
      service = start(wrap(rows));
      return service;
    },
    close: async () => {
      await service.stop();
      db.close();
      rmSync(folder, { recursive: true, force: true });
      if (simulated.unknown().length > 0)
        throw new Error(`unknown to the simulator: ${simulated.unknown().join('; ')}`);
    },
    copy: () => ({
      database: db.serialize(),
      models: structuredClone(hosts.map(({ model }) => model)),
      ahead: clock.ahead(),
    }),
    onChange: (tell) => void waking.push(tell),
    through: (other) => {
      run = other;
    },
    actor,
    ask,
    change,
  };
  if (options.images !== false && from === undefined) {
    const added = await change('image.add', { name: 'tiny' }, 'admin');
    if (added.state !== 'succeeded') throw new Error(`the world has no image: ${JSON.stringify(added.error)}`);
  }
  return world;
}
