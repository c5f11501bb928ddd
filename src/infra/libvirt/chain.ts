/**
 * Several commands of virsh in one process: each costs a host as much as connecting to libvirt does. virsh carries them out in turn,
 * whatever becomes of each, and its exit code is the last one's (seen on libvirt 9.0). Its own `echo` tells where their answers end.
 */
import type { Ran } from '../../operations/ports.ts';

const mark = (nth: number): string => `hostler-${nth}`;

/** The one argument that holds them all. A word with spaces or quotes stands in single quotes, which virsh reads as a shell does. */
export function chained(commands: readonly string[]): string {
  const [first = '', ...others] = commands;
  return [
    first,
    ...others.flatMap((each, index) => [`echo ${mark(index + 1)}`, `echo --err ${mark(index + 1)}`, each]),
  ].join('; ');
}

/**
 * The answers, as if each command had run alone: of a failed one virsh says so on stderr. Those that were not come to have the
 * process's exit code, and not a word.
 */
export function links(ran: Ran, count: number): readonly Ran[] {
  let { stdout, stderr } = ran;
  return Array.from({ length: count }, (_, index): Ran => {
    const [out, outRest] = cut(stdout, `${mark(index + 1)}\n\n`);
    const [err, errRest] = cut(stderr, `error: ${mark(index + 1)}\n`);
    [stdout, stderr] = [outRest ?? '', errRest ?? ''];
    const ended = index === count - 1 || errRest !== undefined;
    const exit = !ended || (index === count - 1 && ran.exit !== 0) ? ran.exit : err.startsWith('error: ') ? 1 : 0;
    return { ...ran, exit, stdout: out, stderr: err };
  });
}

/** What stands before the line, and what after it; undefined where it isn't there. */
function cut(text: string, line: string): readonly [string, string | undefined] {
  const at = text.startsWith(line) ? 0 : text.indexOf(`\n${line}`) + 1;
  return at === 0 && !text.startsWith(line) ? [text, undefined] : [text.slice(0, at), text.slice(at + line.length)];
}
