/** A directory that several hosts have mounted: what one writes there, the others see. */
import type { SimHost } from './host.ts';
import type { FileNode, HostModel } from './model/host-model.ts';
import { BACKUP_DIR } from './model/make-host.ts';

type Files = HostModel['files'];

/** The backups' directory of these hosts becomes one, which is the first one's to keep: it stands in no other's saved state. */
export function shareBackups(hosts: readonly SimHost[]): void {
  const [keeper] = hosts;
  const share: Files = {};
  for (const { model } of hosts) {
    for (const [path, node] of Object.entries(model.files)) {
      if (!isShared(path)) continue;
      share[path] ??= node;
      delete model.files[path];
    }
  }
  for (const host of hosts) {
    host.model.files = mounted(host.model.files, share, { keeps: host === keeper, changed: () => keeper?.changed() });
  }
}

function isShared(path: string | symbol): boolean {
  return typeof path === 'string' && path.startsWith(`${BACKUP_DIR}/`);
}

/** A host's own files with those of the share among them. */
function mounted(
  own: Files,
  share: Files,
  { keeps, changed }: { readonly keeps: boolean; readonly changed: () => void },
): Files {
  const at = (path: string | symbol): Files => (isShared(path) ? share : own);
  const tell = (path: string | symbol, done: boolean): boolean => {
    if (isShared(path)) changed();
    return done;
  };
  return new Proxy<Files>(own, {
    get: (_, path) => (path === 'toJSON' && !keeps ? () => own : Reflect.get(at(path), path)),
    has: (_, path) => Reflect.has(at(path), path),
    set: (_, path, node: FileNode) => tell(path, Reflect.set(at(path), path, node)),
    deleteProperty: (_, path) => tell(path, Reflect.deleteProperty(at(path), path)),
    ownKeys: () => [...Reflect.ownKeys(own), ...Reflect.ownKeys(share)],
    getOwnPropertyDescriptor: (_, path) => Reflect.getOwnPropertyDescriptor(at(path), path),
  });
}
