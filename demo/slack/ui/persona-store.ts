import { slackFilesIn } from '../model/slack-files.ts';
import type { Channel, Message, User, View } from '../model/types.ts';
import { chosenIn } from '../persona/targets.ts';
import type { World } from '../world.ts';
import { type Cell, type Cells, createCells, type Store } from './cells.ts';
import { type ChannelScene, createScenes, newest } from './channel-window.ts';
import { activeTrouble, fileEntity, groupEntity, personEntity, viewEntity, workspaceEntity } from './entities.ts';
import { createMessageCells, type MessageCells } from './message-cells.ts';
import type { ChannelEntity, CommandEntity, CompletionEntity, ShortcutEntity } from './protocol.ts';
import { createTrafficCells } from './traffic-cells.ts';
import { unreadIn } from './unread.ts';

/** How much one looks at. */
export interface Looking {
  /** Messages of a channel, by its id; `size` where it isn't named. */
  windows: ReadonlyMap<string, number>;
  size: number;
  traffic: boolean;
}

/** Makes stores of entities from the world as it stands: first what all personas see alike, then what one sees. */
export interface Stores {
  shared(): Store;
  /** `own` is that looker's memory of cells. */
  of(user: User, shared: Store, looking: Looking, own: Cells): Store;
}

/** Whether a person sees that a conversation is there: their own, and public ones unless they are a guest. */
export const sees = (user: User, channel: Channel): boolean =>
  channel.members.has(user.id) || (channel.kind === 'public' && !user.isGuest);

const sharedStore = (world: World, cells: Cells, completion: CompletionEntity | undefined): Map<string, Cell> => {
  const { workspace, app, trouble, traffic } = world;
  const store = new Map<string, Cell>();
  const put = (key: string, entity: object): unknown => store.set(key, cells(key, entity));
  put('workspace', workspaceEntity(world));
  put('trouble', { active: trouble.active().map(activeTrouble) });
  put('traffic-count', traffic.counts());
  if (completion) put('completion', completion);
  for (const user of workspace.users.values()) put(`person:${user.id}`, personEntity(world, user));
  for (const group of workspace.groups.values()) put(`group:${group.id}`, groupEntity(group));
  for (const { command, description, usageHint } of app.commands?.values() ?? []) {
    put(`command:${command}`, { command, description, usageHint } satisfies CommandEntity);
  }
  for (const shortcut of app.shortcuts) put(`shortcut:${shortcut.callbackId}`, shortcut satisfies ShortcutEntity);
  return store;
};

const channelEntity = (
  world: World,
  channel: Channel,
  user: User,
  scene: ChannelScene,
  { cells, older }: { cells: MessageCells; older: boolean },
): ChannelEntity => {
  const isMember = channel.members.has(user.id);
  const groups = [...world.workspace.groups.values()].filter((one) => one.users.has(user.id)).map((one) => one.id);
  const readTs = world.readMarks.get(user.id, channel.id);
  const counts = isMember ? unreadIn(channel, scene, user, { readTs, groups, cells }) : { unread: 0, mentions: 0 };
  return {
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    topic: channel.topic,
    members: isMember ? [...channel.members] : [],
    memberCount: channel.members.size,
    isMember,
    archived: channel.archived,
    ...(isMember && scene.lastTs !== undefined ? { lastTs: scene.lastTs } : {}),
    readTs,
    ...counts,
    older: isMember && older,
  };
};

/** Makes the maker of stores. */
export const createStores = (world: World, completion?: CompletionEntity): Stores => {
  const sharedCells = createCells();
  const messageCells = createMessageCells(world.app.botId);
  const traffic = createTrafficCells(world.traffic);
  const sceneOf = createScenes(world.messages);

  const putMessage = (store: Map<string, Cell>, own: Cells, user: User, message: Message, cell: Cell): void => {
    const place = `${message.channel}:${message.ts}`;
    store.set(`message:${place}`, cell);
    const chosen = chosenIn(message, user.id);
    if (chosen && Object.keys(chosen).length > 0) store.set(`state:${place}`, own(`state:${place}`, chosen));
    putFiles(store, own, user, messageCells.files(message));
  };
  const putFiles = (store: Map<string, Cell>, own: Cells, user: User, ids: readonly string[]): void => {
    for (const id of ids) {
      const file = world.files.find(id);
      if (file) store.set(`file:${id}`, own(`file:${id}`, fileEntity(file, user)));
    }
  };
  const filesOfView = (view: View): string[] => slackFilesIn(view.blocks).map((one) => one.id);

  return {
    shared: () => sharedStore(world, sharedCells, completion),
    of: (user, shared, { windows, size, traffic: withTraffic }, own) => {
      const store = new Map(shared);
      const put = (key: string, entity: object): unknown => store.set(key, own(key, entity));
      put('me', personEntity(world, user));
      for (const channel of world.workspace.channels.values()) {
        if (!sees(user, channel)) continue;
        const scene = sceneOf(channel);
        const { messages, older } = newest(scene, windows.get(channel.id) ?? size);
        put(`channel:${channel.id}`, channelEntity(world, channel, user, scene, { cells: messageCells, older }));
        if (!channel.members.has(user.id)) continue;
        for (const message of messages) {
          putMessage(store, own, user, message, messageCells.cell(message, scene.threads.get(message.ts)));
        }
      }
      for (const message of world.messages.ephemerals(user.id)) {
        putMessage(store, own, user, message, messageCells.cell(message, undefined));
      }
      const home = world.views.home(user.id);
      if (home) {
        put('home', viewEntity(home, 0));
        putFiles(store, own, user, filesOfView(home));
      }
      world.views.stack(user.id).forEach((view, depth) => {
        put(`view:${view.id}`, viewEntity(view, depth));
        putFiles(store, own, user, filesOfView(view));
      });
      if (withTraffic) for (const [key, cell] of traffic()) store.set(key, cell);
      return store;
    },
  };
};
