import { computed } from '@preact/signals';
import type { Known } from '../complete/complete.ts';
import type { Names } from '../complete/references.ts';
import { conversations, everybody } from './directory.ts';
import { store } from './store.ts';

/** What the composer completes from. */
export const known = computed<Known>(() => ({
  commands: [...store.commands.all.value.values()].sort((a, b) => a.command.localeCompare(b.command)),
  completion: store.completion.value,
  people: [
    ...everybody.value.filter(({ deleted }) => !deleted),
    ...[...store.groups.all.value.values()].map(({ handle, name }) => ({ name: handle, realName: name })),
  ],
  channels: conversations.value.filter(({ name }) => name !== '').map(({ name }) => name),
}));

/** What can be named in a message. */
export const names = computed<Names>(() => ({
  people: everybody.value,
  groups: [...store.groups.all.value.values()],
  channels: conversations.value.filter(({ name }) => name !== ''),
}));
