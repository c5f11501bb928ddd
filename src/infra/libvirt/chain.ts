/**
 * Several commands of virsh in one process: each costs a host as much as connecting to libvirt does. virsh carries them out in turn,
 * whatever becomes of each, and its exit code is the last one's (seen on libvirt 9.0). Its own `echo` tells where their answers end.
 */
import { shellWords } from '../../domain/command.ts';
import type { Ran } from '../../operations/ports.ts';
import { NO_LIBVIRT } from './virsh.ts';

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
  if (ran.exit !== 0 && ran.stderr.startsWith(`error: ${NO_LIBVIRT}`)) return Array.from({ length: count }, () => ran);
  const [stdout, stderr] = [
    pieces(ran.stdout, (nth) => `${mark(nth)}\n\n`),
    pieces(ran.stderr, (nth) => `error: ${mark(nth)}\n`),
  ];
  return Array.from({ length: count }, (_, index): Ran => {
    const err = stderr[index] ?? '';
    const said = err.startsWith('error: ') ? 1 : 0;
    return { ...ran, exit: index < stderr.length - 1 ? said : ran.exit, stdout: stdout[index] ?? '', stderr: err };
  });
}

/** The text between one line and the next; the last piece is what stands behind the last line that is there. */
function pieces(text: string, line: (nth: number) => string): readonly string[] {
  const found: string[] = [];
  let from = 0;
  for (;;) {
    const next = line(found.length + 1);
    const before = text.startsWith(next, from) ? from - 1 : text.indexOf(`\n${next}`, from);
    if (before < 0 && !(from === 0 && text.startsWith(next))) break;
    found.push(text.slice(from, before + 1));
    from = before + 1 + next.length;
  }
  return [...found, text.slice(from)];
}
