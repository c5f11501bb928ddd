import type { Patch } from '../../ui/protocol.ts';

type Prefix =
  | 'person'
  | 'group'
  | 'command'
  | 'shortcut'
  | 'channel'
  | 'message'
  | 'state'
  | 'file'
  | 'view'
  | 'traffic';

/** True for `PREFIX:…`; so the store's type knows what stands there. */
export function isKeyOf<P extends Prefix>(prefix: P, key: string): key is `${P}:${string}` {
  return key.startsWith(`${prefix}:`);
}

/** The key of a message. */
export function messageKey(channel: string, ts: string): string {
  return `message:${channel}:${ts}`;
}

/** True for what a patch from the server looks like; the server is ours, so its inside is taken at its word. */
export function isPatch(value: unknown): value is Patch {
  return typeof value === 'object' && value !== null && 'set' in value && 'del' in value && 'at' in value;
}
