/** The real bot as a process of its own, and what it costs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../src/main/version.ts';
import { cpuFields } from './kit.ts';

export const BIN = join(packageRoot(), 'bin', 'hostler');

export interface BotProcess {
  /** User and system time until now. */
  readonly cpuMs: () => number;
  /** Resident memory now, and the most that it ever was. */
  readonly memoryMiB: () => { readonly now: number; readonly most: number };
  /** Ends it in peace. */
  readonly stop: () => Promise<void>;
  /** Ends it at once, if it hasn't ended. */
  readonly kill: () => void;
}

/** Resolves when it says that it is up. Throws with its last words when it ends before. */
export async function startBot(env: Readonly<Record<string, string>>): Promise<BotProcess> {
  const bot = spawn(process.execPath, [BIN, 'start'], { env: { ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  const pid = await up(bot);
  return {
    cpuMs: () => {
      const [user = 0, system = 0] = cpuFields(pid);
      return user + system;
    },
    memoryMiB: () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
      return { now: of('VmRSS'), most: of('VmHWM') };
    },
    stop: async () => {
      if (bot.exitCode !== null || bot.signalCode !== null) return;
      bot.kill('SIGTERM');
      await once(bot, 'exit');
    },
    kill: () => bot.kill('SIGKILL'),
  };
}

async function up(bot: ChildProcess): Promise<number> {
  const said: string[] = [];
  if (bot.stderr === null || bot.pid === undefined) throw new Error('the bot did not start');
  for await (const line of createInterface({ input: bot.stderr })) {
    said.push(line);
    if (!line.includes('hostler is up')) continue;
    bot.stderr.resume();
    return bot.pid;
  }
  throw new Error(`the bot has ended: ${said.slice(-5).join('\n')}`);
}
