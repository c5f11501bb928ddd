import { type OptionTable, parseOptions } from './options.ts';
import { type ToolCall, unknown } from './tool.ts';

/** Words after the options, or the tool's complaint. */
export function words(tool: string, call: ToolCall, table: OptionTable) {
  const parsed = parseOptions(call.args, table);
  const { bad } = parsed;
  if (bad === undefined) return { parsed, problem: undefined };
  const text = bad.option.startsWith('--')
    ? `unrecognized option '${bad.option}'`
    : `invalid option -- '${bad.option.slice(1, 2)}'`;
  return {
    parsed,
    problem: unknown(`${tool} ${bad.option}`, 1, `${tool}: ${text}\nTry '${tool} --help' for more information.`),
  };
}
