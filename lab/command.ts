// Runs local programs, and says plainly what went wrong.
import { spawn } from 'node:child_process';

/** An error that a person can act upon; its message is shown without a stack. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** What a program left. `code` is -1 when a signal ended it. */
export type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string };

type RunOptions = {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** Called with each whole line of stdout as it comes. */
  readonly onLine?: (line: string) => void;
};

/** Runs a program to its end, whatever its exit code. Throws a LabError when it can't be started. */
export function attempt(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let line = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) options.onLine?.(whole);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {}); // the program may end before it has read all
    child.stdin.end(options.input ?? '');
    child.on('error', (cause) => reject(new LabError(`${program} can't be run: ${cause.message}`, { cause })));
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** Runs a program that has to succeed, and returns its stdout. Throws a LabError with the end of its stderr. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, args, options);
  if (code === 0) return stdout;
  const tail = stderr.trim().split('\n').slice(-15).join('\n');
  throw new LabError(`${program} ${args[0] ?? ''} failed (${code === -1 ? 'killed' : `exit ${code}`}): ${tail}`);
}
