/** What a volume holds, as programs read and write it. Content stands for bytes. */
import type { Volume } from '../model/host-model.ts';
import { findVolume, isPoolFull } from '../model/lvm.ts';
import { type Bulk, fail, ok, type ToolCall, type ToolResult } from './tool.ts';

const HALF = 'half of ';

/** All of it, onto stdout. */
export function volumeBulk({ content, mappedBytes }: Volume): Bulk {
  return { content, sizeBytes: mappedBytes, unpackedBytes: mappedBytes };
}

export function catVolume({ root }: ToolCall, volume: Volume, path: string): ToolResult {
  if (!volume.active) return fail(1, `cat: ${path}: No such file or directory`);
  return root ? { ...ok(), bulk: volumeBulk(volume) } : fail(1, `cat: ${path}: Permission denied`);
}

export function ddIntoVolume(call: ToolCall, volume: Volume, path: string): ToolResult {
  if (!volume.active || !call.root)
    return fail(
      1,
      `dd: failed to open '${path}': ${volume.active ? 'Permission denied' : 'No such file or directory'}`,
    );
  if (poolIsFull(call, volume)) return fail(1, `dd: error writing '${path}': No space left on device`);
  const { content = '', sizeBytes = 0 } = call.input ?? {};
  fill(volume, call.half ? `${HALF}${content}` : content, sizeBytes);
  return ok();
}

export function poolIsFull({ model }: ToolCall, { vg, pool }: Volume): boolean {
  const found = pool === null ? undefined : findVolume(model, vg, pool);
  return found !== undefined && isPoolFull(model, found);
}

export function fill(volume: Volume, content: string, bytes: number): void {
  volume.content = content;
  volume.ownBytes = Math.max(volume.ownBytes, Math.min(volume.sizeBytes, bytes));
  volume.mappedBytes = Math.max(volume.mappedBytes, volume.ownBytes);
}
