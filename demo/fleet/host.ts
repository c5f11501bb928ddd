/** One simulated host: takes exec lines and scripts as sshd and its shell would, and lets tests look inside and make trouble. */
import { frame } from '../../src/infra/ssh/frames.ts';
import { parseScript, SCRIPT_EXEC, type Script, type ScriptCommand } from '../../src/infra/ssh/script.ts';
import type { Clock } from '../../src/operations/ports.ts';
import { realClock } from './clock.ts';
import type { Life } from './life.ts';
import { findDomain } from './model/domains.ts';
import type { Domain, HostModel } from './model/host-model.ts';
import { findVolume, poolUsed } from './model/lvm.ts';
import { type HostOptions, makeHostModel } from './model/make-host.ts';
import { type Snapshot, snapshotOf } from './model/snapshot.ts';
import { isReading } from './readings.ts';
import { runTool, settle } from './run-tool.ts';
import type { ToolResult } from './tools/tool.ts';
import { makeTroubleBox, type Trouble, type TroubleBox } from './trouble.ts';

interface LogEntry {
  readonly line: string;
  /** Null: it hung or the link was cut. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the simulator did not know of it. */
  readonly unknown?: string;
}

/** Where an exec's output goes. */
interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** How an exec ended: by its shell, or because the link was cut. */
type Ended = { readonly kind: 'ended'; readonly exit: number } | { readonly kind: 'cut' };

export interface SimHost {
  readonly name: string;
  /** The state. Tests may change it; `settle` first when time matters. */
  readonly model: HostModel;
  readonly clock: Clock;
  readonly trouble: TroubleBox;
  /** The commands that ran, in order: the last thousand at least. */
  readonly log: readonly LogEntry[];
  /** Command lines, options and exec lines that the simulator did not know: a test asserts that there are none. */
  readonly unknown: () => readonly string[];
  readonly exec: (line: string, stdin: string, output: Output, signal?: AbortSignal) => Promise<Ended>;
  /** Runs one command at once, as root unless told otherwise, past all trouble: for tests that look or prepare. */
  readonly sh: (argv: readonly string[], options?: { readonly root?: boolean; readonly stdin?: string }) => ToolResult;
  /** To be called by whoever changed the model from outside. */
  readonly changed: () => void;
  /** Lets time do what is due. */
  readonly settle: () => void;
  readonly snapshot: () => Snapshot;
  /** By name or UUID. Throws RangeError where there is none. */
  readonly domain: (key: string) => Domain;
  /** Fills the thin pool to the brim (or to a share of it), or frees what was filled so with 0. */
  readonly fillPool: (share?: number) => void;
  /** Takes the volume group away, or brings it back. */
  readonly loseGroup: (name?: string) => void;
  readonly findGroup: () => void;
}

export interface SimHostOptions extends Omit<HostOptions, 'now'> {
  readonly clock?: Clock;
  /** Milliseconds that each command takes. */
  readonly latencyMs?: number;
  /** A state that was saved: it is taken as it is. */
  readonly model?: HostModel;
  readonly life?: Pick<Life, 'advance'>;
  /** Called when a command that changes things has run, or something has happened by itself. */
  readonly onChange?: () => void;
}

const LOG_MOST = 2000;

