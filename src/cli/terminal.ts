import { createInterface } from 'node:readline';
import { type Screen, screenOf } from './render.ts';

/** The streams of a command, so that tests can bring their own. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** There is somebody to ask. */
  readonly interactive: boolean;
  readonly outScreen: Screen;
  readonly errScreen: Screen;
  /** Asks y/N; anything but yes is no. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<boolean>;
  readonly osUser: string;
  /** Calls back at each Ctrl-C until the answer is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** This process's own terminal. */
export function ownTerminal(env: Readonly<Record<string, string | undefined>>, osUser: string): Terminal {
  return {
    out: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    err: (text) => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
    // Node leaves isTTY away where there is none, whatever its types say.
    interactive: [process.stdin, process.stderr].every(({ isTTY }) => isTTY === true),
    outScreen: screenOf(process.stdout, env),
    errScreen: screenOf(process.stderr, env),
    ask,
    osUser,
    onInterrupt: (listener) => {
      process.on('SIGINT', listener);
      return () => process.off('SIGINT', listener);
    },
  };
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C for itself while it asks: it is passed on as the signal that it is.
  lines.on('SIGINT', () => void process.kill(process.pid, 'SIGINT'));
  try {
    return await new Promise<boolean>((resolve) => {
      signal.addEventListener('abort', () => resolve(false), { once: true });
      lines.on('close', () => resolve(false));
      lines.question(`${question} [y/N] `, (text) => resolve(/^\s*y(?:es)?\s*$/i.test(text)));
    });
  } finally {
    lines.close();
  }
}
