import type { types } from '@slack/bolt';
import type { Table } from '../../domain/notice.ts';
import { LIMITS } from './limits.ts';
import { clip, fitLines, more } from './text.ts';

const CELL_CHARS = 300;
/** All cells of a table together (docs.slack.dev/reference/block-kit/blocks/table-block). */
const TABLE_CHARS = 9500;
const NOTHING = '–';

/** A table as Slack draws it, or as monospaced text where it can't; null where there is no room for a single row. */
export type DrawnTable =
  | { readonly kind: 'table'; readonly block: types.TableBlock; readonly left: number }
  | { readonly kind: 'text'; readonly text: string };

/** Only messages may hold table blocks, and only up to twenty columns. `room` is in characters. */
export function drawTable(table: Table, room: number, native: boolean): DrawnTable {
  if (!native || table.columns.length > LIMITS.tableColumns) return { kind: 'text', text: tableText(table, room) };
  const most = Math.min(room, TABLE_CHARS);
  const rows: string[][] = [];
  let chars = 0;
  for (const cells of [table.columns, ...table.rows]) {
    const row = table.columns.map((_, at) => clip((cells[at] ?? '').trim() || NOTHING, CELL_CHARS));
    const size = row.reduce((sum, cell) => sum + cell.length, 0);
    if (rows.length >= LIMITS.tableRows || chars + size > most) break;
    rows.push(row);
    chars += size;
  }
  if (rows.length < 2) return { kind: 'text', text: tableText(table, room) };
  const block: types.TableBlock = {
    type: 'table',
    rows: rows.map((row) => row.map((text) => ({ type: 'raw_text', text }))),
  };
  return { kind: 'table', block, left: table.rows.length - (rows.length - 1) };
}

/** Columns side by side, as in a terminal. */
export function tableText(table: Table, room: number): string {
  const shown = [table.columns, ...table.rows].map((cells) =>
    table.columns.map((_, at) => clip((cells[at] ?? '').replaceAll('\n', ' ').trim() || NOTHING, CELL_CHARS)),
  );
  const widths = table.columns.map((_, at) => Math.max(...shown.map((row) => row[at]?.length ?? 0)));
  const lines = shown.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return fitLines(lines, room);
}

/** `… 12 more rows` */
export function leftOut(count: number): string {
  return more(count, count === 1 ? 'row' : 'rows');
}
