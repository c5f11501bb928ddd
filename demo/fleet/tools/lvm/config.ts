/** lvmconfig: the settings that Hostler asks for. Anybody may read them. */
import { last, parseOptions } from '../options.ts';
import { fail, ok, type ToolCall, type ToolResult, unknown } from '../tool.ts';
import { badOption, COMMON } from './common.ts';

/** What LVM is shipped with. */
const SHIPPED = { threshold: 100, percent: 20 };

export function lvmconfig(call: ToolCall): ToolResult {
  const parsed = parseOptions(call.args, { ...COMMON, '--type': 'value' });
  const bad = badOption('lvmconfig', parsed);
  if (bad !== undefined) return bad;
  if (last(parsed, '--type') !== 'full') return unknown('lvmconfig without --type full', 3, '  No such settings here.');
  const { threshold, percent } = call.model.autoextend ?? SHIPPED;
  const values: Readonly<Record<string, number>> = {
    'activation/monitoring': 1,
    'activation/thin_pool_autoextend_threshold': threshold,
    'activation/thin_pool_autoextend_percent': percent,
  };
  const strange = parsed.rest.find((it) => values[it] === undefined);
  if (strange !== undefined)
    return { ...fail(5, `  Configuration node ${strange} not found`), unknown: `lvmconfig ${strange}` };
  const warning = call.root ? '' : '  WARNING: Running as a non-root user. Functionality may be unavailable.\n';
  return ok(parsed.rest.map((it) => `${it.split('/')[1]}=${values[it]}\n`).join(''), warning);
}
