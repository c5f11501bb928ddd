import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';

/** A place in the file, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something wrong in the file. */
export interface ConfigFault extends Place {
  /** `hosts[0].address`; empty for the file itself. */
  readonly path: string;
  /** What is wrong, what is expected. */
  readonly message: string;
}

/** The file as data, and where each part of it stands. */
export interface Source {
  /** Keys without a value (`slack:` with all below it commented out) are left out. */
  readonly data: unknown;
  /** Where a path stands; the nearest thing above it when it isn't there. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
  /** Where a key of that map stands. */
  readonly placeOfKey: (path: readonly PropertyKey[], key: string) => Place;
  /** The value as it stands in the data. */
  readonly valueAt: (path: readonly PropertyKey[]) => unknown;
}

/** Reads YAML 1.2. Faults are those of its grammar: indentation, quotes, a key twice. */
export function readYaml(text: string): { readonly source: Source; readonly faults: readonly ConfigFault[] } {
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const placeOf = (path: readonly PropertyKey[]): Place => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = doc.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return at(node.range[0]);
    }
    return at(doc.contents?.range?.[0] ?? 0);
  };
  const faults = doc.errors.map((error) => ({
    ...at(error.pos[0]),
    path: '',
    message: `this is not YAML: ${lower(error.message)}`,
  }));
  const data: unknown = faults.length > 0 ? undefined : withoutNulls(doc.toJS({ maxAliasCount: 100 }));
  return {
    faults,
    source: {
      data: data ?? {},
      placeOf,
      placeOfKey: (path, key) => {
        const node = path.length === 0 ? doc.contents : doc.getIn(path, true);
        if (isMap(node)) {
          const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
          if (isScalar(pair?.key) && pair.key.range) return at(pair.key.range[0]);
        }
        return placeOf(path);
      },
      valueAt: (path) => path.reduce<unknown>((value, key) => step(value, key), data),
    },
  };
}

function step(value: unknown, key: PropertyKey): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === String(key))?.[1];
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}
