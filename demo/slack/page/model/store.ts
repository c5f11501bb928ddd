import { batch, signal } from '@preact/signals';
import type {
  ChannelEntity,
  CommandEntity,
  CompletionEntity,
  Entities,
  FileEntity,
  GroupEntity,
  MessageEntity,
  PersonEntity,
  ShortcutEntity,
  StateValues,
  TrafficCountEntity,
  TrafficEntity,
  TroubleEntity,
  ViewEntity,
  WorkspaceEntity,
} from '../../ui/protocol.ts';
import { isKeyOf } from './keys.ts';
import { flushIndex, indexMessage } from './message-index.ts';
import { makeTable } from './table.ts';

/** What the server says, by kind. Only patches write here. */
export const store = {
  me: signal<PersonEntity | undefined>(undefined),
  workspace: signal<WorkspaceEntity | undefined>(undefined),
  completion: signal<CompletionEntity | undefined>(undefined),
  home: signal<ViewEntity | undefined>(undefined),
  trouble: signal<TroubleEntity>({ active: [] }),
  trafficCount: signal<TrafficCountEntity>({ count: 0, failed: 0 }),
  people: makeTable<PersonEntity>(),
  groups: makeTable<GroupEntity>(),
  commands: makeTable<CommandEntity>(),
  shortcuts: makeTable<ShortcutEntity>(),
  channels: makeTable<ChannelEntity>(),
  messages: makeTable<MessageEntity>(),
  states: makeTable<StateValues>(),
  files: makeTable<FileEntity>(),
  views: makeTable<ViewEntity>(),
  traffic: makeTable<TrafficEntity>(),
};

/** Server's clock minus ours, in ms. */
export const clockOffset = signal(0);

const held = new Set<string>();

/** Takes a patch over. `whole`: it is everything there is, so what it lacks is gone. */
export function applyPatch(set: Partial<Entities>, del: readonly string[], at: number, whole: boolean): void {
  batch(() => {
    const gone = whole ? [...held].filter((key) => !(key in set)) : del;
    for (const key of gone) remove(key);
    for (const key of Object.keys(set)) put(set, key);
    flushIndex();
    for (const table of tables) table.flush();
    const offset = at - Date.now();
    if (Math.abs(offset - clockOffset.peek()) > 500) clockOffset.value = offset;
  });
}

const tables = [
  store.people,
  store.groups,
  store.commands,
  store.shortcuts,
  store.channels,
  store.messages,
  store.states,
  store.files,
  store.views,
  store.traffic,
] as const;

function put(set: Partial<Entities>, key: string): void {
  held.add(key);
  if (isKeyOf('message', key)) {
    const message = set[key];
    if (message === undefined) return;
    store.messages.set(key, message);
    indexMessage(message, true);
  } else if (isKeyOf('person', key)) into(store.people, key, set[key]);
  else if (isKeyOf('group', key)) into(store.groups, key, set[key]);
  else if (isKeyOf('command', key)) into(store.commands, key, set[key]);
  else if (isKeyOf('shortcut', key)) into(store.shortcuts, key, set[key]);
  else if (isKeyOf('channel', key)) into(store.channels, key, set[key]);
  else if (isKeyOf('state', key)) into(store.states, key, set[key]);
  else if (isKeyOf('file', key)) into(store.files, key, set[key]);
  else if (isKeyOf('view', key)) into(store.views, key, set[key]);
  else if (isKeyOf('traffic', key)) into(store.traffic, key, set[key]);
  else putSingle(set, key);
}

function putSingle(set: Partial<Entities>, key: string): void {
  if (key === 'me') store.me.value = set.me;
  else if (key === 'workspace') store.workspace.value = set.workspace;
  else if (key === 'completion') store.completion.value = set.completion;
  else if (key === 'home') store.home.value = set.home;
  else if (key === 'trouble') store.trouble.value = set.trouble ?? { active: [] };
  else if (key === 'traffic-count') store.trafficCount.value = set['traffic-count'] ?? { count: 0, failed: 0 };
}

function remove(key: string): void {
  held.delete(key);
  const message = isKeyOf('message', key) ? store.messages.at(key).peek() : undefined;
  if (message !== undefined) indexMessage(message, false);
  if (key === 'home') store.home.value = undefined;
  if (key === 'completion') store.completion.value = undefined;
  for (const table of tables) table.del(key);
}

function into<T>(table: { set(key: string, value: T): void }, key: string, value: T | undefined): void {
  if (value !== undefined) table.set(key, value);
}
