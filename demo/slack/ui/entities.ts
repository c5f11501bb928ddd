import { isManual } from '../clock.ts';
import type { StoredFile, User, UserGroup, View } from '../model/types.ts';
import { mimeType } from '../model/wire.ts';
import type { Planned } from '../trouble.ts';
import type { World } from '../world.ts';
import type {
  ActiveTrouble,
  AppInfo,
  FileEntity,
  GroupEntity,
  PersonEntity,
  ViewEntity,
  WorkspaceEntity,
} from './protocol.ts';

/** A person, with the handles of their groups. */
export const personEntity = ({ workspace }: Pick<World, 'workspace'>, user: User): PersonEntity => ({
  id: user.id,
  name: user.name,
  realName: user.realName,
  isBot: user.isBot,
  isAdmin: user.isAdmin,
  isGuest: user.isGuest,
  deleted: user.deleted,
  tz: user.tz,
  ...(user.title === '' ? {} : { role: user.title }),
  groups: [...workspace.groups.values()].filter((group) => group.users.has(user.id)).map((group) => group.handle),
});

/** A user group. */
export const groupEntity = ({ id, handle, name, users }: UserGroup): GroupEntity => ({
  id,
  handle,
  name,
  users: [...users],
});

const appInfo = ({ app, hub, requestUrl, trouble }: World): AppInfo => {
  const sockets = hub.sockets().length;
  const isHttp = requestUrl() !== undefined;
  return {
    id: app.appId,
    name: app.name,
    botUserId: app.botUserId,
    description: app.description,
    online: !trouble.isDown() && (isHttp || sockets > 0),
    mode: isHttp ? 'http' : 'socket',
    sockets,
    homeTab: app.homeTab,
    messagesTab: app.messagesTab,
  };
};

/** The workspace and its app. */
export const workspaceEntity = (world: World): WorkspaceEntity => ({
  name: world.workspace.team.name,
  url: world.url(),
  clock: isManual(world.clock) ? 'manual' : 'real',
  app: appInfo(world),
});

/** A file, with the address at which this persona gets it. */
export const fileEntity = (file: StoredFile, as: User): FileEntity => ({
  id: file.id,
  name: file.name,
  title: file.title,
  altText: file.altText,
  mimetype: mimeType(file.name),
  size: file.bytes?.length ?? 0,
  user: file.user,
  url: `/ui/files/${file.id}?as=${encodeURIComponent(as.name)}`,
});

/** A modal or a Home tab. */
export const viewEntity = (view: View, depth: number): ViewEntity => ({
  id: view.id,
  type: view.type,
  callbackId: view.callbackId,
  ...(view.title ? { title: view.title } : {}),
  ...(view.submit ? { submit: view.submit } : {}),
  ...(view.close ? { close: view.close } : {}),
  blocks: view.blocks,
  notifyOnClose: view.notifyOnClose,
  clearOnClose: view.clearOnClose,
  hash: view.hash,
  depth,
  values: view.values,
  errors: view.errors,
});

const callKind = ({ how }: Planned & { kind: 'call' }): Pick<ActiveTrouble, 'kind' | 'seconds' | 'error'> => {
  if (how.status === 429) return { kind: 'rate-limit', seconds: how.retryAfter ?? 1 };
  if (how.lost || how.cut) return { kind: 'lost' };
  if (how.error !== undefined) return { kind: 'error', error: how.error };
  if (how.status !== undefined) return { kind: 'error', error: `HTTP ${how.status}` };
  return { kind: 'slow', seconds: (how.delay ?? 0) / 1000 };
};

/** A trouble that is at work, for the panel. */
export const activeTrouble = (plan: Planned): ActiveTrouble => {
  const head = { id: plan.id, ...(Number.isFinite(plan.left) ? { left: plan.left } : {}) };
  if (plan.kind === 'call') return { ...head, ...callKind(plan), method: plan.method };
  if (plan.kind === 'duplicate') return { ...head, kind: 'duplicate', method: plan.envelope ?? '*' };
  if (plan.kind === 'slow') return { ...head, kind: 'slow', method: '*', seconds: plan.ms / 1000 };
  return { ...head, kind: 'down', method: '*' };
};
