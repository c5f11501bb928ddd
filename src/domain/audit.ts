/** What a row's hash covers, as the table's columns hold it. */
export interface AuditContent {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly operationId: string | null;
  readonly actorJson: string;
  readonly team: string | null;
  readonly subject: string | null;
  readonly host: string | null;
  readonly outcome: string;
  readonly dataJson: string;
  readonly prevHash: string;
}

/**
 * Canonical JSON (RFC 8785): the same value gives the same text everywhere. What JSON leaves out (undefined, functions) is left out.
 * @throws TypeError for what has no JSON: NaN, infinity, a bigint, an object within itself.
 */
export function canonicalJson(value: unknown): string {
  const text = written(value, 0);
  if (text === undefined) throw new TypeError('this value has no JSON');
  return text;
}

/** Deeper than anything of ours: such a value holds itself. */
const DEEPEST = 500;

/** What JSON writes as it stands; for short texts the look is cheaper than the engine's own way. */
const PLAIN = /^[ !#-[\]-~]{0,200}$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function written(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON`);
    return JSON.stringify(value);
  }
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'bigint') throw new TypeError('a bigint has no JSON');
  if (!isObject(value)) return undefined;
  if (depth > DEEPEST) throw new TypeError('an object that holds itself has no JSON');
  if (typeof value.toJSON === 'function') return written(value.toJSON(), depth + 1);
  if (Array.isArray(value)) return `[${value.map((item) => written(item, depth + 1) ?? 'null').join(',')}]`;
  let members = '';
  // Sorted by UTF-16 code units, as the RFC wants.
  for (const key of Object.keys(value).sort()) {
    const text = written(value[key], depth + 1);
    if (text !== undefined) members += `${members === '' ? '' : ','}${quoted(key)}:${text}`;
  }
  return `{${members}}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * The text that a row's hash is of: canonical JSON of an object with all its content, the previous hash among it. `actor` and `data`
 * are canonical already and stand in it as they are; the keys are in their sorted order, so this is what `canonicalJson` would give.
 */
export function auditText(row: AuditContent): string {
  const { host, kind, operationId, outcome, prevHash, subject, team } = row;
  return `{"actor":${row.actorJson},"at":${row.at},"data":${row.dataJson},"host":${orNull(host)},"kind":${quoted(kind)},"operationId":${orNull(operationId)},"outcome":${quoted(outcome)},"prevHash":${quoted(prevHash)},"seq":${row.seq},"subject":${orNull(subject)},"team":${orNull(team)}}`;
}

function orNull(text: string | null): string {
  return text === null ? 'null' : quoted(text);
}
