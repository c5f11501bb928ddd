/** Runs one argument vector on a model, at once: time passes between commands, never in one. */
import { settleDomains } from './model/domains.ts';
import type { FileNode, HostModel } from './model/host-model.ts';
import { awaitsKey } from './tools/age.ts';
import type { Tool, ToolResult } from './tools/tool.ts';
import { TOOLS } from './tools/tools.ts';
import { runUnit } from './tools/unit-files.ts';

export interface RunOptions {
  readonly now: number;
  readonly stdin?: Buffer | undefined;
  readonly root?: boolean;
  readonly half?: boolean;
  readonly input?: FileNode | undefined;
}

export function runTool(model: HostModel, argv: readonly string[], options: RunOptions): ToolResult {
  const { now, stdin, root = false, half = false, input } = options;
  const [program = '', ...args] = argv;
  const tool = find(program);
  if (tool === undefined) {
    return {
      exit: 127,
      stdout: '',
      stderr: `timeout: failed to run command '${program}': No such file or directory\n`,
      unknown: argv.join(' '),
    };
  }
  return tool({
    model,
    now,
    args,
    stdin,
    input,
    root,
    half,
    has: (other) => find(other) !== undefined,
    run: (inner, { on = model, ...change } = {}) => runTool(on, inner, { ...options, ...change }),
  });
}

function find(program: string): Tool | undefined {
  const name = program.replace(/^(\/usr)?\/s?bin\//, '');
  return Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
}

/** What time has done since the last look: guests that are off by now, units that have ended. Answers what they did that is unknown. */
export function settle(model: HostModel, now: number): string[] {
  settleDomains(model, now);
  const strange: string[] = [];
  for (const unit of model.units) {
    if (unit.state !== 'active' || unit.endsAt > now || awaitsKey(model, unit, now)) continue;
    const { exit, unknown } = runUnit(model, unit, (input) => runTool(model, unit.argv, { now: unit.endsAt, input }));
    if (unknown !== undefined) strange.push(unknown);
    unit.exit = exit;
    unit.result = exit === 0 ? 'success' : 'exit-code';
    const kept = exit === 0 ? unit.remainAfterExit : !unit.collect;
    unit.state = kept ? (exit === 0 ? 'exited' : 'failed') : 'gone';
  }
  model.units = model.units.filter((it) => it.state !== 'gone');
  return strange;
}
