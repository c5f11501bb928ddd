/** What a script prints between the outputs of its commands (see script.ts), and how its answer is read. */
import type { Ran } from '../../operations/ports.ts';

/** The frame after command `number`, on each stream. Frame 0 stands before the first command, and ends what a login shell said. */
export function frame(nonce: string, number: number, exit: number, uptime: number) {
  return { stdout: `\n${nonce} ${number} ${exit} ${uptime.toFixed(2)}\n`, stderr: `\n${nonce} ${number}\n` };
}

/** The command lines of a script, and whether each ends it on failure. */
export interface Expected {
  readonly line: string;
  readonly onFailure: 'stop' | 'go-on';
}

export interface Answer {
  /** The commands that came to their end, in order; then the one whose end was not seen, with exit null, where there is one. */
  readonly ran: readonly Ran[];
  /** The script came to its end: every command has both frames, or the last one failed and was to stop it. */
  readonly complete: boolean;
}

/** Reads an answer, whole or cut anywhere. */
export function readAnswer(nonce: string, expected: readonly Expected[], stdout: string, stderr: string): Answer {
  const out = sections(stdout, nonce);
  const err = sections(stderr, nonce);
  const ran: Ran[] = [];
  if (out.length === 1) return { ran, complete: false };
  for (const [index, { line, onFailure }] of expected.entries()) {
    const [before, mine] = [out[index], out[index + 1]];
    const ended = mine?.fields !== undefined && err[index + 1]?.fields !== undefined;
    const [, exit, uptime] = mine?.fields ?? [];
    const since = before?.fields?.[2];
    const entry: Ran = {
      line,
      exit: ended ? Number(exit) : null,
      stdout: mine?.text ?? '',
      stderr: err[index + 1]?.text ?? '',
      ms: ended ? Math.max(0, Math.round((Number(uptime) - Number(since)) * 1000)) : 0,
    };
    ran.push(entry);
    if (entry.exit === null) return { ran, complete: false };
    if (onFailure === 'stop' && entry.exit !== 0) break;
  }
  return { ran, complete: true };
}

/** The text before each frame with that frame's fields, and at last the text after all of them. */
function sections(text: string, nonce: string): { text: string; fields: string[] | undefined }[] {
  const opening = `\n${nonce} `;
  const found: { text: string; fields: string[] | undefined }[] = [];
  let from = 0;
  for (;;) {
    const at = text.indexOf(opening, from);
    const end = at < 0 ? -1 : text.indexOf('\n', at + opening.length);
    if (end < 0) break;
    found.push({ text: text.slice(from, at), fields: text.slice(at + opening.length, end).split(' ') });
    from = end + 1;
  }
  found.push({ text: text.slice(from), fields: undefined });
  return found;
}
