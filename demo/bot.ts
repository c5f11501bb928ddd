/** The bot as a process of its own, so that it can be killed and seen to come back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/main/version.ts';

export interface BotOptions {
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Its log goes here, a JSON line each. */
  readonly logFile: string;
  readonly say: (line: string) => void;
}

export interface DemoBot {
  /** Resolves when it hears Slack for the first time. Rejects when it ends before, with what it said. */
  readonly ready: Promise<void>;
  /** Of the present process; null between two. */
  readonly pid: () => number | null;
  /** Ends it, and starts no other. */
  readonly stop: () => Promise<void>;
}

/** From the second end in a row on it is started after a pause. */
const PAUSE_MS = 1000;
const STOP_MS = 10_000;
const UP = 'hostler is up';

/** Starts it, and starts it again whenever it ends by itself. */
export function startBot({ env, logFile, say }: BotOptions): DemoBot {
  const log = createWriteStream(logFile, { flags: 'a' });
  let stopping = false;
  let child: ChildProcess | null = null;
  let again: NodeJS.Timeout | null = null;
  let ups = 0;
  let told: { resolve: () => void; reject: (cause: Error) => void };
  const ready = new Promise<void>((resolve, reject) => {
    told = { resolve, reject };
  });

  const run = (): void => {
    const mine = spawn(process.execPath, [join(packageRoot(), 'bin', 'hostler'), 'start'], {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = mine;
    let said = '';
    let isUp = false;
    for (const stream of [mine.stdout, mine.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log.write(text);
        if (isUp) return;
        said += text;
        if (!said.includes(UP)) return;
        isUp = true;
        ups += 1;
        said = '';
        if (ups > 1) say(`the bot is up again (process ${mine.pid})`);
        told.resolve();
      });
    }
    mine.on('error', (cause) => told.reject(cause));
    mine.on('close', (code, signal) => {
      child = null;
      if (stopping) return;
      if (ups === 0) {
        told.reject(new Error(`the bot ended before it was up (${signal ?? `exit ${code}`}):\n${said.trim()}`));
        return;
      }
      say(`the bot ended (${signal ?? `exit ${code}`}): it is started again`);
      again = setTimeout(run, isUp ? 0 : PAUSE_MS);
    });
  };
  run();

  return {
    ready,
    pid: () => child?.pid ?? null,
    stop: async () => {
      stopping = true;
      if (again !== null) clearTimeout(again);
      const mine = child;
      if (mine !== null) await end(mine);
      await new Promise((done) => log.end(done));
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((done) => child.once('close', done));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await closed;
  clearTimeout(hard);
}
