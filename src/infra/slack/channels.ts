import type { webApi } from '@slack/bolt';
import { callFailure } from './call-error.ts';

/** Finds the conversations that configuration and rows name. */
export interface Channels {
  /** The id for a channel's id or name, or for `@` and a user id. Throws what the SDK throws. An unknown name comes back with `#`. */
  readonly idOf: (place: string) => Promise<string>;
  /** The same without asking: the place itself where its id isn't known yet. */
  readonly known: (place: string) => string;
  /** Whether Hostler is in that channel, by id. Throws what the SDK throws. */
  readonly has: (id: string) => Promise<boolean>;
}

const NAMES_MS = 60_000;
/** What isn't found is looked for anew, but not all the time. */
const AGAIN_MS = 5000;

export function makeChannels(client: webApi.WebClient, now: () => number = Date.now): Channels {
  const directs = new Map<string, string>();
  let names: { readonly at: number; readonly ids: ReadonlyMap<string, string> } | null = null;

  // Those that the bot is in: few, and all that it can write to.
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    const ids = new Map<string, string>();
    let cursor = '';
    do {
      const page = await client.users.conversations({
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 500,
        ...(cursor === '' ? {} : { cursor }),
      });
      for (const { id, name } of page.channels ?? []) if (id !== undefined && name !== undefined) ids.set(name, id);
      cursor = page.response_metadata?.next_cursor ?? '';
    } while (cursor !== '');
    return ids;
  };

  /** The channels, read anew where they are old, or where `found` says that something is missing. */
  const channels = async (
    found: (ids: ReadonlyMap<string, string>) => boolean,
  ): Promise<ReadonlyMap<string, string>> => {
    const age = names === null ? Number.POSITIVE_INFINITY : now() - names.at;
    if (names === null || age > NAMES_MS || (age > AGAIN_MS && !found(names.ids)))
      names = { at: now(), ids: await read() };
    return names.ids;
  };

  return {
    known: (place) => directs.get(place) ?? names?.ids.get(place.replace(/^#/, '')) ?? place,
    has: async (id) => {
      const ids = await channels((known) => [...known.values()].includes(id));
      return [...ids.values()].includes(id);
    },
    idOf: async (place) => {
      if (place.startsWith('@')) {
        const known = directs.get(place);
        if (known !== undefined) return known;
        const { channel } = await client.conversations.open({ users: place.slice(1) });
        if (channel?.id === undefined) throw new Error('conversations.open gave no channel');
        directs.set(place, channel.id);
        return channel.id;
      }
      if (isChannelId(place)) return place;
      const name = place.replace(/^#/, '');
      try {
        return (await channels((known) => known.has(name))).get(name) ?? `#${name}`;
      } catch (cause) {
        // Slack takes names of public channels too; only being away or limited is worth another try.
        if (callFailure(cause).kind !== 'refused') throw cause;
        return `#${name}`;
      }
    },
  };
}

/** Ids are capitals and digits; names never are. */
export function isChannelId(text: string): boolean {
  return /^[CGD][A-Z0-9]+$/.test(text);
}
