/** The inverse of `quote` in domain/command.ts: reads the words of one line that `commandLine` gave. */

const PIECE = /[A-Za-z0-9_.:=/@%+,-]+|'([^']*)'|\\(')/y;

/** Words from `at` on, and where they end: before what is not a word after a single space. Throws SyntaxError where none begins. */
export function readWords(text: string, at: number): { readonly words: readonly string[]; readonly next: number } {
  const words: string[] = [];
  let next = at;
  for (;;) {
    const from = words.length === 0 ? next : next + 1;
    if (words.length > 0 && text[next] !== ' ') break;
    const word = readWord(text, from);
    if (word === undefined) break;
    words.push(word.value);
    next = word.next;
  }
  if (words.length === 0) throw new SyntaxError(`no command at ${at}`);
  return { words, next };
}

function readWord(text: string, at: number): { value: string; next: number } | undefined {
  let value = '';
  let next = at;
  for (;;) {
    PIECE.lastIndex = next;
    const piece = PIECE.exec(text);
    if (piece === null) break;
    value += piece[1] ?? piece[2] ?? piece[0];
    next = PIECE.lastIndex;
  }
  return next === at ? undefined : { value, next };
}
