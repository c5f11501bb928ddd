/** `npm run demo` and `hostler demo`: starts it, says where, and ends it on a signal. */
import { asBotError } from '../src/domain/error.ts';
import { DEMO_HELP, type DemoOptions, readDemoFlags } from './options.ts';
import { startDemo } from './start.ts';

/** Where to say things: the one line of the address goes to `out`, all else to `err`. */
export interface DemoVoice {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** Runs until SIGINT or SIGTERM. The exit code: 2 for what was asked wrongly or is in the way, 1 for what failed. */
export async function runDemo(argv: readonly string[], voice: DemoVoice): Promise<number> {
  const asked = untilSignal();
  try {
    const options = readDemoFlags(argv, process.cwd());
    if (options === null) {
      voice.out(DEMO_HELP);
      return 0;
    }
    return await serve(options, voice, asked);
  } catch (cause) {
    const { code, message, hint } = asBotError(cause);
    if (code === 'bug') {
      voice.err(`demo: ${cause instanceof Error ? cause.message : String(cause)}`);
      return 1;
    }
    voice.err(`demo: ${message}.${hint === undefined ? '' : ` ${hint}`}`);
    return 2;
  }
}

async function serve(options: DemoOptions, { out, err }: DemoVoice, asked: Promise<void>): Promise<number> {
  err(`starting ${options.hosts} hosts with ${options.vms} VMs …`);
  const starting = startDemo(options, err);
  // A signal while it starts ends it as well: what has begun is closed first.
  const first = await Promise.race([starting, asked]);
  if (first === undefined) {
    await starting.then(({ close }) => close());
    return 0;
  }
  out(`Hostler demo: ${first.url}`);
  await asked;
  err('ending');
  await first.close();
  return 0;
}

function untilSignal(): Promise<void> {
  return new Promise((done) => {
    let count = 0;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        count += 1;
        if (count > 1) process.exit(1);
        done();
      });
    }
  });
}
