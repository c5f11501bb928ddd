/** What real hosts answered, as the host port would tell it: test/fixtures/recorded/NAME.{cmd,out,err,rc}. */
import { readFileSync } from 'node:fs';
import type { Ran } from '../../src/operations/ports.ts';

export function recorded(name: string): Ran {
  const read = (ending: string): string =>
    readFileSync(new URL(`../fixtures/recorded/${name}.${ending}`, import.meta.url), 'utf8');
  return { line: read('cmd').trim(), exit: Number(read('rc')), stdout: read('out'), stderr: read('err'), ms: 1 };
}

/** An answer made up for what no host was seen to say. */
export function answered(exit: number, stdout = '', stderr = ''): Ran {
  return { line: 'made up', exit, stdout, stderr, ms: 1 };
}

/** What virsh prints when it carries out several commands in turn, with an `echo` between them (recorded: virsh-chain-*). */
export function inOneVirsh(...parts: readonly Ran[]): Ran {
  const between = (texts: readonly string[], before: string, after: string) =>
    texts.reduce((all, text, index) => `${all}${before}hostler-${index}${after}${text}`);
  const stdout = between(
    parts.map((each) => each.stdout),
    '',
    '\n\n',
  );
  const stderr = between(
    parts.map((each) => each.stderr),
    'error: ',
    '\n',
  );
  return answered(parts.at(-1)?.exit ?? 0, stdout, stderr);
}
