import { computed } from '@preact/signals';
import type { ChannelEntity, GroupEntity, PersonEntity } from '../../ui/protocol.ts';
import { store } from './store.ts';

/** The persona. */
export const me = store.me;

/** A person, or undefined for one who isn't known here (as Slackbot). */
export function personById(id: string): PersonEntity | undefined {
  return store.people.at(`person:${id}`).value;
}

/** What people call them. */
export function personName(id: string): string {
  if (id === 'USLACKBOT') return 'Slackbot';
  const person = personById(id);
  return person === undefined ? id : person.realName || person.name;
}

/** A group by id or handle. */
export function groupById(id: string): GroupEntity | undefined {
  return store.groups.at(`group:${id}`).value;
}

/** A conversation that the persona can see. */
export function channelById(id: string): ChannelEntity | undefined {
  return store.channels.at(`channel:${id}`).value;
}

/** Everybody, people before bots, by name. */
export const everybody = computed<readonly PersonEntity[]>(() =>
  [...store.people.all.value.values()].sort(
    (a, b) => Number(a.isBot) - Number(b.isBot) || (a.realName || a.name).localeCompare(b.realName || b.name),
  ),
);

/** Those whose part one can play. */
export const personas = computed<readonly PersonEntity[]>(() =>
  everybody.value.filter(({ isBot, deleted }) => !isBot && !deleted),
);

/** All conversations, by name. */
export const conversations = computed<readonly ChannelEntity[]>(() =>
  [...store.channels.all.value.values()].sort((a, b) => conversationName(a).localeCompare(conversationName(b))),
);

/** The direct conversation with the app. */
export const appDm = computed<ChannelEntity | undefined>(() => {
  const bot = store.workspace.value?.app.botUserId;
  return conversations.value.find(({ kind, members }) => kind === 'im' && bot !== undefined && members.includes(bot));
});

/** `team-01`, or the names of those one writes to. */
export function conversationName({ kind, name, members }: ChannelEntity): string {
  if (kind !== 'im' && kind !== 'mpim') return name;
  const own = me.value?.id;
  const others = members.filter((id) => id !== own);
  return others.length === 0 ? `${personName(own ?? '')} (you)` : others.map(personName).join(', ');
}
