/** The whole demo in this process, but for the bot: chat server with its page, hosts, and the config between them. */
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BotError } from '../src/domain/error.ts';
import { packageRoot } from '../src/main/version.ts';
import { catalog } from '../src/operations/catalog.ts';
import { manifestFor } from '../src/operations/manifest.ts';
import { type DemoBot, startBot } from './bot.ts';
import { completionOf } from './completion.ts';
import { type ConfigFileText, configText } from './fleet/config-file.ts';
import { type RunningFleet, startFleet } from './fleet/fleet.ts';
import { takeFolder } from './folder.ts';
import { addImages } from './images.ts';
import { DEMO_PORT, type DemoOptions } from './options.ts';
import { peopleTheWorkspace } from './people.ts';
import { portOwner } from './port-owner.ts';
import { type ChatServer, startChatServer } from './slack/server.ts';

export interface RunningDemo {
  /** Of the page. */
  readonly url: string;
  readonly configFile: string;
  /** What the bot gets as its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly server: ChatServer;
  readonly fleet: RunningFleet;
  readonly bot: DemoBot;
  /** Ends bot, chat and hosts, and lets go of the directory. */
  readonly close: () => Promise<void>;
}

/**
 * Resolves when the page can be opened and the bot hears it. Throws `invalid_input` for a taken port, `conflict` where another demo
 * runs, `invalid_config` for a state that is not ours.
 */
export async function startDemo(
  options: DemoOptions,
  say: (line: string) => void,
  change: Partial<ConfigFileText> = {},
): Promise<RunningDemo> {
  const { port, hosts, vms, life, fresh } = options;
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const folder = takeFolder(options.folder, { hosts, vms }, fresh);
    closers.push(folder.release);
    const fleet = await startFleet({
      hosts,
      vms,
      life,
      stateDir: join(folder.path, 'fleet'),
      controlPort: 0,
      osUser: userInfo().username,
    });
    closers.push(fleet.close);
    const config = { ...demoConfig(fleet.config, join(folder.path, 'bot')), ...change };
    const server = await openChat(port, join(folder.path, 'chat.json'), config);
    closers.push(server.close);
    if (!server.restored) peopleTheWorkspace(server, config);
    const configFile = join(folder.path, 'hostler.yaml');
    writeFileSync(configFile, configText(HEAD, config));
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      ...server.env,
      HOSTLER_CONFIG: configFile,
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
    };
    await addImages(configFile, env);
    const bot = startBot({ env, logFile: join(folder.path, 'bot.log'), say });
    closers.push(bot.stop);
    await bot.ready;
    folder.announce(server.url, fleet.controlUrl);
    return { url: `${server.url}/`, configFile, env, server, fleet, bot, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

const HEAD = [
  'hostler.yaml of the running demo. It is written anew at each start.',
  'Beside it: HOSTLER_CONFIG=… bin/hostler run -- vm list --all',
];

/** The fleet's config with one rule: a new VM needs a lead. What the bot keeps stands in the demo's directory. */
function demoConfig(fleet: ConfigFileText, stateDir: string): ConfigFileText {
  return { ...fleet, state_dir: stateDir, approvals: [{ when: { kinds: ['vm.create'] }, from: 'lead' }] };
}

async function openChat(port: number, stateFile: string, config: ConfigFileText): Promise<ChatServer> {
  const manifest = manifestFor(catalog, { prefix: '' });
  const page = {
    folder: join(packageRoot(), 'dist', 'demo', 'slack', 'page'),
    completion: completionOf(catalog, config),
  };
  try {
    return await startChatServer({ port, manifest, page, stateFile });
  } catch (cause) {
    const code = Reflect.get(Object(cause), 'code');
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause;
    const owner = code === 'EADDRINUSE' ? portOwner(port) : null;
    const why = code === 'EACCES' ? 'may not be used by this user' : `is taken${owner === null ? '' : ` by ${owner}`}`;
    throw new BotError('invalid_input', `Port ${port} of 127.0.0.1 ${why}`, {
      hint: `Take any free one with \`--port 0\`, or another than ${port === DEMO_PORT ? 'that' : port} with \`--port N\`.`,
      field: 'port',
      cause,
    });
  }
}
