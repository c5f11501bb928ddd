/** The real bot as a process of its own, between the local chat server and simulated hosts behind ssh; all on loopback. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { makeSimHost, type SimHost, type SimHostOptions } from '../../demo/fleet/host.ts';
import { makeKeyPair } from '../../demo/fleet/keys.ts';
import { type HostServer, serveHost } from '../../demo/fleet/server.ts';
import type { Json } from '../../demo/slack/json.ts';
import type { Message, View } from '../../demo/slack/model/types.ts';
import { type ChatServer, type ChatServerOptions, startChatServer } from '../../demo/slack/server.ts';
import { loadConfig } from '../../src/config.ts';
import { jsonLog } from '../../src/infra/log.ts';
import { auditRows } from '../../src/infra/sqlite/audit.ts';
import { type Db, openReadOnly } from '../../src/infra/sqlite/database.ts';
import { openCore, terminalActor } from '../../src/main/core.ts';
import { catalog } from '../../src/operations/catalog.ts';
import { manifestFor } from '../../src/operations/manifest.ts';
import type { AuditFilter, AuditSeen } from '../../src/operations/store.ts';
import { TEST_KEY } from '../kit/settings.ts';

const BIN = fileURLToPath(new URL('../../bin/hostler', import.meta.url));
/** Nothing here takes so long; it only ends what hangs. */
const DEADLINE_MS = 20_000;
/** Who is who. Each is a user of the chat server by the same name. */
const PEOPLE = ['admin', 'auditor', '01-lead', '01-dev1', '01-dev2', '02-lead', '02-dev1'] as const;

const ends: (() => unknown)[] = [];

/** Ends all that a test has started; to be called after each. */
export async function endAll(): Promise<void> {
  const failed: unknown[] = [];
  for (const end of ends.splice(0).reverse())
    await Promise.resolve()
      .then(end)
      .catch((cause: unknown) => failed.push(cause));
  if (failed.length > 0) throw failed[0];
}

export interface PlaceOptions {
  readonly hosts?: readonly SimHostOptions[];
  readonly chat?: ChatServerOptions;
  /** Keys of hostler.yaml that are different here. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** False: no bot yet, and the image is nowhere. */
  readonly start?: boolean;
}

/** A bot that runs. */
export interface Bot {
  readonly process: ChildProcess;
  /** What it has logged, a JSON line each. */
  readonly log: () => string;
  /** Resolves with exit code or signal when it has ended. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** A world of its own: hosts, chat server, configuration, state, and the bot. */
export interface Place {
  readonly folder: string;
  readonly stateDir: string;
  readonly configFile: string;
  readonly server: ChatServer;
  readonly hosts: readonly SimHost[];
  readonly doors: readonly HostServer[];
  /** The first host, where there is only one. */
  readonly host: SimHost;
  readonly bot: () => Bot;
  /** Starts the bot and waits until it hears Slack. */
  readonly start: (env?: Readonly<Record<string, string>>) => Promise<Bot>;
  /** Ends the bot, and waits until it has. */
  readonly kill: (signal: NodeJS.Signals) => Promise<number | NodeJS.Signals>;
  /** `hostler …` to its end. */
  readonly cli: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<CliResult>;
  /** Looks into the bot's database, read only. */
  readonly db: <T>(look: (db: Db) => T) => T;
  readonly audit: (filter?: Partial<AuditFilter>) => readonly AuditSeen[];
  readonly writeConfig: (change?: Readonly<Record<string, unknown>>) => void;
}

export interface CliResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything up and ready: the image `tiny` is on each host, #team-01 and #team-02 have the bot in them. */
export async function place(options: PlaceOptions = {}): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-e2e-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const hosts = (options.hosts ?? [{ name: 'kvm-1' }]).map((each) => makeSimHost(each));
  // The last to be called: by then the bot has asked all that it will.
  ends.push(() => {
    const strange = hosts.flatMap((host) => host.unknown());
    if (strange.length > 0) throw new Error(`unknown to the simulator: ${strange.join('; ')}`);
  });
  const user = makeKeyPair('hostler');
  writeFileSync(join(folder, 'id'), user.privateKey, { mode: 0o600 });
  const doors: HostServer[] = [];
  for (const host of hosts) {
    const door = await serveHost(host, { authorizedKeys: [user.publicKey] });
    doors.push(door);
    ends.push(door.close);
  }
  const server = await startChatServer({ manifest: manifestFor(catalog, { prefix: '' }), ...options.chat });
  ends.push(server.close);
  peopleTheServer(server);

