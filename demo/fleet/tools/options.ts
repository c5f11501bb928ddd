/** Reads a command line by a table of options, as getopt_long does: `-n x`, `-nx`, `--name x`, `--name=x`, `--`. */

/** `flag` takes no value, `value` one, `maybe` one that is attached with `=`; the short letter (with its dash) may be given as another spelling. */
export interface OptionTable {
  readonly [option: string]: 'flag' | 'value' | 'maybe' | { readonly as: string };
}

export interface Parsed {
  /** All values of each option, in order; '' for a flag. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
  /** The first option that the table doesn't have, or that lacks its value. */
  readonly bad?: { readonly option: string; readonly why: 'unknown' | 'no value' };
}

export function parseOptions(args: readonly string[], table: OptionTable): Parsed {
  const options = new Map<string, string[]>();
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      rest.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      rest.push(arg);
      continue;
    }
    const [written, attached] = split(arg, table);
    const entry = table[written];
    const name = typeof entry === 'object' ? entry.as : written;
    const kind = table[name];
    if (kind === undefined || (kind === 'flag' && attached !== undefined))
      return { options, rest, bad: { option: arg, why: 'unknown' } };
    let value = attached ?? '';
    if (kind === 'value' && attached === undefined) {
      at += 1;
      const next = args[at];
      if (next === undefined) return { options, rest, bad: { option: written, why: 'no value' } };
      value = next;
    }
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  return { options, rest };
}

function split(arg: string, table: OptionTable): [string, string | undefined] {
  if (arg.startsWith('--')) {
    const equals = arg.indexOf('=');
    return equals < 0 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
  }
  if (arg.length > 2 && table[arg] === undefined && table[arg.slice(0, 2)] !== undefined)
    return [arg.slice(0, 2), arg.slice(2)];
  return [arg, undefined];
}

/** The last value of an option. */
export function last(parsed: Parsed, option: string): string | undefined {
  return parsed.options.get(option)?.at(-1);
}
export function has(parsed: Parsed, option: string): boolean {
  return parsed.options.has(option);
}