export function makeSimHost(options: SimHostOptions): SimHost {
  const { clock = realClock, latencyMs = 0 } = options;
  const model = options.model ?? makeHostModel({ ...options, now: clock.now() });
  const trouble = makeTroubleBox();
  const log: LogEntry[] = [];
  const strange: string[] = [];
  const lost: { groups: HostModel['groups']; volumes: HostModel['volumes'] } = { groups: [], volumes: [] };

  /** What time does: guests' own lives first, then what was asked of them. */
  function pass(now: number): void {
    const happened = options.life?.advance(model, now) ?? false;
    strange.push(...settle(model, now));
    if (happened) options.onChange?.();
  }

  function note(entry: LogEntry): void {
    log.push(entry);
    if (log.length > LOG_MOST) log.splice(0, LOG_MOST / 2);
    if (entry.unknown !== undefined) strange.push(entry.unknown);
  }

  function act(command: ScriptCommand, half: boolean): ToolResult {
    const now = clock.now();
    pass(now);
    const stdin = typeof command.stdin === 'string' ? Buffer.from(command.stdin) : command.stdin;
    const result = runTool(model, command.argv, { now, stdin, half });
    if (!isReading(command.argv)) options.onChange?.();
    return result;
  }

  /** One command, with the trouble that befalls it. Undefined: the link was cut; `part` went out before. */
  async function run(
    command: ScriptCommand,
    signal: AbortSignal | undefined,
  ): Promise<{ result?: ToolResult; part?: string }> {
    const wait = latencyMs + trouble.slowMs;
    if (wait > 0) await clock.sleep(wait, signal);
    const befalls = trouble.take(command.line);
    if (befalls === undefined) return { result: act(command, false) };
    const acted = befalls.when === 'before' ? undefined : act(command, befalls.when === 'midway');
    switch (befalls.kind) {
      case 'cut':
        return {};
      case 'cut-output':
        return { part: (acted?.stdout ?? '').slice(0, Math.ceil((acted?.stdout.length ?? 0) / 2)) };
      case 'hang': {
        await clock.sleep(limitMs(command), signal);
        return signal?.aborted === true ? {} : { result: { exit: 124, stdout: '', stderr: '' } };
      }
      case 'fail':
        return { result: broken(command, befalls) };
    }
  }

  async function runScript(script: Script, output: Output, signal: AbortSignal | undefined): Promise<Ended> {
    const tell = (number: number, exit: number) => {
      const texts = frame(script.nonce, number, exit, (clock.now() - model.bootedAt) / 1000);
      output.stdout(texts.stdout);
      output.stderr(texts.stderr);
    };
    tell(0, 0);
    for (const [index, command] of script.commands.entries()) {
      if (signal?.aborted === true || trouble.down) return { kind: 'cut' };
      const { result, part } = await run(command, signal);
      const { line } = command;
      if (result === undefined || trouble.down) {
        note({ line, exit: null, stdout: part ?? '', stderr: '' });
        output.stdout(part ?? '');
        return { kind: 'cut' };
      }
      note({ line, ...result });
      output.stdout(result.stdout);
      output.stderr(result.stderr);
      tell(index + 1, result.exit);
      if (result.exit !== 0 && command.onFailure === 'stop') return { kind: 'ended', exit: result.exit };
    }
    return { kind: 'ended', exit: 0 };
  }

  async function exec(line: string, stdin: string, output: Output, signal?: AbortSignal): Promise<Ended> {
    if (trouble.down) return { kind: 'cut' };
    const refuse = (exit: number, why: string): Ended => {
      note({ line, exit, stdout: '', stderr: why, unknown: `unknown command: ${line}` });
      output.stderr(`${why}\n`);
      return { kind: 'ended', exit };
    };
    if (line !== SCRIPT_EXEC) return refuse(127, `sh: 1: ${line.split(' ')[0]}: not found`);
    let script: Script;
    try {
      script = parseScript(stdin);
    } catch (cause) {
      // A script that ends in the middle is one whose sender has gone: that shows in the next turn.
      await new Promise((next) => setImmediate(next));
      if (signal?.aborted === true) return { kind: 'cut' };
      return refuse(2, `/bin/sh: 1: Syntax error: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
    return runScript(script, output, signal);
  }

  return {
    name: model.name,
    model,
    clock,
    trouble,
    log,
    unknown: () => strange,
    exec,
    sh: (argv, { root = true, stdin } = {}) => {
      const now = clock.now();
      pass(now);
      return runTool(model, argv, { now, root, stdin: stdin === undefined ? undefined : Buffer.from(stdin) });
    },
    changed: () => options.onChange?.(),
    settle: () => pass(clock.now()),
    snapshot: () => {
      pass(clock.now());
      return snapshotOf(model);
    },
    domain: (key) => {
      pass(clock.now());
      const found = findDomain(model, key);
      if (found === undefined) throw new RangeError(`host ${model.name} has no domain ${key}`);
      return found;
    },
    fillPool: (share = 1) => {
      const pool = findVolume(model, 'cloudvg', 'thinpool');
      if (pool === undefined) return;
      pool.mappedBytes = 0;
      if (share > 0) pool.mappedBytes = Math.max(0, Math.ceil(pool.sizeBytes * share) - poolUsed(model, pool));
    },
    loseGroup: (name = 'cloudvg') => {
      lost.groups.push(...model.groups.filter((it) => it.name === name));
      lost.volumes.push(...model.volumes.filter((it) => it.vg === name));
      model.groups = model.groups.filter((it) => it.name !== name);
      model.volumes = model.volumes.filter((it) => it.vg !== name);
    },
    findGroup: () => {
      model.groups.push(...lost.groups.splice(0));
      model.volumes.push(...lost.volumes.splice(0));
    },
  };
}

/** The seconds of the `timeout -k 5 N` that every command of ours bears. */
function limitMs({ argv }: ScriptCommand): number {
  const at = argv.indexOf('timeout');
  return Number(argv[at + 3] ?? 30) * 1000;
}

/** An error as a program of that kind gives it. */
function broken({ argv }: ScriptCommand, { exit, stderr }: Trouble): ToolResult {
  const program = argv[argv.indexOf('timeout') + 4] ?? argv[0] ?? '';
  const isLvm = /^(lv|vg|pv)/.test(program);
  const words =
    program === 'virsh'
      ? 'error: internal error: injected failure'
      : `${isLvm ? '  ' : `${program}: `}Input/output error`;
  return { exit: exit ?? (isLvm ? 5 : 1), stdout: '', stderr: `${stderr ?? words}\n` };
}