  const configFile = join(folder, 'hostler.yaml');
  const stateDir = join(folder, 'state');
  const writeConfig = (change: Readonly<Record<string, unknown>> = {}): void => {
    const plain = configOf(server, hosts, doors, folder);
    writeFileSync(configFile, stringify({ ...plain, ...options.config, ...change }));
  };
  writeConfig();
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    ...server.env,
    HOSTLER_CONFIG: configFile,
    LOG_LEVEL: 'info',
  };
  let bot: Bot | null = null;
  const running = (): Bot => {
    if (bot === null) throw new Error('no bot was started');
    return bot;
  };
  const open = async (more: Readonly<Record<string, string>> = {}): Promise<Bot> => {
    bot = spawnBot({ ...env, ...more });
    const mine = bot;
    await waitUntil('the bot to come up', () => {
      if (mine.process.exitCode !== null) throw new Error(`the bot has ended: ${mine.log()}`);
      return mine.log().includes('hostler is up');
    });
    return mine;
  };
  const kill = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> => {
    running().process.kill(signal);
    return running().ended;
  };
  ends.push(async () => {
    if (bot !== null && bot.process.exitCode === null && bot.process.signalCode === null) await kill('SIGKILL');
  });
  const db = <T>(look: (db: Db) => T): T => {
    const opened = openReadOnly(join(stateDir, 'hostler.db'));
    try {
      return look(opened);
    } finally {
      opened.close();
    }
  };
  if (options.start !== false) {
    await addImage(configFile, env);
    await open();
  }
  const [host] = hosts;
  if (host === undefined) throw new Error('a place needs a host');
  return {
    folder,
    stateDir,
    configFile,
    server,
    hosts,
    doors,
    host,
    bot: running,
    start: open,
    kill,
    cli: (args, more = {}) => hostler(args, { ...env, ...more }),
    db,
    audit: (filter = {}) => db((opened) => auditRows(opened).list({ limit: 500, ...filter })),
    writeConfig,
  };
}

/** #team-01 and #team-02 with their people and the bot; #private without it. */
function peopleTheServer(server: ChatServer): void {
  const id = new Map<string, string>();
  for (const name of [...PEOPLE, 'stranger']) id.set(name, server.addUser({ name }).id);
  const bot = server.app.botUserId;
  server.addChannel({ name: 'team-01', members: [bot, ...id.values()] });
  server.addChannel({ name: 'team-02', members: [bot, 'admin', '02-lead', '02-dev1'] });
  server.addChannel({ name: 'ops', members: [bot, 'admin', '01-dev1'] });
}

/** hostler.yaml as an admin would write it for this place. */
function configOf(
  server: ChatServer,
  hosts: readonly SimHost[],
  doors: readonly HostServer[],
  folder: string,
): Record<string, unknown> {
  const team = (name: string, members: readonly string[]) => ({
    name,
    channel: name,
    quota: { vms: 10, vcpus: 20, memory: '20GiB', disk: '100GiB' },
    leads: [`${name.slice(-2)}-lead`],
    members,
  });
  return {
    state_dir: join(folder, 'state'),
    channels: { admin: 'ops' },
    host_defaults: { user: 'hostler', identity_files: ['id'], reserve_memory: '1GiB' },
    hosts: hosts.map(({ name }, index) => ({
      name,
      address: doors[index]?.address,
      port: doors[index]?.port,
      host_keys: [doors[index]?.hostKey()],
    })),
    networks: [{ name: 'default', network: 'default' }],
    flavors: [
      { name: 'small', vcpus: 1, memory: '128MiB', disk: '1GiB' },
      { name: 'large', vcpus: 4, memory: '4GiB', disk: '10GiB' },
      // More than any host, and more than a team has.
      { name: 'giant', vcpus: 16, memory: '18GiB', disk: '95GiB' },
      { name: 'monster', vcpus: 64, memory: '64GiB', disk: '1TiB' },
    ],
    images: [
      { name: 'tiny', file: 'tiny.qcow2', osinfo: 'linux2022', login: 'root' },
      { name: 'ghost', file: 'ghost.qcow2', osinfo: 'linux2022', login: 'root' },
    ],
    people: PEOPLE.map((name) => ({
      name,
      slack: server.workspace.user(name).id,
      ssh_keys: [TEST_KEY],
      ...(name === 'admin' || name === 'auditor' ? { platform: name } : {}),
    })),
    teams: [team('team-01', ['01-dev1', '01-dev2']), team('team-02', ['02-dev1'])],
    times: { unknown: '20s', shutdown: '10s', address: '10s' },
    cli: { users: { [userInfo().username]: 'admin' }, act_as: ['admin'] },
  };
}

/** The golden image on each host, as an admin would have made it before: by the bot's own engine, over ssh. */
async function addImage(configFile: string, env: Readonly<Record<string, string>>): Promise<void> {
  const core = openCore(loadConfig(configFile, env), env, jsonLog('error'));
  try {
    const actor = terminalActor(core.settings(), 'admin');
    // One on each host, all at once.
    const ends = core.fleet.hosts().map(async (host) => {
      const planned = await core.service.request({
        name: 'image.add',
        input: { name: 'tiny', host },
        actor,
        channelTeam: null,
        origin: { via: 'terminal', channel: null, command: `image add tiny --host ${host}` },
        options: { wait: true },
        dedupe: null,
      });
      if (planned.kind !== 'operation') throw new Error(`no image: ${JSON.stringify(planned)}`);
      const { id, digest } = planned.row;
      await core.service.press({ press: { do: 'wait', op: id, digest }, actor });
      return core.service.follow(id, 'end');
    });
    for (const { state, error } of await Promise.all(ends)) {
      if (state !== 'succeeded') throw new Error(`no image: ${JSON.stringify(error)}`);
    }
  } finally {
    await core.close();
  }
}

