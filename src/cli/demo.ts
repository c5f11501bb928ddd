/** `hostler demo`: chat page, bot and simulated hosts on this machine. They are loaded only here. */
import type { Terminal } from './terminal.ts';

/** Runs until a signal ends it; `argv` as `npm run demo --` takes it. The exit code. */
export async function demo(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { runDemo } = await import('../../demo/main.ts');
  return runDemo(argv, { out: (line) => terminal.out(line), err: (line) => terminal.err(line) });
}
