/** Several files in one answer, as `head -v` prints them: `==> /proc/stat <==`, then the file. */

/** Path → text. A file that isn't there is missing. */
export function sectionsOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const heads = [...text.matchAll(/^==> (\/\S+) <==$/gm)];
  for (const [index, head] of heads.entries()) {
    const next = heads[index + 1];
    const body = text.slice(head.index + head[0].length + 1, next?.index ?? text.length);
    // A blank line stands before each heading but the first.
    found.set(head[1] ?? '', next === undefined ? body : body.replace(/\n$/, ''));
  }
  return found;
}
