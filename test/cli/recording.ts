import type { Terminal } from '../../src/cli/terminal.ts';

/** A terminal that keeps what was printed. `answers` are given in turn to what is asked. */
export function recordingTerminal(
  options: { readonly interactive?: boolean; readonly answers?: readonly boolean[]; readonly osUser?: string } = {},
): Terminal & {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly asked: readonly string[];
  readonly interrupt: () => void;
} {
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const listeners = new Set<() => void>();
  const answers = [...(options.answers ?? [])];
  const screen = { width: null, colors: false, zone: 'UTC' };
  const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  return {
    out: (text) => void out.push(line(text)),
    err: (text) => void err.push(line(text)),
    interactive: options.interactive ?? false,
    outScreen: screen,
    errScreen: screen,
    ask: async (question) => {
      asked.push(question);
      return answers.shift() ?? false;
    },
    osUser: options.osUser ?? 'root',
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stdout: () => out.join(''),
    stderr: () => err.join(''),
    asked,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
  };
}
