import type { webApi } from '@slack/bolt';
import type { Actor } from '../../domain/access.ts';
import type { Settings, Team } from '../../domain/settings.ts';
import type { Log } from '../../operations/ports.ts';
import { type Channels, isChannelId } from './channels.ts';
import { makeMemberships } from './memberships.ts';

export interface DirectoryDeps {
  readonly client: webApi.WebClient;
  readonly channels: Channels;
  readonly settings: () => Settings;
  readonly log: Log;
  readonly now?: () => number;
}

/** Who is who: from a Slack user to a person with roles. Never rejects: what can't be read makes the actor stale. */
export interface Directory {
  /** `anew`: for a press, whose right is read afresh. */
  readonly actorOf: (slackUser: string, options?: { readonly anew?: boolean }) => Promise<Actor>;
  /** The same for a person of the configuration, as the terminal knows people. Null for somebody it doesn't name. */
  readonly actorNamed: (person: string, via: Actor['via']) => Promise<Actor | null>;
  /** The team whose channel this is; null for none. `name` is the channel's, as a command's payload gives it. */
  readonly teamOf: (channel: string, name?: string) => Promise<string | null>;
  /** Where a card for that user goes: the channel, or `@` and the user where Hostler isn't in it. */
  readonly placeFor: (channel: string | null, name: string | undefined, slackUser: string) => Promise<string>;
}

const FRESH_MS = 60_000;
/** Many presses at once share one look. */
const ANEW_MS = 2000;

export function makeDirectory({ client, channels, settings, log, now = Date.now }: DirectoryDeps): Directory {
  const memberships = makeMemberships(client, channels, log, now);
  const startedAt = now();

  const build = async (person: string, slack: string | null, via: Actor['via'], maxAgeMs: number): Promise<Actor> => {
    const config = settings();
    const known = config.people.find(({ name }) => name === person);
    const teams = new Map<string, 'member' | 'lead'>();
    const roleIn = async (team: Team): Promise<number | null> => {
      if (team.leads.includes(person)) teams.set(team.name, 'lead');
      else if (team.memberSource.kind === 'config' && team.members.includes(person)) teams.set(team.name, 'member');
      if (teams.has(team.name) || team.memberSource.kind === 'config' || slack === null) return null;
      const membership = await memberships.of(team, maxAgeMs);
      if (membership === null) return now() - startedAt;
      if (!membership.users.has(slack)) return null;
      teams.set(team.name, 'member');
      const age = now() - membership.readAt;
      return age > Math.max(maxAgeMs, FRESH_MS) ? age : null;
    };
    const ages = await Promise.all(config.teams.map(roleIn));
    // A team of which nothing is known could be theirs. It holds back only those who have no other.
    const stale = config.teams.flatMap(({ name }, at) => {
      const age = ages[at] ?? null;
      return age !== null && (teams.has(name) || teams.size === 0) ? [age] : [];
    });
    return {
      person,
      slack,
      via,
      platform: known?.platform ?? null,
      // In the config's order, whatever order Slack answered in.
      teams: new Map(config.teams.flatMap(({ name }) => pair(name, teams.get(name)))),
      staleMs: stale.length === 0 ? null : Math.max(...stale),
    };
  };

  return {
    actorOf: (slackUser, { anew = false } = {}) => {
      const person = settings().people.find(({ slack }) => slack === slackUser)?.name ?? slackUser;
      return build(person, slackUser, 'slack', anew ? ANEW_MS : FRESH_MS);
    },
    actorNamed: async (person, via) => {
      const known = settings().people.find(({ name }) => name === person);
      return known === undefined ? null : build(person, known.slack, via, FRESH_MS);
    },
    placeFor: async (channel, name, slackUser) => {
      const direct = `@${slackUser}`;
      if (channel === null || channel.startsWith('D') || name?.startsWith('mpdm-') === true) return direct;
      try {
        return (await channels.has(channel)) ? channel : direct;
      } catch {
        return channel; // the courier finds out, and knows the other way
      }
    },
    teamOf: async (channel, name) => {
      const { teams } = settings();
      const direct = teams.find((team) => team.channel === channel || team.channel === name);
      if (direct !== undefined) return direct.name;
      // A private channel's name isn't in payloads: then its id is looked up by the configured name.
      if (name !== undefined && name !== 'privategroup') return null;
      for (const team of teams) {
        if (isChannelId(team.channel)) continue;
        try {
          if ((await channels.idOf(team.channel)) === channel) return team.name;
        } catch {
          return null;
        }
      }
      return null;
    },
  };
}

function pair<V>(name: string, value: V | undefined): [string, V][] {
  return value === undefined ? [] : [[name, value]];
}
