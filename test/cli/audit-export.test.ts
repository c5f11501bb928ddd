import { expect, it } from 'vitest';
import { auditExport } from '../../src/cli/audit.ts';
import type { OpenAudit } from '../../src/cli/composition.ts';
import type { AuditEntry } from '../../src/operations/store.ts';
import { auditEntry, testDatabase } from '../infra/sqlite/kit.ts';
import { recordingTerminal } from './recording.ts';

/** What an export of these rows prints, and how many rows were asked for at once at most. */
function exported(entries: readonly AuditEntry[], format: 'json' | 'csv') {
  const at = testDatabase();
  try {
    at.rows.transaction(() => {
      for (const entry of entries) at.rows.audit.append(entry, 1_700_000_000_000);
    });
    let most = 0;
    const audit: OpenAudit = {
      ...at.rows.audit,
      list: (filter) => {
        const rows = at.rows.audit.list(filter);
        most = Math.max(most, rows.length);
        return rows;
      },
      close: () => undefined,
    };
    const terminal = recordingTerminal();
    expect(auditExport(audit, format, terminal)).toBe(0);
    return { text: terminal.stdout(), most };
  } finally {
    at.end();
  }
}

/** A reader of RFC 4180, by its grammar: fields in quotes hold anything, quotes doubled. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, field, quoted]: [string[], string, boolean] = [[], '', false];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',' || char === '\n') {
      row.push(field.replace(/\r$/, ''));
      field = '';
      if (char === '\n') {
        rows.push(row);
        row = [];
      }
    } else field += char;
  }
  expect([quoted, field, row]).toEqual([false, '', []]);
  return rows;
}

it('writes nothing but an empty list, or the heads of the columns, where there are no rows', () => {
  expect(JSON.parse(exported([], 'json').text)).toEqual([]);
  expect(parseCsv(exported([], 'csv').text)).toEqual([expect.arrayContaining(['seq', 'at', 'kind', 'hash'])]);
});

it('writes every row, oldest first, and reads them in pages', () => {
  const entries = Array.from({ length: 2500 }, (_, n) => auditEntry({ subject: `web-${n}` }));
  const { text, most } = exported(entries, 'json');
  const rows: { subject: string }[] = JSON.parse(text);
  expect(rows.map(({ subject }) => subject)).toEqual(entries.map(({ subject }) => subject));
  expect(most).toBeLessThanOrEqual(1000);
  expect(parseCsv(exported(entries, 'csv').text)).toHaveLength(2501);
});

const NASTY = ['a,b', 'say "hi"', 'two\nlines', 'two\r\nlines', ' spaces ', 'ümläut 😀', '', "it's"];
const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=cmd|"/c calc"!A0'];

it.each([...NASTY, ...FORMULAS])('keeps %j as a cell', (text) => {
  const [heads = [], cells = []] = parseCsv(
    exported([auditEntry({ subject: text, outcome: text, data: { text } })], 'csv').text,
  );
  expect(cells).toHaveLength(heads.length);
  const cell = (name: string): string => cells[heads.indexOf(name)] ?? '';
  // What a spreadsheet would run stands behind a quote; all else is as it was.
  const kept = FORMULAS.includes(text) ? `'${text}` : text;
  expect([cell('subject'), cell('outcome')]).toEqual([kept, kept]);
  expect(JSON.parse(cell('data'))).toEqual({ text });
});

it('ends each line of CSV as RFC 4180 has it', () => {
  expect(exported([auditEntry()], 'csv').text.split('\r\n')).toHaveLength(3);
});
