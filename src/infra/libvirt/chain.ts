/**
 * Several commands of virsh in one process: each costs a host as much as connecting to libvirt does. virsh carries them out in turn,
 * whatever becomes of each, and its exit code is the last one's (seen on libvirt 9.0). Its own `echo` tells where their answers end.
 */
import { shellWords } from '../../domain/command.ts';
import type { Ran } from '../../operations/ports.ts';

/** What virsh says then, and nothing else (recorded: virsh-libvirtd-stopped, virsh-chain-stopped). */
const NO_LIBVIRT = 'error: failed to connect to the hypervisor';
const mark = (nth: number): string => `hostler-${nth}`;

/** The one argument that holds them all: virsh reads its words as a shell does. */
export function chained(commands: readonly (readonly string[])[]): string {
  return commands
    .flatMap((words, index) => [
      ...(index === 0 ? [] : [`echo ${mark(index)}`, `echo --err ${mark(index)}`]),
      shellWords(words),
    ])
    .join('; ');
}

/**
 * The answers, as if each command had run alone: of a failed one virsh says so on stderr, the last one's exit code is the process's.
 * Those that were not come to have that code too, and not a word; where virsh found no libvirt, that is the answer to all of them.
 */
export function links(ran: Ran, count: number): readonly Ran[] {
  if (ran.exit !== 0 && ran.stderr.startsWith(NO_LIBVIRT)) return Array.from({ length: count }, () => ran);
  let { stdout, stderr } = ran;
  return Array.from({ length: count }, (_, index): Ran => {
    const [out, outRest] = cut(stdout, `${mark(index + 1)}\n\n`);
    const [err, errRest] = cut(stderr, `error: ${mark(index + 1)}\n`);
    [stdout, stderr] = [outRest ?? '', errRest ?? ''];
    const said = err.startsWith('error: ') ? 1 : 0;
    return { ...ran, exit: errRest === undefined ? ran.exit : said, stdout: out, stderr: err };
  });
}

/** What stands before the line, and what after it; undefined where it isn't there. */
function cut(text: string, line: string): readonly [string, string | undefined] {
  const at = `\n${text}`.indexOf(`\n${line}`);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + line.length)];
}
