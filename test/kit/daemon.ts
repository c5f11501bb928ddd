import { spawn } from 'node:child_process';

/** A program of Prometheus' family that runs: where its HTTP is, on loopback, and its end. */
export interface Daemon {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Nothing takes so long; it only ends what hangs. */
const DEADLINE_MS = 20_000;

/** Starts it on a port of its own choice, which it tells on stderr. Rejects with what it said when it ends before. */
export async function startDaemon(program: string, args: readonly string[]): Promise<Daemon> {
  const child = spawn(program, [...args, '--web.listen-address=127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${program} ${why}: ${said}`));
    const timer = setTimeout(() => fail('does not listen'), DEADLINE_MS);
    child.once('error', (cause) => fail(cause.message));
    child.once('close', () => fail('has ended'));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /msg="Listening on".*? address=(127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
  }).catch(async (cause: unknown) => {
    await stop();
    throw cause;
  });
  return { address, stop };
}
