import type { Traffic, TrafficEntry } from '../traffic.ts';
import type { Cell } from './cells.ts';
import type { TrafficEntity } from './protocol.ts';

const SHOWN = 300;
/** Longer contents would make the page slow, and nobody reads them there. */
const MAX_CHARS = 64_000;

const jsonOf = (entry: TrafficEntry): string => {
  const json = JSON.stringify(entry satisfies TrafficEntity);
  if (json.length <= MAX_CHARS) return json;
  const { sent: _, answer: __, ...rest } = entry;
  return JSON.stringify({ ...rest, cut: true } satisfies TrafficEntity);
};

/** Gives the newest traffic as cells by key. */
export const createTrafficCells = (traffic: Traffic): (() => Map<string, Cell>) => {
  const known = new WeakMap<TrafficEntry, Cell>();
  const cellOf = (entry: TrafficEntry): Cell => {
    const cell = known.get(entry) ?? { json: jsonOf(entry) };
    known.set(entry, cell);
    return cell;
  };
  return () =>
    new Map(
      traffic
        .entries()
        .slice(-SHOWN)
        .map((entry) => [`traffic:${entry.n}`, cellOf(entry)]),
    );
};
