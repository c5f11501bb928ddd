/** A whole simulated fleet in this process: hosts with VMs behind ssh servers on the loopback, and the config that reaches them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BotError } from '../../src/domain/error.ts';
import { lockState, makeStateDir } from '../../src/infra/sqlite/state-lock.ts';
import type { Clock } from '../../src/operations/ports.ts';
import { realClock } from './clock.ts';
import { type ConfigFileText, peopleOf } from './config-file.ts';
import { type FleetControl, makeControl } from './control.ts';
import { serveControl } from './control-server.ts';
import { type FleetConfigParts, fleetConfig } from './fleet-config.ts';
import { type FleetKeys, loadOrMakeKeys } from './fleet-keys.ts';
import { checkFleet } from './fleet-limits.ts';
import { makeSimHost, type SimHost } from './host.ts';
import { type KeptState, type MadeOf, openState } from './kept-state.ts';
import { type LifeMode, makeLife } from './life.ts';
import { makeMoulds, populatedHost } from './populate.ts';
import { type HostServer, serveHost } from './server.ts';
import { shareBackups } from './share.ts';
import { planFleet } from './vm-plan.ts';

export interface FleetOptions {
  readonly hosts: number;
  readonly vms: number;
  /** How many teams share it; 10 where left out. */
  readonly teams?: number;
  /** The first host listens here, the next one port above, and so on; free ports where left out. */
  readonly portBase?: number;
  /** Where keys and state are kept over restarts; a folder of its own that goes at the end where left out. */
  readonly stateDir?: string;
  /** Forgets what the folder holds, the bot's state there too. */
  readonly fresh?: boolean;
  /** `calm` where left out. */
  readonly life?: LifeMode;
  /** Listens for the control interface over HTTP; 0 is any free port. Not at all where left out. */
  readonly controlPort?: number;
  /** Another seed is another fleet. */
  readonly seed?: string;
  /** Milliseconds that each command takes. */
  readonly latencyMs?: number;
  readonly clock?: Clock;
  /** Who becomes `admin` in a terminal. */
  readonly osUser: string;
}

/** A fleet that serves. */
export interface RunningFleet {
  readonly hosts: readonly SimHost[];
  readonly doors: readonly HostServer[];
  /** A `hostler.yaml` for it, as an object: to be printed, or to be changed first. */
  readonly config: ConfigFileText;
  /** Where its keys are: `keys/hostler` is the bot's, `keys/people/NAME` those of its people. */
  readonly folder: string;
  readonly control: FleetControl;
  /** Where `control` is reached over HTTP; null where that wasn't asked for. */
  readonly controlUrl: string | null;
  /** What the bot asked and the simulator didn't know: a test asserts that it is empty. */
  readonly unknown: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Starts it: when this resolves, every host answers. Throws `invalid_input` for what can't be, `conflict` for a folder in use. */
export async function startFleet(options: FleetOptions): Promise<RunningFleet> {
  const { hosts: count, vms, teams = 10, seed = 'hostler', clock = realClock, latencyMs = 0 } = options;
  checkFleet({ ...options, teams });
  const life = makeLife(seed, options.life ?? 'calm');
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const folder = await folderFor(options.stateDir, closers);
    const plans = planFleet(seed, count, vms, teams);
    const names = plans.map(({ name }) => name);
    const state = await stateFor(options, { seed, hosts: count, vms, teams }, clock.now());
    const keys = await loadOrMakeKeys(folder, names, peopleOf(teams));
    const madeAt = state?.madeAt ?? clock.now();
    const moulds = makeMoulds(madeAt);
    const hosts: SimHost[] = [];
    for (const plan of plans) {
      const model = (await state?.load(plan.name)) ?? populatedHost(plan, moulds, madeAt);
      const onChange = (): void => void state?.changed(host);
      const host = makeSimHost({ name: plan.name, clock, latencyMs, model, life, onChange });
      hosts.push(host);
    }
    shareBackups(hosts);
    closers.push(() => state?.close(hosts));
    const doors = await openDoors(hosts, keys, options.portBase, closers);
    const control = makeControl(hosts, doors, life);
    const controlUrl = await openControl(control, options.controlPort, closers);
    const parts: FleetConfigParts = { vms, teams, osUser: options.osUser, folder, keys };
    return {
      hosts,
      doors,
      config: fleetConfig(hosts, doors, parts),
      folder,
      control,
      controlUrl,
      unknown: () => hosts.flatMap((host) => host.unknown().map((what) => `${host.name}: ${what}`)),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** Null where nothing is kept. */
async function stateFor(options: FleetOptions, made: MadeOf, now: number): Promise<KeptState | null> {
  if (options.stateDir === undefined) return null;
  return openState(options.stateDir, made, now, options.fresh === true);
}

async function openControl(
  control: FleetControl,
  port: number | undefined,
  closers: (() => unknown)[],
): Promise<string | null> {
  if (port === undefined) return null;
  const server = await serveControl(control, port).catch((cause: unknown) => {
    throw cannotListen(port, 'control-port', cause);
  });
  closers.push(server.close);
  return server.url;
}

async function folderFor(stateDir: string | undefined, closers: (() => unknown)[]): Promise<string> {
  if (stateDir === undefined) {
    const own = await mkdtemp(join(tmpdir(), 'hostler-fleet-'));
    closers.push(() => rm(own, { recursive: true, force: true }));
    return own;
  }
  makeStateDir(stateDir);
  closers.push(lockState(stateDir));
  return stateDir;
}

async function openDoors(
  hosts: readonly SimHost[],
  keys: FleetKeys,
  portBase: number | undefined,
  closers: (() => unknown)[],
): Promise<HostServer[]> {
  const tried = await Promise.allSettled(
    hosts.map(async (host, at) => {
      const port = portBase === undefined ? 0 : portBase + at;
      const hostKey = keys.hosts.get(host.name);
      const authorizedKeys = [keys.bot.publicKey];
      const door = await serveHost(host, { port, authorizedKeys, ...(hostKey === undefined ? {} : { hostKey }) });
      closers.push(door.close);
      return door;
    }),
  );
  return tried.map((one, at) => {
    if (one.status === 'fulfilled') return one.value;
    throw cannotListen(portBase === undefined ? null : portBase + at, 'port-base', one.reason);
  });
}

function cannotListen(port: number | null, field: 'port-base' | 'control-port', cause: unknown): BotError {
  const code = Reflect.get(Object(cause), 'code');
  const why = code === 'EADDRINUSE' ? 'is taken' : `can't be used (${code ?? cause})`;
  const where = port === null ? 'A free port of 127.0.0.1' : `Port ${port} of 127.0.0.1`;
  return new BotError('invalid_input', `${where} ${why}`, {
    hint: `Name another --${field}, or leave it out: then a free port is taken.`,
    field,
    cause,
  });
}
