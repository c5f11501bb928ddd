import { isJson, type Json, objects, str } from '../json.ts';
import { RichTextBlock, richPlain } from './rich-text.tsx';

/** The cells of a table block, row by row. */
export function rowsOf(block: Json): Json[][] {
  return Array.isArray(block.rows) ? block.rows.map(objects) : [];
}

/** What is in a cell, as characters. */
export function cellText(cell: Json | undefined): string {
  if (cell === undefined) return '';
  if (cell.type === 'raw_number') return str(cell.text) || String(cell.value ?? '');
  return cell.type === 'rich_text' ? richPlain(cell) : str(cell.text);
}

/** What is in a cell. */
export function Cell({ cell }: { readonly cell: Json | undefined }) {
  if (cell?.type === 'rich_text') return <RichTextBlock block={cell} />;
  return <>{cellText(cell)}</>;
}

const NUMBER_LIKE = /^[-+]?[\d.,]+\s*(%|[kMGT]?i?B|ms|s|h|d|€|\$)?$/;

/** How the columns stand: as the block says, else numbers to the right. */
export function alignments(block: Json, rows: readonly (readonly Json[])[]): ('left' | 'center' | 'right')[] {
  const settings = Array.isArray(block.column_settings) ? block.column_settings : [];
  const [head = [], ...body] = rows;
  return head.map((_, at) => {
    const setting: unknown = settings[at];
    const said = isJson(setting) ? str(setting.align) : '';
    if (said === 'right' || said === 'center' || said === 'left') return said;
    const texts = body.map((row) => cellText(row[at])).filter((text) => text !== '' && text !== '–');
    return texts.length > 0 && texts.every((text) => NUMBER_LIKE.test(text)) ? 'right' : 'left';
  });
}

/** A name or a number: broken over lines it can’t be read. */
const SHORT = 24;

/** Rows and columns; the first row is the head. Wide ones scroll in themselves. */
export function TableBlock({ block }: { readonly block: Json }) {
  const rows = rowsOf(block);
  const [head = [], ...body] = rows;
  const align = alignments(block, rows);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-wrap" tabIndex={0} aria-label="Table">
      <table class="table">
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col" style={{ textAlign: align[at] }}>
                <Cell cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td
                  key={at}
                  class={cellText(cell).length <= SHORT ? 'short' : undefined}
                  style={{ textAlign: align[at] }}
                >
                  <Cell cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
