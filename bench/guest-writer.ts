/** A guest that writes and syncs numbered lines without a pause, and tells of each: the longest gap is how long it was held. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sshArgs } from '../lab/ssh.ts';
import { waitFor } from '../lab/wait.ts';
import { run } from './kit.ts';
import { GuestGone, type LabHost } from './lab.ts';

/** Milliseconds, over one stretch of time. */
export interface Gaps {
  /** Between two lines by the guest's own clock. It stands still while the guest is suspended. */
  readonly inGuest: number;
  /** Between two lines as they came to us. */
  readonly here: number;
}

export interface Writer {
  /** The longest gaps from the beginning of `work` until it has written on for a while. */
  readonly around: (work: () => Promise<unknown>) => Promise<Gaps>;
  readonly stop: () => Promise<void>;
}

/** /proc/uptime has hundredths of a second, and costs no process. */
const LOOP =
  'n=0; while :; do n=$((n+1)); read up rest </proc/uptime; echo "$n $up" >>/root/lines; sync; echo "$n $up"; done';
/** Lines that must come after the work, before the stretch is over. */
const AFTER = 20;
const PATIENCE_MS = 2 * 60_000;

/** On the guest of that address, as root. Resolves when it writes. */
export async function startWriter(lab: LabHost, address: string): Promise<Writer> {
  // A shell reads it; no path of a lab has a quote.
  const through = ['ssh', ...sshArgs(lab.asRoot), `busybox nc ${address} 22`].map((word) => `'${word}'`).join(' ');
  // A guest that died says no goodbye.
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'BatchMode=yes',
    'ServerAliveInterval=15',
  ];
  const key = join(lab.paths.keys, 'people', '01-dev1');
  const flags = [...options, `ProxyCommand=${through}`].flatMap((option) => ['-o', option]);
  const login = ['-F', 'none', '-i', key, ...flags, `root@${address}`];
  // It has its address before it has an sshd.
  const answers = async (): Promise<true | undefined> => (await run('ssh', [...login, 'true'])).exit === 0 || undefined;
  await waitFor(`the guest at ${address} lets us in`, PATIENCE_MS, answers, 1_000);
  const child = spawn('ssh', [...login, LOOP], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const seen: { readonly up: number; readonly at: number }[] = [];
  let tell = (): void => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const up = Number(line.split(' ')[1]);
    if (Number.isFinite(up)) seen.push({ up: up * 1000, at: performance.now() });
    tell();
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new GuestGone(`the guest at ${address} writes no more`)), PATIENCE_MS);
      tell = () => {
        if (seen.length < count) return;
        clearTimeout(late);
        tell = () => undefined;
        resolve();
      };
      void ended.then(() => reject(new GuestGone(`the session with the guest at ${address} ended`)));
      tell();
    });
  await until(AFTER);
  return {
    around: async (work) => {
      const from = Math.max(0, seen.length - 1);
      await work();
      await until(seen.length + AFTER);
      const stretch = seen.slice(from);
      const longest = (of: 'up' | 'at'): number =>
        Math.max(...stretch.slice(1).map((line, index) => line[of] - (stretch[index]?.[of] ?? line[of])));
      return { inGuest: longest('up'), here: longest('at') };
    },
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
