import { useState } from 'preact/hooks';
import { type Json, num, str } from '../json.ts';
import { type Order, sortRows } from './sort-rows.ts';
import { alignments, Cell, cellText, rowsOf } from './table-block.tsx';

const PAGE_SIZE = 10;

/** A table with pages, which one can sort by a column. */
export function DataTableBlock({ block }: { readonly block: Json }) {
  const rows = rowsOf(block);
  const [head = [], ...body] = rows;
  const size = num(block.page_size, PAGE_SIZE);
  const [order, setOrder] = useState<Order>();
  const [wanted, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(body.length / size));
  const page = Math.min(wanted, pages - 1);
  const align = alignments(block, rows);
  const shown = sortRows(body, order, (row, column) => cellText(row[column])).slice(page * size, (page + 1) * size);
  const headed = num(block.row_header_column_index, -1);
  const turn = (column: number): void => {
    setPage(0);
    if (order?.column !== column) setOrder({ column, down: false });
    else setOrder(order.down ? undefined : { column, down: true });
  };
  return (
    <div class="data-table" data-testid="data-table">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="table-wrap" tabIndex={0} aria-label={str(block.caption, 'Table')}>
        <table class="table">
          <caption>{str(block.caption)}</caption>
          <thead>
            <tr>
              {head.map((cell, at) => {
                const sorted = order?.column === at ? (order.down ? 'descending' : 'ascending') : 'none';
                return (
                  <th key={at} scope="col" aria-sort={sorted} style={{ textAlign: align[at] }}>
                    <button type="button" class="sort" onClick={() => turn(at)}>
                      {cellText(cell)}
                      <span aria-hidden="true">{sorted === 'none' ? '' : sorted === 'ascending' ? ' ↑' : ' ↓'}</span>
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={index}>
                {row.map((cell, at) =>
                  at === headed ? (
                    <th key={at} scope="row" style={{ textAlign: align[at] }}>
                      <Cell cell={cell} />
                    </th>
                  ) : (
                    <td key={at} style={{ textAlign: align[at] }}>
                      <Cell cell={cell} />
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 && (
        <nav class="pages" aria-label="Pages of the table">
          <button type="button" class="button plain small" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </button>
          <span aria-live="polite" data-testid="table-page">
            {page * size + 1}–{Math.min(body.length, (page + 1) * size)} of {body.length}
          </span>
          <button
            type="button"
            class="button plain small"
            disabled={page === pages - 1}
            onClick={() => setPage(page + 1)}
          >
            Next
          </button>
        </nav>
      )}
    </div>
  );
}
