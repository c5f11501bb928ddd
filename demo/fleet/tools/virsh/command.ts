/** What virsh's subcommands have in common. Every one ends its output with an empty line, on errors too, as recorded. */

import { findDomain } from '../../model/domains.ts';
import type { Domain } from '../../model/host-model.ts';
import { last, type OptionTable, type Parsed } from '../options.ts';
import { fail, ok, type ToolCall, type ToolResult } from '../tool.ts';

export interface VirshCall extends ToolCall {
  readonly parsed: Parsed;
}

export interface VirshCommand {
  readonly options: OptionTable;
  /** Options that words without a name fill, in order; those that must be given end in `!`. */
  readonly words?: readonly string[];
  readonly run: (call: VirshCall) => ToolResult;
}

/** For commands that take a domain. */
export function onDomain(
  options: OptionTable,
  run: (call: VirshCall, domain: Domain) => ToolResult,
  words: readonly string[] = [],
): VirshCommand {
  return {
    options: { '--domain': 'value', ...options },
    words: ['--domain!', ...words],
    run: (call) => {
      const key = option(call, '--domain') ?? '';
      const domain = findDomain(call.model, key);
      return domain === undefined ? error(`failed to get domain '${key}'`) : run(call, domain);
    },
  };
}

export function option(call: VirshCall, name: string): string | undefined {
  return last(call.parsed, name);
}
export function flag(call: VirshCall, name: string): boolean {
  return call.parsed.options.has(name);
}

export function say(text: string): ToolResult {
  return ok(`${text}\n`);
}

/** `error: …` for each line; exit code 1. */
export function error(...lines: readonly string[]): ToolResult {
  return fail(1, lines.map((line) => `error: ${line}\n`).join(''), '\n');
}

const NOT_RUNNING = 'Requested operation is not valid: domain is not running';
/** `error: Failed to ACT domain 'x'`, and that it isn't running. */
export function notRunning(act: string): ToolResult {
  return error(act, NOT_RUNNING);
}
export function failedTo(act: string, domain: Domain): string {
  return `Failed to ${act} domain '${domain.name}'`;
}

/** virsh's tables (vsh-table.c): columns as wide as their widest cell, three spaces between, the last one not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    ` ${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 3))).join('')}\n`;
  const width = widths.reduce((sum, it) => sum + it + 3, 0);
  return `${line(head)}${'-'.repeat(width)}\n${rows.map(line).join('')}`;
}
