/** An entity as it goes over the wire. While it says the same, it is the same object. */
export interface Cell {
  readonly json: string;
}

/** Turns entities into cells; one that says what it said before gives the cell that it gave before. */
export type Cells = (key: string, entity: object) => Cell;

/** Makes a memory of cells. */
export const createCells = (): Cells => {
  const known = new Map<string, Cell>();
  return (key, entity) => {
    const json = JSON.stringify(entity);
    const before = known.get(key);
    if (before?.json === json) return before;
    const cell = { json };
    known.set(key, cell);
    return cell;
  };
};

/** What stands under which key. */
export type Store = ReadonlyMap<string, Cell>;

/** The patch, as JSON, that makes `after` of `before`; undefined where they are the same. */
export const patchBetween = (before: Store, after: Store, at: number): string | undefined => {
  const set: string[] = [];
  const del: string[] = [];
  for (const [key, cell] of after) {
    if (before.get(key) !== cell) set.push(`${JSON.stringify(key)}:${cell.json}`);
  }
  for (const key of before.keys()) {
    if (!after.has(key)) del.push(key);
  }
  if (set.length === 0 && del.length === 0) return undefined;
  return `{"set":{${set.join(',')}},"del":${JSON.stringify(del)},"at":${at}}`;
};

/** A store as one JSON object. */
export const storeJson = (store: Store): string =>
  `{${[...store].map(([key, cell]) => `${JSON.stringify(key)}:${cell.json}`).join(',')}}`;
