import { computed } from '@preact/signals';
import type { ChannelEntity } from '../../ui/protocol.ts';
import { appDm, conversations } from '../model/directory.ts';
import { place } from '../model/place.ts';
import { store } from '../model/store.ts';

/** The conversations of the sidebar, in its sections. */
export const rooms = computed(() => {
  const all = conversations.value;
  const dm = appDm.value?.id;
  return {
    channels: all.filter(({ kind, isMember }) => (kind === 'public' || kind === 'private') && isMember),
    others: all.filter(({ kind, isMember, archived }) => kind === 'public' && !isMember && !archived),
    direct: all.filter(({ kind, id }) => (kind === 'im' || kind === 'mpim') && id !== dm),
  };
});

/** In the order in which one sees them. */
export const inOrder = computed<readonly ChannelEntity[]>(() => {
  const { channels, direct } = rooms.value;
  return [...channels, ...direct, ...(appDm.value === undefined ? [] : [appDm.value])];
});

/** The conversation that is shown: that of the address, else one's own first. Undefined while the Home tab is. */
export const shownRoom = computed<ChannelEntity | undefined>(() => {
  const { channel, dm, home } = place.value;
  if (home) return undefined;
  const all = conversations.value;
  if (channel !== undefined) {
    return (
      all.find(({ id }) => id === channel) ?? all.find(({ name }) => name !== '' && name === channel.replace(/^#/, ''))
    );
  }
  if (dm !== undefined) return directWith(dm);
  return rooms.value.channels[0] ?? inOrder.value[0];
});

function directWith(name: string): ChannelEntity | undefined {
  const wanted = name.toLowerCase();
  const person = [...store.people.all.value.values()].find(
    (one) => one.name.toLowerCase() === wanted || one.id === name,
  );
  return conversations.value.find(
    ({ kind, members }) => kind === 'im' && person !== undefined && members.includes(person.id),
  );
}
