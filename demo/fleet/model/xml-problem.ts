/** What libxml2 says of a text that is no XML, in virsh's three lines: the complaint, the line, a mark below. Held to recordings. */

const TAG = /<(\/?)([A-Za-z_][\w:.-]*)(?:\s[^<>]*?)?(\/?)>/g;

/** The complaint about a text that the parser refused. */
export function xmlProblem(text: string): string {
  if (text.trim() === '') return complaint(1, 'Document is empty', '(null)', 0);
  if (!text.trimStart().startsWith('<'))
    return complaint(1, "Start tag expected, '<' not found", text.split('\n')[0] ?? '', 0);
  const open: { name: string; line: number }[] = [];
  for (const match of text.matchAll(TAG)) {
    const [tag, closing, name = '', empty] = match;
    const line = lineAt(text, match.index);
    if (empty === '/') continue;
    if (closing !== '/') {
      open.push({ name, line });
      continue;
    }
    const started = open.pop();
    if (started?.name === name) continue;
    const begin = text.lastIndexOf('\n', match.index) + 1;
    const what = `Opening and ending tag mismatch: ${started?.name ?? ''} line ${started?.line ?? line} and ${name}`;
    return complaint(line, what, text.slice(begin).split('\n')[0] ?? '', match.index - begin + tag.length);
  }
  const last = open.at(-1);
  const end = lineAt(text, text.length);
  if (last !== undefined)
    return complaint(end, `Premature end of data in tag ${last.name} line ${last.line}`, '(null)', 0);
  return complaint(end, 'Extra content at the end of the document', '(null)', 0);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function complaint(line: number, what: string, shown: string, column: number): string {
  return `(domain_definition):${line}: ${what}\n${shown}\n${'-'.repeat(column)}^`;
}
