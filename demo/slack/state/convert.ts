import type { Channel, Message, StoredFile, UserGroup, View } from '../model/types.ts';
import type { FormerWorkspace } from '../model/workspace.ts';
import type { World } from '../world.ts';
import { FORMAT, type SavedState } from './format.ts';

// charts don't change once they are there, and encoding them anew with each save would cost more than all else
const encoded = new WeakMap<Buffer, string>();
const base64 = (bytes: Buffer): string => {
  const text = encoded.get(bytes) ?? bytes.toString('base64');
  encoded.set(bytes, text);
  return text;
};

const saveMessage = ({
  revisions: _,
  ephemeralTo: __,
  ...message
}: Message): SavedState['channels'][0]['messages'][0] => message;

const saveFile = (file: StoredFile): SavedState['files'] =>
  file.bytes && file.completed ? [{ ...file, bytes: base64(file.bytes) }] : [];

const saveHome = (view: View): SavedState['homes'][0] => {
  const { title: _, submit: __, close: ___, previousViewId: ____, ...rest } = view;
  return { ...rest, type: 'home' };
};

/** What is kept of a world. */
export const toSaved = ({
  workspace,
  files,
  views,
  readMarks,
}: Pick<World, 'workspace' | 'files' | 'views' | 'readMarks'>): SavedState => ({
  format: FORMAT,
  ids: workspace.ids.state(),
  lastMicros: workspace.lastMicros(),
  users: [...workspace.users.values()],
  channels: [...workspace.channels.values()].map((channel) => ({
    ...channel,
    members: [...channel.members],
    messages: [...channel.messages.values()].map(saveMessage),
  })),
  groups: [...workspace.groups.values()].map((group) => ({ ...group, users: [...group.users] })),
  files: files.all().flatMap(saveFile),
  homes: views.homes().map(saveHome),
  readMarks: readMarks.all(),
});

/** The parts of a world as they were. */
export interface FormerParts {
  workspace: FormerWorkspace;
  files: StoredFile[];
  homes: View[];
  readMarks: SavedState['readMarks'];
}

const channelOf = ({ messages, members, ...channel }: SavedState['channels'][0]): Channel => ({
  ...channel,
  members: new Set(members),
  messages: new Map(messages.map((message) => [message.ts, { ...message, revisions: [] }])),
});

const groupOf = (group: SavedState['groups'][0]): UserGroup => ({ ...group, users: new Set(group.users) });

/** What the parts of a world begin with. */
export const fromSaved = (saved: SavedState): FormerParts => ({
  workspace: {
    ids: saved.ids,
    lastMicros: saved.lastMicros,
    users: saved.users,
    channels: saved.channels.map(channelOf),
    groups: saved.groups.map(groupOf),
  },
  files: saved.files.map((file) => ({ ...file, bytes: Buffer.from(file.bytes, 'base64') })),
  homes: saved.homes,
  readMarks: saved.readMarks,
});
