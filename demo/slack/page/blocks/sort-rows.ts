/** By which column a table stands, and which way. */
export interface Order {
  readonly column: number;
  readonly down: boolean;
}

/** Rows in order: numbers by size, words by their letters, empty cells last either way. */
export function sortRows<Row>(
  rows: readonly Row[],
  order: Order | undefined,
  text: (row: Row, column: number) => string,
): Row[] {
  if (order === undefined) return [...rows];
  const { column, down } = order;
  return [...rows].sort((a, b) => {
    const [x, y] = [text(a, column).trim(), text(b, column).trim()];
    if (x === '' || y === '') return Number(x === '') - Number(y === '');
    const way = down ? -1 : 1;
    const [m, n] = [numberIn(x), numberIn(y)];
    if (m !== undefined && n !== undefined) return way * (m - n);
    return way * x.localeCompare(y, 'en', { numeric: true, sensitivity: 'base' });
  });
}

function numberIn(text: string): number | undefined {
  const found = /^([-+]?\d[\d,]*(?:\.\d+)?)\s*%?$/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found.replaceAll(',', ''));
}
