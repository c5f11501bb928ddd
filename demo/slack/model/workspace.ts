import type { Bus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import { createIds, type Ids, type IdsState } from './ids.ts';
import type { Channel, User, UserGroup } from './types.ts';

/** People, conversations and user groups of the one team. */
export interface Workspace {
  team: { id: string; domain: string; name: string };
  ids: Ids;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  groups: Map<string, UserGroup>;
  /** A name that is there already stands for its person, who gets what is given here. */
  addUser(user: Partial<Omit<User, 'id'>> & { name: string }): User;
  /** A name that is there already stands for its channel, which gets these members besides. */
  addChannel(channel: { name: string; kind?: 'public' | 'private'; members?: readonly string[] }): Channel;
  /** A handle that is there already stands for its group, which gets these users instead. */
  addUserGroup(group: { handle: string; name?: string; users: readonly string[] }): UserGroup;
  /** By id, name or @name. Throws where there is none: a mistake in a test. */
  user(ref: string | { id: string }): User;
  /** By id, name or #name. Throws where there is none. */
  channel(ref: string | { id: string }): Channel;
  /** The direct conversation of exactly these people, opened where it isn't yet. */
  direct(members: readonly string[]): Channel;
  /** A ts that no other message has: epoch seconds with six decimals. */
  nextTs(): string;
  /** The last ts in microseconds, for `createWorkspace` to go on from. */
  lastMicros(): number;
}

/** What a workspace was like before. */
export interface FormerWorkspace {
  ids: IdsState;
  lastMicros: number;
  users: readonly User[];
  channels: readonly Channel[];
  groups: readonly UserGroup[];
}

const refText = (ref: string | { id: string }): string => (typeof ref === 'string' ? ref : ref.id);

const byId = <T extends { id: string }>(all: readonly T[] = []): Map<string, T> =>
  new Map(all.map((one) => [one.id, one]));

const named = <T extends { name: string }>(all: Map<string, T>, name: string): T | undefined =>
  [...all.values()].find((one) => one.name === name);

/** Makes a workspace with nobody in it, or as it was before. */
export const createWorkspace = (clock: Clock, bus: Bus, former?: FormerWorkspace): Workspace => {
  const ids = createIds(former?.ids);
  const users = byId(former?.users);
  const channels = byId(former?.channels);
  const groups = byId(former?.groups);
  let lastMicros = former?.lastMicros ?? 0;

  const makeChannel = (id: string, name: string, kind: Channel['kind'], members: readonly string[]): Channel => {
    const channel: Channel = {
      id,
      name,
      kind,
      members: new Set(members),
      archived: false,
      topic: '',
      created: clock.now(),
      messages: new Map(),
    };
    channels.set(id, channel);
    bus.changed();
    return channel;
  };

  const workspace: Workspace = {
    team: { id: 'T0HOSTLER', domain: 'hostler-demo', name: 'Hostler demo' },
    ids,
    users,
    channels,
    groups,
    addUser: ({ name, ...rest }) => {
      const present = named(users, name);
      if (present) {
        bus.changed();
        return Object.assign(present, rest);
      }
      const user: User = {
        id: ids.named('U', name),
        name,
        realName: name,
        email: `${name}@example.com`,
        tz: 'Etc/UTC',
        title: '',
        isBot: false,
        isAdmin: false,
        isGuest: false,
        deleted: false,
        ...rest,
      };
      users.set(user.id, user);
      bus.changed();
      return user;
    },
    addChannel: ({ name, kind = 'public', members = [] }) => {
      const wanted = members.map((member) => workspace.user(member).id);
      const present = named(channels, name);
      if (!present) return makeChannel(ids.named('C', name), name, kind, wanted);
      for (const id of wanted) present.members.add(id);
      bus.changed();
      return present;
    },
    addUserGroup: ({ handle, name = handle, users: members }) => {
      const present = [...groups.values()].find((one) => one.handle === handle);
      const group: UserGroup = {
        id: present?.id ?? ids.named('S', handle),
        handle,
        name,
        users: new Set(members.map((member) => workspace.user(member).id)),
      };
      groups.set(group.id, group);
      bus.changed();
      return group;
    },
    user: (ref) => {
      const text = refText(ref);
      const user = users.get(text) ?? named(users, text.replace(/^@/, ''));
      if (!user) throw new Error(`chat server: there is no user ${text}`);
      return user;
    },
    channel: (ref) => {
      const text = refText(ref);
      const channel = channels.get(text) ?? [...channels.values()].find((one) => one.name === text.replace(/^#/, ''));
      if (!channel) throw new Error(`chat server: there is no channel ${text}`);
      return channel;
    },
    direct: (members) => {
      const wanted = new Set(members);
      const kind = wanted.size > 2 ? 'mpim' : 'im';
      const found = [...channels.values()].find(
        (channel) =>
          channel.kind === kind &&
          channel.members.size === wanted.size &&
          [...wanted].every((id) => channel.members.has(id)),
      );
      return found ?? makeChannel(ids.next(kind === 'im' ? 'D' : 'G'), '', kind, [...wanted]);
    },
    nextTs: () => {
      lastMicros = Math.max(lastMicros + 1, clock.now() * 1000);
      const seconds = Math.floor(lastMicros / 1_000_000);
      return `${seconds}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
    },
    lastMicros: () => lastMicros,
  };
  return workspace;
};
