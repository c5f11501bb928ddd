import { dayKey } from '../text/date-token.ts';

/** A line of the list: a message, or what stands between two. */
export type ListRow =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'message'; readonly key: string; readonly ts: string; readonly joined: boolean };

/** What the list needs to know of a message. */
export interface RowSource {
  readonly user: string;
  readonly ephemeral: boolean;
}

const JOIN_MS = 300_000;

/** Messages with dividers for days and for what is new; one of the same author within five minutes joins the one above. */
export function listRows(
  all: readonly string[],
  look: (ts: string) => RowSource | undefined,
  { tz, newAfter, own }: { readonly tz: string; readonly newAfter: string | undefined; readonly own: string },
): ListRow[] {
  const rows: ListRow[] = [];
  let before: { at: number; day: string; source: RowSource } | undefined;
  let marked = newAfter === undefined;
  for (const ts of all) {
    const source = look(ts);
    if (source === undefined) continue;
    const at = Number(ts) * 1000;
    const day = dayKey(at, tz);
    const fresh = !marked && newAfter !== undefined && ts > newAfter && source.user !== own;
    if (day !== before?.day) rows.push({ kind: 'day', key: `day ${day}`, at });
    if (fresh) {
      rows.push({ kind: 'new', key: 'new' });
      marked = true;
    }
    const joined =
      before !== undefined &&
      !fresh &&
      day === before.day &&
      source.user === before.source.user &&
      !source.ephemeral &&
      !before.source.ephemeral &&
      at - before.at < JOIN_MS;
    rows.push({ kind: 'message', key: ts, ts, joined });
    before = { at, day, source };
  }
  return rows;
}
