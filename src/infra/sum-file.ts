/** A file that sha256sum or one of its kin wrote. */
import type { Ran } from '../operations/ports.ts';
import { refused, unreadable } from './answer.ts';

/** What `cat` of it answered: each file's checksum. Null where there is no such file. */
export function readSumFile(
  path: string,
  answer: Ran,
): readonly { readonly path: string; readonly hex: string }[] | null {
  const act = `Reading ${path}`;
  if (answer.exit === 1 && answer.stderr.includes('No such file or directory')) return null;
  if (answer.exit !== 0) throw refused(act, answer);
  const lines = answer.stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [, hex, file] = /^([0-9a-f]{64}|[0-9a-f]{128}) [ *](\/.+)$/.exec(line) ?? [];
    if (hex === undefined || file === undefined) throw unreadable(act, answer);
    return { path: file, hex };
  });
}
