/** `hostler fleet`: simulated hosts alone. The simulator is loaded only here. */
import { resolve } from 'node:path';
import { BotError } from '../domain/error.ts';
import { EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** As typed: numbers are still text. */
export interface FleetFlags {
  readonly hosts: string;
  readonly vms: string;
  readonly teams: string;
  readonly portBase?: string;
  readonly state?: string;
  readonly fresh: boolean;
  readonly life: string;
  readonly controlPort: string;
  readonly seed: string;
  readonly latency: string;
}

/** Prints the config when every host answers, and serves until SIGTERM or SIGINT. The exit code. */
export async function fleet(flags: FleetFlags, terminal: Terminal): Promise<number> {
  const ended = untilSignal();
  const began = performance.now();
  const { startFleet } = await import('../../demo/fleet/fleet.ts');
  const { configText } = await import('../../demo/fleet/config-file.ts');
  const { LIFE_MODES } = await import('../../demo/fleet/life.ts');
  const life = LIFE_MODES.find((mode) => mode === flags.life);
  if (life === undefined) {
    throw new BotError('invalid_input', `--life ${JSON.stringify(flags.life)} is no kind of life`, {
      hint: `Give one of ${LIFE_MODES.join(', ')}.`,
      field: 'life',
    });
  }
  const running = await startFleet({
    hosts: numberOf('hosts', flags.hosts),
    vms: numberOf('vms', flags.vms),
    teams: numberOf('teams', flags.teams),
    latencyMs: numberOf('latency', flags.latency),
    seed: flags.seed,
    ...(flags.portBase === undefined ? {} : { portBase: numberOf('port-base', flags.portBase) }),
    ...(flags.state === undefined ? {} : { stateDir: resolve(flags.state) }),
    fresh: flags.fresh,
    life,
    controlPort: numberOf('control-port', flags.controlPort),
    osUser: terminal.osUser,
  });
  try {
    // In one write, after the last host has begun to listen: whoever reads the file finds nothing of it, or all.
    terminal.out(
      configText(
        [
          `hostler.yaml for ${flags.hosts} simulated hosts, printed by \`hostler fleet\`. It is good while that runs.`,
          `The private keys of its people are in ${running.folder}/keys/people.`,
        ],
        running.config,
      ),
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    terminal.err(`hostler: ${flags.hosts} hosts with ${flags.vms} VMs answer, after ${seconds} s. SIGTERM ends them.`);
    terminal.err(`hostler: look at them, and make trouble, at ${running.controlUrl}/fleet`);
    await ended;
    const strange = running.unknown();
    for (const what of strange) terminal.err(`hostler: unknown to the simulator: ${what}`);
    return strange.length === 0 ? EXIT.done : EXIT.failed;
  } finally {
    await running.close();
  }
}

function numberOf(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new BotError('invalid_input', `--${flag} ${JSON.stringify(text)} is no whole number`, {
    hint: `Give one, such as --${flag} ${flag === 'port-base' ? '22000' : '5'}.`,
    field: flag,
  });
}

function untilSignal(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });
}
