/** Text as a terminal shows it. */

/** Characters that take two columns: East Asian wide ones and emoji. Near enough for tables. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NONE = /\p{Mark}|\u200b|\u200d|\ufe0f/u;

/** Columns that a text takes. */
export function columns(text: string): number {
  let sum = 0;
  for (const char of text) sum += NONE.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return sum;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}

/** The text, or its beginning with `…`, in so many columns. */
export function clip(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    const more = columns(char);
    if (used + more > width - 1) break;
    kept += char;
    used += more;
  }
  return `${kept}…`;
}

/** Breaks at spaces; a word that is longer than a line stands alone and whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(' ')) {
      if (current !== '' && columns(current) + 1 + columns(word) > width) {
        lines.push(current);
        current = word;
      } else {
        current = current === '' ? word : `${current} ${word}`;
      }
    }
    return [...lines, current];
  });
}

/** Without what could steer the terminal: a host's output, or a name, may hold escape sequences. Newline and tab stay. */
export function plain(text: string): string {
  // Bidirectional overrides can make a line read as another one.
  return text.replaceAll(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, '�');
}
