import type { AuditSeen } from '../operations/store.ts';
import type { OpenAudit } from './composition.ts';
import { EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Rows read at once: an export of years does not fill the memory. */
const PAGE = 1000;

/** `audit verify`: 0 when whole, 1 with the first broken row otherwise. */
export async function auditVerify(audit: OpenAudit, anchor: string | null, terminal: Terminal): Promise<number> {
  const verdict = await audit.verify(anchor);
  if (verdict.ok) {
    terminal.out(`The audit is whole: ${verdict.rows} rows${verdict.head === null ? '' : `, head ${verdict.head}`}.`);
    return EXIT.done;
  }
  terminal.out(`The audit is broken: ${verdict.seq === null ? '' : `row ${verdict.seq}: `}${verdict.reason}`);
  terminal.err('Keep the database as it is, and compare it with the last backup.');
  return EXIT.failed;
}

/** `audit export`: every row, oldest first; one JSON array, a row on each line of it, or CSV as RFC 4180 has it. */
export function auditExport(audit: OpenAudit, format: 'json' | 'csv', terminal: Terminal): number {
  if (format === 'csv') {
    terminal.out(`${COLUMNS.join(',')}\r\n`);
    for (const row of oldestFirst(audit)) terminal.out(`${csvLine(row)}\r\n`);
    return EXIT.done;
  }
  // A row is held back until it is known whether a comma follows.
  let before: string | null = null;
  terminal.out('[');
  for (const row of oldestFirst(audit)) {
    if (before !== null) terminal.out(`${before},`);
    before = JSON.stringify(row);
  }
  if (before !== null) terminal.out(before);
  terminal.out(']');
  return EXIT.done;
}

/** The list is newest first: its pages are found by their upper ends, and read from the back. */
function* oldestFirst(audit: OpenAudit): Generator<AuditSeen> {
  const newest = audit.list({ limit: 1 })[0]?.seq ?? 0;
  for (let from = 1; from <= newest; from += PAGE) {
    const page = audit.list({ limit: PAGE, beforeSeq: from + PAGE });
    yield* page.filter((row) => row.seq >= from).reverse();
  }
}

const COLUMNS = [
  'seq',
  'at',
  'kind',
  'operation',
  'person',
  'slack',
  'role',
  'via',
  'team',
  'subject',
  'host',
  'outcome',
  'data',
  'hash',
] as const;

function csvLine(row: AuditSeen): string {
  const { actor } = row;
  return [
    row.seq,
    new Date(row.at).toISOString(),
    row.kind,
    row.operationId,
    actor.person,
    actor.slack,
    actor.role,
    actor.via,
    row.team,
    row.subject,
    row.host,
    row.outcome,
    JSON.stringify(row.data),
    row.hash,
  ]
    .map(csvCell)
    .join(',');
}

function csvCell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  // A spreadsheet takes what begins so for a formula: the quote before it keeps it a text.
  const safe = typeof value === 'string' && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
