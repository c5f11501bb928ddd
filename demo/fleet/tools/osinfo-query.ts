/** osinfo-query of the operating systems, as a table: names are made of the ids, the widths are its own. */
import { OS_IDS } from './os-names.ts';
import { fail, ok, type Tool, unknown } from './tool.ts';

const WIDTHS = [21, 50, 8, 11] as const;

export const osinfoQuery: Tool = ({ args }) => {
  if (args.join(' ') !== '--fields=short-id,name,version,family os')
    return unknown(`osinfo-query ${args.join(' ')}`, 1, 'Error while parsing options: Unknown option');
  if (OS_IDS.size === 0) return fail(1, 'Error loading OS data');
  const line = (cells: readonly string[]) => ` ${cells.map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0)).join('| ')}\n`;
  const rows = [...OS_IDS].map(([short, id]) => {
    const [, , , os = '', version = ''] = id.split('/');
    const family = short.startsWith('win') ? 'winnt' : 'linux';
    return line([short, `${os.charAt(0).toUpperCase()}${os.slice(1)} ${version}`, version, family]);
  });
  const rule = `${WIDTHS.map((width, at) => '-'.repeat(at === 0 ? width + 1 : width + 1)).join('+')}\n`;
  return ok(line(['Short ID', 'Name', 'Version', 'Family']) + rule + rows.join(''));
};
