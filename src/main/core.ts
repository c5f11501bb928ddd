import { join } from 'node:path';
import { type Config, connectionsOf, type Env } from '../config.ts';
import type { Actor } from '../domain/access.ts';
import { actorOfConfig } from '../domain/actor.ts';
import { BotError } from '../domain/error.ts';
import type { Settings } from '../domain/settings.ts';
import { makeCheckHost } from '../infra/check-host.ts';
import { systemClock } from '../infra/clock.ts';
import { makeDriver } from '../infra/driver.ts';
import { sha256 } from '../infra/hash.ts';
import { randomIds } from '../infra/ids.ts';
import { jsonLog } from '../infra/log.ts';
import { type Db, openDatabase } from '../infra/sqlite/database.ts';
import { enqueue, touchCard } from '../infra/sqlite/outbox.ts';
import { openRows } from '../infra/sqlite/rows.ts';
import { lockState, makeStateDir } from '../infra/sqlite/state-lock.ts';
import { openFleet, type SshFleet } from '../infra/ssh/fleet.ts';
import { withSecrets } from '../infra/ssh/secrets.ts';
import { cardPlace } from '../operations/card-place.ts';
import { catalog } from '../operations/catalog.ts';
import type { Log } from '../operations/ports.ts';
import { type RunningService, serve } from '../operations/serve.ts';
import type { Rows } from '../operations/store.ts';
import { secretsOf } from './command-secrets.ts';

/** The bot without its edges: rows, fleet and service over one state directory, whose lock it holds. */
export interface Core {
  readonly config: () => Config;
  readonly settings: () => Settings;
  readonly db: Db;
  readonly rows: Rows;
  readonly fleet: SshFleet;
  readonly service: RunningService;
  readonly log: Log;
  /** Whom else to wake when a card has changed, or a message waits for delivery. */
  readonly onOutbox: (wake: () => void) => void;
  /** Whom to wake when somebody asked for a job of the schedule. */
  readonly onAsked: (wake: () => void) => void;
  /** Takes another configuration from now on. */
  readonly reconfigure: (config: Config) => void;
  /** Steps under way come to a safe place; then links, database and lock are let go. */
  readonly close: () => Promise<void>;
}

export const databaseFile = (stateDir: string): string => join(stateDir, 'hostler.db');

/** Opens the state and makes the service over it. Throws `conflict` when another process holds the state, `invalid_config` for bad state. */
export function openCore(first: Config, env: Env, log: Log = jsonLog(first.logLevel)): Core {
  let config = first;
  const settings = (): Settings => config.settings;
  const connections = connectionsOf(config, env);
  makeStateDir(config.stateDir);
  const unlock = lockState(config.stateDir);
  let db: Db;
  try {
    db = openDatabase(databaseFile(config.stateDir));
  } catch (cause) {
    unlock();
    throw cause;
  }
  const waking: (() => void)[] = [];
  const wake = (): void => {
    for (const tell of waking) tell();
  };
  let wakeSchedule = (): void => undefined;
  const rows: Rows = openRows(db, {
    touchCard: (id) => {
      const place = cardPlace(rows, settings(), id);
      if (place !== null) touchCard(db, id, place.wanted, place.otherwise);
      wake();
    },
    post: (message) => {
      enqueue(db, message);
      wake();
    },
    asked: () => wakeSchedule(),
  });
  const links = openFleet(connections, {
    clock: systemClock,
    onEvent: (event) => (event.kind === 'key_changed' ? log.error : log.info)('ssh', { event }),
  });
  const fleet = withSecrets(
    links,
    secretsOf(() => config, env),
  );
  const driver = makeDriver();
  const service = serve({
    rows,
    fleet,
    driver,
    clock: systemClock,
    ids: randomIds(),
    hash: sha256,
    log,
    settings,
    catalog,
    checkHost: makeCheckHost({ fleet, driver, settings, clock: systemClock }),
  });
  return {
    config: () => config,
    settings,
    db,
    rows,
    fleet,
    service,
    log,
    onOutbox: (other) => {
      waking.push(other);
    },
    onAsked: (other) => {
      wakeSchedule = other;
    },
    reconfigure: (next) => {
      fleet.update(connectionsOf(next, env));
      config = next;
    },
    close: async () => {
      await service.stop();
      await fleet.close();
      db.close();
      unlock();
    },
  };
}

/** Who somebody at the terminal is, by the config alone. Throws `not_found`. */
export function terminalActor(settings: Settings, person: string): Actor {
  const actor = actorOfConfig(settings, person, 'terminal');
  if (actor !== null) return actor;
  throw new BotError('not_found', `The config has no person ${person}`, { hint: 'See people in the config.' });
}
