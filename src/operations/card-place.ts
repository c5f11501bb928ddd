import type { Settings } from '../domain/settings.ts';
import type { Rows } from './store.ts';

/** Where a card is to stand, and where it goes if Hostler can't write there: a channel, or `@` and a Slack user id. */
export interface CardPlace {
  readonly wanted: string;
  readonly otherwise: string | null;
}

/** The place of an operation's or an incident's card; null for one that has none. */
export function cardPlace(rows: Rows, settings: Settings, id: string): CardPlace | null {
  const incident = rows.incidents.byId(id);
  if (incident !== null) {
    const { channel } = incident;
    const { admin } = settings.channels;
    // An alert that its team can't be told of is the admins' to know.
    return channel === null ? null : { wanted: channel, otherwise: admin === channel ? null : admin };
  }
  const row = rows.operations.brief(id);
  // A card goes where its request came from; one from the terminal has its card there.
  // One from the schedule has none, until it is stuck: then an admin needs its buttons.
  const place = row?.origin.channel ?? (row?.state === 'stuck' ? settings.channels.admin : null);
  if (row === null || place === null) return null;
  return { wanted: place, otherwise: row.slack === null ? null : `@${row.slack}` };
}
