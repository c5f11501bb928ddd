import type { webApi } from '@slack/bolt';
import type { Team } from '../../domain/settings.ts';
import type { Log } from '../../operations/ports.ts';
import { callFailure, failureWords } from './call-error.ts';
import type { Channels } from './channels.ts';

/** Who is in a team by Slack's word, and when that was read. */
export interface Membership {
  readonly users: ReadonlySet<string>;
  readonly readAt: number;
}

export interface Memberships {
  /** Not older than `maxAgeMs` where Slack answers; else the last that was read, or null when none ever was. */
  readonly of: (team: Team, maxAgeMs: number) => Promise<Membership | null>;
}

/** Reads user groups and channels, each once at a time, and keeps what it read. */
export function makeMemberships(
  client: webApi.WebClient,
  channels: Channels,
  log: Log,
  now: () => number,
): Memberships {
  const known = new Map<string, Membership>();
  const reading = new Map<string, Promise<void>>();
  let groupIds: ReadonlyMap<string, string> = new Map();

  const groupId = async (group: string): Promise<string> => {
    if (/^S[A-Z0-9]+$/.test(group)) return group;
    const handle = group.replace(/^@/, '');
    if (!groupIds.has(handle)) {
      const { usergroups = [] } = await client.usergroups.list({});
      groupIds = new Map(usergroups.flatMap(({ handle: name, id }) => (name && id ? [[name, id] as const] : [])));
    }
    const id = groupIds.get(handle);
    if (id === undefined) throw new Error(`Slack has no user group @${handle}`);
    return id;
  };

  const channelMembers = async (channel: string): Promise<string[]> => {
    const id = await channels.idOf(channel);
    const users: string[] = [];
    let cursor = '';
    do {
      const page = await client.conversations.members({
        channel: id,
        limit: 1000,
        ...(cursor === '' ? {} : { cursor }),
      });
      users.push(...(page.members ?? []));
      cursor = page.response_metadata?.next_cursor ?? '';
    } while (cursor !== '');
    return users;
  };

  const read = async (team: Team): Promise<readonly string[]> => {
    const source = team.memberSource;
    if (source.kind === 'config') return [];
    if (source.kind === 'channel') return channelMembers(team.channel);
    const { users = [] } = await client.usergroups.users.list({ usergroup: await groupId(source.group) });
    return users;
  };

  const refresh = async (team: Team, key: string): Promise<void> => {
    try {
      known.set(key, { users: new Set(await read(team)), readAt: now() });
    } catch (cause) {
      log.warn('a team’s members can’t be read from slack', {
        team: team.name,
        cause: failureWords(callFailure(cause)),
      });
    }
  };

  return {
    of: async (team, maxAgeMs) => {
      // By its source and not by its name: a new configuration may change where members come from.
      const key = JSON.stringify([team.memberSource, team.memberSource.kind === 'channel' ? team.channel : null]);
      const last = known.get(key);
      if (last !== undefined && now() - last.readAt <= maxAgeMs) return last;
      let under = reading.get(key);
      if (under === undefined) {
        under = refresh(team, key).finally(() => reading.delete(key));
        reading.set(key, under);
      }
      await under;
      return known.get(key) ?? null;
    },
  };
}
