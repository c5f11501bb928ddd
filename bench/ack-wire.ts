/** What the benchmark of acks and its child processes say to each other. */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { z } from 'zod';

/** Where the bots find their chat servers. */
export const Ready = z.object({ ready: z.record(z.string(), z.string()) });
/** A bot is connected. */
export const Connected = z.object({ connected: z.literal(true) });
/** `who`: whose server; how many commands at once. */
export const Burst = z.object({ who: z.string(), count: z.number() });
/** Milliseconds to each ack, and how many were not acked. */
export const Acks = z.object({ ms: z.array(z.number()), lost: z.number() });

/** A child process with a file of this folder, compiled or not. */
export function child(name: string, args: readonly string[]): ChildProcess {
  const file = new URL(`./${name}${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
  return fork(file, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** The next message of that shape. Rejects when the child ends first. */
export function heard<T>(from: ChildProcess, shape: z.ZodType<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      const read = shape.safeParse(message);
      if (!read.success) return;
      stop();
      resolve(read.data);
    };
    const onExit = (code: number | null): void => {
      stop();
      reject(new Error(`a child process ended with ${code}`));
    };
    const stop = (): void => {
      from.off('message', onMessage);
      from.off('exit', onExit);
    };
    from.on('message', onMessage);
    from.on('exit', onExit);
  });
}

/** To the parent process. */
export function tell(message: object): void {
  process.send?.(message);
}
