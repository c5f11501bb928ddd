/** A directory that several hosts have mounted: what one writes there, the others see. */
import type { SimHost } from './host.ts';
import type { FileNode, HostModel } from './model/host-model.ts';
import { BACKUP_DIR } from './model/make-host.ts';

type Files = HostModel['files'];

/** The backups' directory of these hosts becomes one. What lies in it so far is taken together. */
export function shareBackups(hosts: readonly SimHost[]): void {
  const share: Files = {};
  for (const { model } of hosts) {
    model.files = mounted(model.files, share);
  }
}

function mounted(own: Files, share: Files): Files {
  const isShared = (path: string) => path.startsWith(`${BACKUP_DIR}/`);
  for (const [path, node] of Object.entries(own)) {
    if (!isShared(path)) continue;
    share[path] ??= node;
    delete own[path];
  }
  const at = (path: string | symbol): Files => (typeof path === 'string' && isShared(path) ? share : own);
  return new Proxy<Files>(own, {
    get: (_, path) => Reflect.get(at(path), path),
    has: (_, path) => Reflect.has(at(path), path),
    set: (_, path, node: FileNode) => Reflect.set(at(path), path, node),
    deleteProperty: (_, path) => Reflect.deleteProperty(at(path), path),
    ownKeys: () => [...Reflect.ownKeys(own), ...Reflect.ownKeys(share)],
    getOwnPropertyDescriptor: (_, path) => Reflect.getOwnPropertyDescriptor(at(path), path),
  });
}
