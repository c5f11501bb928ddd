/** The parts of a public key line, the key itself shortened. */
export function keyFacts(line: string): { readonly type: string; readonly comment: string; readonly short: string } {
  const [type = '', body = '', ...comment] = line.trim().split(/\s+/);
  return {
    type,
    comment: comment.join(' '),
    short: body.length > 24 ? `${body.slice(0, 10)}…${body.slice(-10)}` : body,
  };
}
