/** The host's small file system: a map of absolute paths. /proc is made when read. */
import { createHash } from 'node:crypto';
import type { FileNode, HostModel } from './host-model.ts';
import { volumeAt } from './lvm.ts';

/** A file's text; undefined where there is none, or nothing that could be read as text. */
export function readText(model: HostModel, path: string): string | undefined {
  const node = model.files[path];
  return node?.kind === 'file' && node.base64 !== null ? Buffer.from(node.base64, 'base64').toString() : undefined;
}

/** What is at a path: a volume's device node counts as a block device. */
export function kindAt(model: HostModel, path: string): 'file' | 'dir' | 'block' | 'char' | null {
  if (path === '/dev/kvm') return model.kvm ? 'char' : null;
  if (path.startsWith('/dev/')) return volumeAt(model, path)?.active === true ? 'block' : null;
  return model.files[path]?.kind ?? null;
}

export function writeFile(model: HostModel, path: string, bytes: Buffer, owner: string, now: number): void {
  model.files[path] = {
    kind: 'file',
    owner,
    mode: '0644',
    changedAt: now,
    sizeBytes: bytes.length,
    base64: bytes.toString('base64'),
    content: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    image: null,
  };
}

export function makeDir(model: HostModel, path: string, owner: string, now: number): void {
  model.files[path] = {
    kind: 'dir',
    owner,
    mode: '0755',
    changedAt: now,
    sizeBytes: 4096,
    base64: null,
    content: '',
    image: null,
  };
}

/** An image file too large to hold: known by size and content's name. */
export function makeImage(
  model: HostModel,
  path: string,
  image: { format: string; virtualBytes: number; sizeBytes: number },
  owner: string,
  now: number,
): void {
  const { format, virtualBytes, sizeBytes } = image;
  model.files[path] = {
    kind: 'file',
    owner,
    mode: '0644',
    changedAt: now,
    sizeBytes,
    base64: null,
    content: `image:${path.split('/').at(-1)}`,
    image: { format, virtualBytes },
  };
}

/** Bytes that the host's own file system has left. */
export function freeBytes(model: HostModel): number {
  return Math.max(0, model.diskBytes - usedBytes(model));
}
export function usedBytes(model: HostModel): number {
  return Object.values(model.files).reduce((sum, it) => sum + it.sizeBytes, 802_381_824);
}

/** Whether the user may write there: root anywhere, others in what is theirs. */
export function mayWrite(model: HostModel, path: string, root: boolean): boolean {
  if (root) return true;
  const existing = model.files[path];
  if (existing !== undefined && existing.kind === 'file') return existing.owner === model.user;
  return mayChangeDir(model, parentOf(path), root);
}
export function mayChangeDir(model: HostModel, dir: string, root: boolean): boolean {
  return root || dir === '/tmp' || model.files[dir]?.owner === model.user;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** A file's checksum; of one too large to hold, that of what stands for it. */
export function digestOf(node: Pick<FileNode, 'base64' | 'content'>, algorithm: 'sha256' | 'sha512'): string {
  const bytes = node.base64 === null ? node.content : Buffer.from(node.base64, 'base64');
  return createHash(algorithm).update(bytes).digest('hex');
}

export function sha256Of(node: FileNode): string {
  return digestOf(node, 'sha256');
}
