/** What all benchmarks share: rows, medians, rounds in turn, peers that are missing. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** One comparison with one peer, as `--json` prints it. */
export interface Row {
  readonly bench: string;
  /** What was measured: `200 hosts`. */
  readonly subject: string;
  /** Our value, in `unit`. */
  readonly ours: number;
  readonly peer: string;
  readonly theirs: number;
  readonly unit: string;
  /** Over 1 where we are better. */
  readonly ratio: number;
  readonly rounds: number;
}

/** A row without what the kit adds. `better` tells which way is good: `less` by default. */
export type Measured = Omit<Row, 'bench' | 'ratio'> & { readonly better?: 'less' | 'more' };

/** What a benchmark gets: each bench/NAME.ts exports `bench(ctx: BenchContext): Promise<void>`. */
export interface BenchContext {
  readonly row: (measured: Measured) => void;
  /** For people: progress, or a number without a peer. */
  readonly note: (text: string) => void;
  /** A peer that could not take part, and why. */
  readonly leftOut: (peer: string, reason: string) => void;
  /** The arguments after `--`, for the bench itself. */
  readonly args: readonly string[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Milliseconds that `act` took. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/** CPU time of this process until now, and of the children that have ended; of those in steps of ten milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  const [, , children = 0, childrenInKernel = 0] = cpuFields('self');
  return (user + system) / 1000 + children + childrenInKernel;
}

/** User and system time of a process, then those of its children that have ended, in milliseconds (proc(5), fields 14 to 17). */
export function cpuFields(pid: number | 'self'): number[] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // Linux counts in hundredths of a second.
  return fields.slice(11, 15).map((ticks) => Number(ticks) * 10);
}

/**
 * Runs every contender once unmeasured, then in turn for so many rounds, each round beginning with another one,
 * so that what the machine does meanwhile meets all alike. Gives the median milliseconds of each.
 */
export async function inTurn(
  contenders: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
): Promise<Readonly<Record<string, number>>> {
  const names = Object.keys(contenders);
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (const name of names) await contenders[name]?.();
  for (let round = 0; round < rounds; round += 1) {
    const from = round % names.length;
    for (const name of [...names.slice(from), ...names.slice(0, from)]) {
      const act = contenders[name];
      if (act !== undefined) times.get(name)?.push(await timed(act));
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
}

/** Runs `act` for each item, at most `width` at once. */
export async function bounded<T>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}

export interface Output {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what it prints, which is then not kept. */
  readonly onStdout?: (chunk: Buffer) => void;
}

/** Runs a local program to its end. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...options.env }, stdio: 'pipe' });
    const [stdout, stderr] = [[] as Buffer[], [] as Buffer[]];
    child.stdout.on('data', options.onStdout ?? ((chunk: Buffer) => stdout.push(chunk)));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (exit) =>
      resolve({ exit, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** How often a text stands in what a local program prints. Megabytes of it are not kept: whoever is measured next would collect them. */
export async function countIn(
  program: string,
  args: readonly string[],
  text: string,
  options: Omit<RunOptions, 'onStdout'> = {},
): Promise<{ readonly count: number; readonly said: string }> {
  let [count, rest] = [0, Buffer.alloc(0)];
  const onStdout = (chunk: Buffer): void => {
    // It may stand astride two chunks.
    const seen = Buffer.concat([rest, chunk]);
    for (let at = seen.indexOf(text); at >= 0; at = seen.indexOf(text, at + text.length)) count += 1;
    rest = seen.subarray(Math.max(0, seen.length - text.length + 1));
  };
  const { stderr } = await run(program, args, { ...options, onStdout });
  return { count, said: stderr };
}

/** Undefined when `program` is there, installed from the Debian package when we are root; else why it isn't. */
export function whyMissing(program: string, debianPackage: string): string | undefined {
  const there = (): boolean => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;
  if (there()) return undefined;
  if (userInfo().uid !== 0) return `${program} is not installed, and we are not root to install ${debianPackage}`;
  const install = ['install', '-y', '-q', '--no-install-recommends', debianPackage];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (spawnSync('apt-get', install, { env }).status !== 0) {
    spawnSync('apt-get', ['update', '-q'], { env });
    spawnSync('apt-get', install, { env });
  }
  return there() ? undefined : `apt-get could not install ${debianPackage}`;
}
