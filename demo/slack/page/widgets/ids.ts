let count = 0;

/** An id that no other element of the page has. */
export function freshId(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}
