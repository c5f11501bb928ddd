/** head, date, and what systemctl and df say to a sweep. */
import { procText } from '../model/proc.ts';
import { watched } from '../model/watched.ts';
import { has, last, parseOptions } from './options.ts';
import { fail, ok, type Tool, type ToolCall, type ToolResult, unknown } from './tool.ts';

/** `head -v -c BYTES FILE…`: each with its name above, a blank line between them. */
export const head: Tool = (call) => {
  const parsed = parseOptions(call.args, { '-v': 'flag', '-c': 'value' });
  const bytes = Number(last(parsed, '-c'));
  if (parsed.bad !== undefined || !has(parsed, '-v') || !(bytes > 0))
    return unknown(`head ${call.args.join(' ')}`, 1, 'head: the simulator wants -v and -c BYTES');
  const parts: string[] = [];
  let stderr = '';
  for (const path of parsed.rest) {
    const text = procText(call.model, path, call.now);
    if (text === undefined) stderr += `head: cannot open '${path}' for reading: No such file or directory\n`;
    else parts.push(`==> ${path} <==\n${text.slice(0, bytes)}`);
  }
  return { exit: stderr === '' ? 0 : 1, stdout: parts.join('\n'), stderr };
};

/** `date +%s` and `date +%s.%N`, by the host's own clock. */
export const date: Tool = ({ args, model, now }) => {
  const at = now + watched(model).clockOffsetMs;
  const seconds = Math.floor(at / 1000);
  if (args.join(' ') === '+%s') return ok(`${seconds}\n`);
  if (args.join(' ') === '+%s.%N') return ok(`${seconds}.${String(Math.floor(at % 1000)).padStart(3, '0')}000000\n`);
  return unknown(`date ${args.join(' ')}`, 1, `date: invalid date '${args[0] ?? ''}'`);
};

/** `systemctl list-units --state=failed`, of the system. */
export function listFailedUnits({ model }: ToolCall): ToolResult {
  return ok(
    watched(model)
      .failedUnits.map((name) => `${name} loaded failed failed /usr/bin/false\n`)
      .join(''),
  );
}

/** `df -t nfs -t nfs4`: what hangs is ended by its time limit. */
export function dfNfs({ model }: ToolCall): ToolResult {
  const { nfs } = watched(model);
  if (nfs.length === 0) return fail(1, 'df: no file systems processed');
  if (nfs.some(({ state }) => state === 'silent')) return fail(124, '');
  const good = nfs.filter(({ state }) => state === 'good');
  const width = Math.max('Filesystem'.length, ...good.map(({ source }) => source.length));
  const rows = good.map(({ source, target }) => `${source.padEnd(width)} ${target}\n`);
  const stale = nfs.filter(({ state }) => state === 'stale');
  return {
    exit: stale.length === 0 ? 0 : 1,
    stdout: rows.length === 0 ? '' : `${'Filesystem'.padEnd(width)} Mounted on\n${rows.join('')}`,
    stderr: stale.map(({ target }) => `df: ${target}: Stale file handle\n`).join(''),
  };
}