function spawnBot(env: Readonly<Record<string, string>>): Bot {
  const child = spawn(process.execPath, [BIN, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return {
    process: child,
    log: () => said,
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code ?? -1))),
  };
}

function hostler(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [BIN, ...args],
      { env, timeout: DEADLINE_MS, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({ exit: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** Looks every few milliseconds until it is so. Rejects after the deadline, naming what was waited for. */
export async function waitUntil<T>(
  what: string,
  look: () => T | null | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const seen = look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (Date.now() > until) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** All text in a message, view or block. */
export function textOf(thing: unknown): string {
  if (Array.isArray(thing)) return thing.map(textOf).join('\n');
  if (typeof thing !== 'object' || thing === null) return '';
  return Object.entries(thing)
    .map(([name, value]) => (name === 'text' && typeof value === 'string' ? value : textOf(value)))
    .filter((part) => part !== '')
    .join('\n');
}

/** The labels of a message's buttons. */
export function buttonsOf({ blocks }: { readonly blocks: readonly Json[] }): string[] {
  return blocks
    .flatMap((block) => (Array.isArray(block.elements) ? block.elements : [block.accessory]))
    .filter((element) => Object(element).type === 'button')
    .map((element) => textOf(Object(element).text));
}

/** The cards in a channel: what is there beside replies and whispers. */
export function cards(server: ChatServer, channel = 'team-01'): Message[] {
  return server.messages(channel).filter((one) => one.threadTs === undefined && one.ephemeralTo === undefined);
}

/** Types a command and waits for its card. */
export async function plan(at: Place, person: string, line: string, channel = 'team-01'): Promise<Message> {
  const { server } = at;
  const before = new Set(cards(server, channel).map(({ ts }) => ts));
  await server.as(person).slash(channel, line);
  return server.waitFor(
    () => {
      const whispered = server.ephemerals(person).at(-1)?.text ?? '';
      if (whispered.includes('did not work')) throw new Error(`${line} was refused: ${whispered}`);
      return cards(server, channel).find(({ ts }) => !before.has(ts));
    },
    { deadline: DEADLINE_MS, what: `the card of ${line}` },
  );
}

/** The card when its title says so. */
export function cardSays(at: Place, { channel, ts }: Message, words: string): Promise<Message> {
  const { server } = at;
  const now = () => server.messages({ id: channel }).find((one) => one.ts === ts);
  return server.waitFor(
    () => {
      const card = now();
      return card?.text.includes(words) === true ? card : undefined;
    },
    { deadline: DEADLINE_MS, what: () => `"${words}" in: ${textOf(now()?.blocks)}\n${at.bot().log().slice(-2000)}` },
  );
}

/** The one reply under a card, once it is there. */
export function reply(at: Place, { channel, ts }: Message): Promise<Message> {
  const { server } = at;
  return server.waitFor(() => server.thread({ id: channel }, ts)[1], { deadline: DEADLINE_MS, what: 'the reply' });
}

/** A command through to its end: types it, presses its button, waits for `done` and for the reply. */
export async function carryOut(at: Place, person: string, line: string, button: string): Promise<Message> {
  const planned = await plan(at, person, line);
  await at.server.as(person).click(planned, button, hasConfirm(planned, button) ? { confirm: true } : {});
  const done = await cardSays(at, planned, ': done');
  await reply(at, planned);
  return done;
}

function hasConfirm({ blocks }: Message, label: string): boolean {
  const elements = blocks.flatMap((block) => (Array.isArray(block.elements) ? block.elements : [block.accessory]));
  return elements.some((one) => textOf(Object(one).text) === label && Object(one).confirm !== undefined);
}

/** What the person is whispered after `act`. */
export async function whispered(at: Place, person: string, act: () => Promise<unknown>): Promise<Message> {
  const { server } = at;
  const before = server.ephemerals(person).length;
  await act();
  return server.waitFor(() => server.ephemerals(person)[before], {
    deadline: DEADLINE_MS,
    what: () => `a whisper to ${person}: ${at.bot().log().slice(-2000)}`,
  });
}

/** The form of an operation, once it is open. */
export function form(at: Place, person: string, operation: string): Promise<View> {
  return at.server.waitFor(() => at.server.views(person).find((view) => view.callbackId === `form:${operation}`), {
    deadline: DEADLINE_MS,
    what: `the form of ${operation}`,
  });
}
