import { isJson } from '../json.ts';
import { bool, byType, type Check, int, listOf, object, refuse, str, word } from './check.ts';
import { richText } from './rich-text.ts';

// docs.slack.dev/reference/block-kit/blocks/table-block, data-table-block and data-visualization-block

const COLUMNS = 20;
const TABLE_ROWS = 100;
/** With the row of headings. */
const DATA_ROWS = 101;
/** All cells of a table together. */
const TABLE_CHARS = 10_000;

const finite: Check = (value, at, found) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) refuse(found, at, 'must be a number');
};

const cell = byType({
  raw_text: object({ text: str(3000, 1) }),
  raw_number: object({ value: finite, text: str(3000, 1) }),
  rich_text: richText,
});

const orNull =
  (check: Check): Check =>
  (value, at, found) => {
    if (value !== null) check(value, at, found);
  };

const charsIn = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + charsIn(one), 0);
  if (!isJson(value)) return 0;
  const own = typeof value.text === 'string' ? value.text.length : 0;
  return own + charsIn(value.elements);
};

const notTooLong: Check = (value, at, found) => {
  if (isJson(value) && charsIn(value.rows) > TABLE_CHARS) {
    refuse(found, `${at}/rows`, `must have less than ${TABLE_CHARS + 1} characters in all cells`);
  }
};

const columnThere: Check = (value, at, found) => {
  if (!isJson(value) || !Array.isArray(value.rows) || typeof value.row_header_column_index !== 'number') return;
  const columns = Math.max(0, ...value.rows.map((row) => (Array.isArray(row) ? row.length : 0)));
  if (value.row_header_column_index >= columns) {
    refuse(found, `${at}/row_header_column_index`, `must be less than ${columns}`);
  }
};

const rows = (max: number, min: number): Check => listOf(listOf(cell, COLUMNS), max, min);
const columnSettings = listOf(
  orNull(object({}, { align: word('left', 'center', 'right'), is_wrapped: bool })),
  COLUMNS,
);

/** A table block. */
export const table: Check = object(
  { rows: rows(TABLE_ROWS, 1) },
  { block_id: str(255), column_settings: columnSettings },
  notTooLong,
);

/** A data_table block. */
export const dataTable: Check = object(
  { rows: rows(DATA_ROWS, 2), caption: str(3000, 1) },
  { block_id: str(255), page_size: int(1, 100), row_header_column_index: int(0, COLUMNS - 1) },
  columnThere,
);

const label = str(20, 1);

/** Labels, series and categories wherever a chart of its kind has them: their own names are not documented to us. */
const chartParts: Check = (value, at, found) => {
  if (Array.isArray(value)) {
    value.forEach((one, index) => {
      chartParts(one, `${at}/${index}`, found);
    });
    return;
  }
  if (!isJson(value)) return;
  for (const [name, field] of Object.entries(value)) {
    const here = `${at}/${name}`;
    if (name === 'series') listOf(() => undefined, 12)(field, here, found);
    if (name === 'categories') listOf(() => undefined, 20)(field, here, found);
    if (name === 'categories' && Array.isArray(field) && field.every((one) => typeof one === 'string')) {
      listOf(label, 20)(field, here, found);
    }
    if (name === 'label') label(field, here, found);
    chartParts(field, here, found);
  }
};

const chart: Check = (value, at, found) => {
  if (!isJson(value)) return refuse(found, at, 'must be an object');
  word('line', 'bar', 'area', 'pie')(value.type, `${at}/type`, found);
  chartParts(value, at, found);
};

/** A data_visualization block. */
export const dataVisualization: Check = object({ title: str(50, 1), chart }, { block_id: str(255) });
