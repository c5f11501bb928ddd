import { catalog } from '../operations/catalog.ts';
import { parseArgv } from '../operations/command-text.ts';
import { fieldsOf, flagOf } from '../operations/fields.ts';

/** Whether a flag that is called as one of `hostler run` is the operation's own here, as `--as` of `vm backup restore`. */
export function hasFlag(flag: string, argv: readonly string[]): boolean {
  try {
    const parsed = parseArgv(argv, catalog);
    return parsed.kind === 'operation' && fieldsOf(parsed.operation).some(({ name }) => flagOf(name) === flag);
  } catch {
    // What is wrong with the words is told where they are read.
    return false;
  }
}
