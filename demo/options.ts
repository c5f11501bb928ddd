/** What may stand behind `npm run demo --`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BotError } from '../src/domain/error.ts';
import { LIFE_MODES, type LifeMode } from './fleet/life.ts';

/** How a demo is to be. */
export interface DemoOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly hosts: number;
  readonly vms: number;
  /** Where all of it is kept over restarts. */
  readonly folder: string;
  /** Whether guests are loaded, disks fill and guests crash by themselves. */
  readonly life: LifeMode;
  /** Throws what was kept away first. */
  readonly fresh: boolean;
}

export const DEMO_PORT = 7300;
const DEFAULTS = { port: String(DEMO_PORT), hosts: '5', vms: '60', life: 'busy', state: '.hostler-demo' } as const;

export const DEMO_HELP = `npm run demo [-- FLAGS]: a chat page, the bot and simulated hosts on this machine alone.

  --port N    port of the page; 0 takes any free one (${DEFAULTS.port} when left out)
  --hosts N   how many hosts (${DEFAULTS.hosts})
  --vms N     how many VMs they have together at the beginning (${DEFAULTS.vms})
  --life L    off, calm or busy: how much happens on the hosts by itself (${DEFAULTS.life})
  --fresh     begin anew: throws away what the last demo left
  --state D   directory that keeps it over restarts (${DEFAULTS.state})
  --help

Ctrl-C ends it. Beside it, in another terminal:
  HOSTLER_CONFIG=${DEFAULTS.state}/hostler.yaml bin/hostler run -- vm list --all`;

/** Reads the flags; null when help was asked for. Throws `invalid_input`. */
export function readDemoFlags(argv: readonly string[], cwd: string): DemoOptions | null {
  const { port, hosts, vms, life, state, fresh, help } = parse(argv);
  if (help) return null;
  return {
    port: numberOf('port', port, 0, 65_535),
    hosts: numberOf('hosts', hosts, 1, 500),
    vms: numberOf('vms', vms, 0, 10_000),
    life: lifeOf(life),
    folder: resolve(cwd, state),
    fresh,
  };
}

function parse(argv: readonly string[]) {
  const text = (name: keyof typeof DEFAULTS) => ({ type: 'string', default: DEFAULTS[name] }) as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const sizes = { port: text('port'), hosts: text('hosts'), vms: text('vms') };
    const options = { ...sizes, life: text('life'), state: text('state'), fresh: flag };
    return parseArgs({ args: [...argv], options: { ...options, help: { ...flag, short: 'h' } } }).values;
  } catch (cause) {
    const [first = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new BotError('invalid_input', first, { hint: 'See `npm run demo -- --help`.', cause });
  }
}

function lifeOf(text: string): LifeMode {
  const mode = LIFE_MODES.find((each) => each === text);
  if (mode !== undefined) return mode;
  throw new BotError('invalid_input', `--life ${JSON.stringify(text)} is none of ${LIFE_MODES.join(', ')}`, {
    field: 'life',
  });
}

function numberOf(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d{1,6}$/.test(text) && number >= least && number <= most) return number;
  throw new BotError('invalid_input', `--${flag} ${JSON.stringify(text)} is no number from ${least} to ${most}`, {
    hint: `Give one, such as --${flag} ${flag === 'port' ? DEMO_PORT : DEFAULTS[flag === 'hosts' ? 'hosts' : 'vms']}.`,
    field: flag,
  });
}
